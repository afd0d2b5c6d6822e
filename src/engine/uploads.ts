import { isDeepStrictEqual } from "node:util";
import type { By } from "../core/audit.ts";
import type { Entry } from "../core/entry.ts";
import { ProviderError } from "../core/error.ts";
import { otherSide, type Side } from "../core/plan.ts";
import {
  type Clock,
  type Fetching,
  fetchMs,
  type Provider,
  type Resume,
  type Target,
} from "../core/provider.ts";
import type { HashState } from "../hash/hash.ts";
import type { Store } from "../store/open.ts";
import type { KeptUpload, UploadKey } from "../store/uploads.ts";
import type { EngineContext, Job } from "./context.ts";
import type { HashedSource } from "./source.ts";

/** What is kept of an upload: where the service goes on, and where the reading of the source does. */
interface Progress {
  readonly service: string;
  /** Null: what was read is to be read again, so that its hashes are known. */
  readonly source: HashState | null;
  /** Of what the service fetches by itself: until when that may come to something. */
  readonly fetchUntilMs?: number;
}

const progressOf = ({ state }: KeptUpload): Progress => JSON.parse(state);

export const keyOfUpload = ({ destination }: Job, side: Side, source: Entry["id"]): UploadKey => ({
  destination: destination.id,
  side,
  source,
});

/** Whether it is one that the service fetches by itself. */
export const isFetch = (kept: KeptUpload): boolean => progressOf(kept).fetchUntilMs !== undefined;

/** Whether it may come to something by itself: who sends the same meanwhile may make two of it. */
export const mayCome = (kept: KeptUpload, nowMs: number): boolean =>
  nowMs < (progressOf(kept).fetchUntilMs ?? Number.NEGATIVE_INFINITY);

/**
 * What a new attempt to bring `entry` to `target` can go on with; null: it begins anew, and what was kept of another
 * version or target is given up. `unavailable` while that may still come to something.
 */
export async function keptFor(
  job: Job,
  side: Side,
  {
    entry,
    target,
    canFetch,
    by,
  }: {
    readonly entry: Entry;
    readonly target: Target;
    readonly canFetch: boolean;
    readonly by: (operation: string) => By;
  },
  { store, clock }: EngineContext,
): Promise<KeptUpload | null> {
  const kept = store.uploads.of(keyOfUpload(job, side, entry.id));
  if (!kept) return null;
  const isOfThis = kept.revision === entry.revision && isDeepStrictEqual(kept.target, target);
  if (isOfThis && (canFetch || !isFetch(kept))) return kept;
  if (mayCome(kept, clock.now())) {
    const what = `${job[side].name} may still be fetching "${entry.name}" by itself`;
    throw new ProviderError("unavailable", `${what}; it is brought when that has ended`);
  }
  await dropUpload(kept, job[side].provider, store, by(kept.operation));
  return null;
}

/** From what the reading of the source goes on. */
export const begunIn = (kept: KeptUpload | null): HashState | null =>
  kept && progressOf(kept).source;

/** Keeps how far an upload came, together with what was read of its source by then. */
export function resumeOf(
  upload: Omit<KeptUpload, "state">,
  stateAt: HashedSource["stateAt"],
  store: Store,
): Resume {
  return {
    get saved() {
      const kept = store.uploads.of(upload);
      return kept?.operation === upload.operation ? progressOf(kept).service : null;
    },
    save(service, sentBytes) {
      const progress: Progress = { service, source: stateAt(sentBytes) };
      return store.commit(() => store.uploads.put({ ...upload, state: JSON.stringify(progress) }));
    },
  };
}

/** Keeps what the service was asked to fetch by itself. */
export function fetchingOf(
  upload: Omit<KeptUpload, "state">,
  { uploads, commit }: Store,
  clock: Clock,
): Fetching {
  return {
    get saved() {
      const kept = uploads.of(upload);
      return kept?.operation === upload.operation && isFetch(kept)
        ? progressOf(kept).service
        : null;
    },
    save(service) {
      if (service === null) return commit(() => uploads.remove(upload));
      const fetchUntilMs = clock.now() + fetchMs;
      const progress: Progress = { service, source: null, fetchUntilMs };
      return commit(() => uploads.put({ ...upload, state: JSON.stringify(progress) }));
    },
  };
}

/** What is kept of what an intent has sent; null: nothing, so that its parts are of no use. */
export const keptBy = (job: Job, operation: string, { uploads }: Store): KeptUpload | null =>
  uploads.ofDestination(job.destination.id).find((kept) => kept.operation === operation) ?? null;

/** Gives up what is kept of an upload, with the parts of it that only we can remove. */
export async function dropUpload(
  kept: KeptUpload,
  provider: Provider,
  { uploads }: Store,
  by: By,
): Promise<void> {
  if (!isFetch(kept)) {
    await provider.abandon?.(kept.target, kept.operation, progressOf(kept).service, { by });
  }
  uploads.remove(kept);
}

/** Gives up the uploads of a destination that no attempt will go on with: their source is another one, or gone. */
export async function dropStaleUploads(
  job: Job,
  { store, clock }: EngineContext,
  run: number,
): Promise<void> {
  for (const kept of store.uploads.ofDestination(job.destination.id)) {
    const source = job[otherSide(kept.side)].tree.get(kept.source);
    if (source?.revision === kept.revision || mayCome(kept, clock.now())) continue;
    const by = { rule: job.rule.name, run, operation: kept.operation };
    await dropUpload(kept, job[kept.side].provider, store, by);
  }
}
