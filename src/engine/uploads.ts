import { isDeepStrictEqual } from "node:util";
import type { Entry } from "../core/entry.ts";
import { otherSide, type Side } from "../core/plan.ts";
import type { Provider, Resume, Target } from "../core/provider.ts";
import type { Store } from "../store/open.ts";
import type { KeptUpload, UploadKey } from "../store/uploads.ts";
import type { EngineContext, Job } from "./context.ts";
import type { HashState } from "./hash.ts";
import type { HashedSource } from "./source.ts";

/** What is kept of an upload: where the service goes on, and where the reading of the source does. */
interface Progress {
  readonly service: string;
  /** Null: what was read is to be read again, so that its hashes are known. */
  readonly source: HashState | null;
}

const progressOf = ({ state }: KeptUpload): Progress => JSON.parse(state);

export const keyOfUpload = ({ destination }: Job, side: Side, source: Entry["id"]): UploadKey => ({
  destination: destination.id,
  side,
  source,
});

/**
 * What a new attempt to bring `entry` to `target` can go on with; null: it begins anew, and what was kept of another
 * version or target is given up.
 */
export async function keptFor(
  job: Job,
  side: Side,
  { entry, target }: { readonly entry: Entry; readonly target: Target },
  store: Store,
): Promise<KeptUpload | null> {
  const kept = store.uploads.of(keyOfUpload(job, side, entry.id));
  if (!kept) return null;
  if (kept.revision === entry.revision && isDeepStrictEqual(kept.target, target)) return kept;
  await dropUpload(kept, job[side].provider, store);
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

/** What is kept of what an intent has sent; null: nothing, so that its parts are of no use. */
export const keptBy = (job: Job, operation: string, { uploads }: Store): KeptUpload | null =>
  uploads.ofDestination(job.destination.id).find((kept) => kept.operation === operation) ?? null;

/** Gives up what is kept of an upload, with the parts of it that only we can remove. */
export async function dropUpload(
  kept: KeptUpload,
  provider: Provider,
  { uploads }: Store,
): Promise<void> {
  await provider.abandon?.(kept.target, kept.operation, progressOf(kept).service);
  uploads.remove(kept);
}

/** Gives up the uploads of a destination that no attempt will go on with: their source is another one, or gone. */
export async function dropStaleUploads(job: Job, { store }: EngineContext): Promise<void> {
  for (const kept of store.uploads.ofDestination(job.destination.id)) {
    const source = job[otherSide(kept.side)].tree.get(kept.source);
    if (source?.revision === kept.revision) continue;
    await dropUpload(kept, job[kept.side].provider, store);
  }
}
