import { type Content, compareContent } from "../core/content.ts";
import type { Entry } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import { numbered } from "../core/names.ts";
import type { Provider, Target, WriteOptions } from "../core/provider.ts";
import type { IntentRow } from "../store/intents.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import { type Intent, stateOf } from "./intent.ts";
import { observeOwn } from "./own.ts";
import type { Performer } from "./perform.ts";
import { recordStep } from "./record.ts";
import { failedWith } from "./report.ts";
import { createSource, type HashedSource, readContent } from "./source.ts";

export interface Rescuing {
  readonly run: number;
  readonly signal: AbortSignal;
  /** Where it is told what was done, and what failed. */
  readonly told: Pick<Performer, "done" | "failed">;
}

/**
 * Brings back what `noteDisplaced` wrote down, in this run or in one that was killed; whether there is a new file for
 * the rule to look at. What fails stays written down for the next run, unless the version can't be had any more. With
 * a file in the trash lie its versions: they are brought back when somebody takes it out again.
 */
export async function rescue(
  job: Job,
  context: EngineContext,
  { run, signal, told }: Rescuing,
): Promise<boolean> {
  const { store, tell } = context;
  const rule = job.rule.name;
  let isNews = false;
  for (const row of store.intents.ofDestination(job.destination.id)) {
    const intent = row.body as Intent;
    if (intent.type !== "rescue") continue;
    const { step } = intent;
    try {
      const bytes = await rescueOne(job, context, row, intent, { run, signal });
      if (bytes === null) continue;
      told.done.push({ step, bytes });
      tell({ type: "done", rule, step });
      isNews ||= intent.at !== null;
    } catch (error) {
      if (signal.aborted || !isProviderError(error)) throw error;
      // The file, or its folder, went this instant: the feed will tell.
      if (error.failure === "not-found") continue;
      // Reading alone fails so: the version is not kept any more.
      const isLost = error.failure === "changed";
      const failure = failedWith(error, context.clock.now());
      const message = `what was displaced could not be brought back: ${failure.message}`;
      await store.commit(() => {
        recordStep(store, { run, rule, step, bytes: 0, effect: null, error: message });
        if (isLost) store.intents.close(row.id);
      });
      told.failed.push({ step, ...failure, message });
      tell({ type: "failed", rule, step, message });
    }
  }
  return isNews;
}

type Rescue = Extract<Intent, { type: "rescue" }>;

/** Does and records it; the bytes that were moved, or null where the file is gone, with all its versions. */
async function rescueOne(
  job: Job,
  context: EngineContext,
  row: IntentRow,
  intent: Rescue,
  { run, signal }: Pick<Rescuing, "run" | "signal">,
): Promise<number | null> {
  const { store, clock } = context;
  const { step } = intent;
  const { side } = step;
  const account = job[side];
  const folder = account.tree.get(intent.of)?.parent ?? null;
  if (intent.at !== null && (folder === null || !account.tree.get(folder))) return null;
  const brought = await bring(account, context, row, intent, signal);
  const entry = brought?.entry ?? null;
  const bytes = brought?.content.sizeBytes ?? 0;
  const effect = entry && {
    side,
    id: entry.id,
    kind: entry.kind,
    before: null,
    after: stateOf(entry),
  };
  await store.commit(() => {
    // A file like any other from now on: the rule looks at it.
    if (entry && brought) observeOwn(account, withHashes(entry, brought.content), clock.now());
    recordStep(store, { run, rule: job.rule.name, step, bytes, effect, error: null });
    store.intents.close(row.id);
  });
  return bytes;
}

const withHashes = (entry: Entry, content: Content): Entry => ({
  ...entry,
  hashes: { ...(!entry.rewritten && content.hashes), ...entry.hashes },
});

interface Brought {
  /** Null: an earlier attempt made it, and somebody has taken it away since. */
  readonly entry: Entry | null;
  readonly content: Content;
}

/** Null: the version gave way for good. */
async function bring(
  account: EngineAccount,
  context: EngineContext,
  row: IntentRow,
  intent: Rescue,
  signal: AbortSignal,
): Promise<Brought | null> {
  const { clock, lanes } = context;
  const { provider } = account;
  const at = await placeOf(account, context, row, intent);
  if (at === null) return null;
  const version = versionOf(account, intent);
  const parent = version.parent ?? at.parent;
  const release = await lanes.take(version.sizeBytes);
  try {
    const source = createSource(provider, version, { exportAs: null, clock, signal });
    const { modifiedAt } = version;
    for (let n = 1; ; n++) {
      const name = n === 1 ? at.name : numbered(at.name, n, provider.traits.names);
      const target = { type: "new", at: { parent, name }, ...(at.id && { id: at.id }) } as const;
      const options = { modifiedAt, operation: row.id, signal };
      const { entry, isTaken } = await put(provider, target, source, options);
      const content = source.content() ?? (await readContent(provider, version, { clock, signal }));
      if (!isTaken && entry) await verify(account, entry, content);
      const isSame = entry !== null && compareContent(entry, content) === "same";
      if (!isTaken || at.id || isSame) return { entry, content };
    }
  } finally {
    release();
  }
}

/** `isTaken`: an id of our own was used by an earlier attempt, or something else has the name. */
async function put(
  provider: Provider,
  target: Target,
  source: HashedSource,
  options: WriteOptions,
): Promise<{ readonly entry: Entry | null; readonly isTaken: boolean }> {
  try {
    return { entry: await provider.write(target, source, options), isTaken: false };
  } catch (error) {
    if (isProviderError(error, "already-exists")) return { entry: error.existing, isTaken: true };
    throw source.failure() ?? error;
  }
}

/** The file as it was at that version; `not-found` where it is gone. */
function versionOf({ name, tree }: EngineAccount, { of, version, step }: Rescue): Entry {
  const known = tree.get(of);
  if (!known) throw new ProviderError("not-found", `${name}: "${step.from}" is no longer there`);
  const { revision, sizeBytes, hashes, modifiedAtMs } = version;
  const modifiedAt = modifiedAtMs === null ? null : new Date(modifiedAtMs);
  return { ...known, revision, sizeBytes, modifiedAt, hashes };
}

/** Where it goes, with an id of its own where the service would make a second file of a repeated request. */
async function placeOf(
  { provider }: EngineAccount,
  { store }: EngineContext,
  row: IntentRow,
  intent: Rescue,
): Promise<Rescue["at"]> {
  const { at } = intent;
  if (at === null || at.id !== undefined || !provider.reserveIds) return at;
  const [id] = await provider.reserveIds(1);
  const placed = { ...at, ...(id && { id }) };
  await store.commit(() => store.intents.open({ ...row, body: { ...intent, at: placed } }));
  return placed;
}

async function verify({ name, provider }: EngineAccount, entry: Entry, content: Content) {
  if (entry.rewritten || compareContent(entry, content) !== "different") return;
  await provider.trash(entry.id);
  const words = `${name}: "${entry.name}" arrived with other bytes than were sent`;
  throw new ProviderError("corrupt", words);
}
