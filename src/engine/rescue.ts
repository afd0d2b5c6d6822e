import type { By } from "../core/audit.ts";
import { type Content, compareContent } from "../core/content.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import { numbered } from "../core/names.ts";
import type { Provider, Target, WriteOptions } from "../core/provider.ts";
import { isWithin, resolveFolder } from "../core/scope.ts";
import type { IntentRow } from "../store/intents.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import { type Intent, stateOf } from "./intent.ts";
import { hear } from "./own.ts";
import type { Performer } from "./perform.ts";
import { recordStep } from "./record.ts";
import { failedWith } from "./report.ts";
import { createSource, type HashedSource, readContent } from "./source.ts";
import { unmade } from "./stat.ts";
import { takeBack } from "./take-back.ts";

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
  const folder = intent.at && folderFor(job, context, intent);
  if (intent.at !== null && folder === null) return null;
  // Else the version gave way for good.
  const by = { rule: job.rule.name, run, operation: row.id };
  const brought = folder && (await bring(account, context, row, { intent, folder, by }, signal));
  const entry = brought?.entry ? withHashes(brought.entry, brought.content) : null;
  const keep = entry ? await hear(account, unmade, entry, clock) : () => {};
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
    keep();
    recordStep(store, { run, rule: job.rule.name, step, bytes, effect, error: null });
    store.intents.close(row.id);
  });
  return bytes;
}

/**
 * The file's folder; where somebody has taken it out of the rule's folder, the one that it was taken from, as far as that
 * is there: nothing is written outside. Null while the file, or the rule's folder, is gone.
 */
function folderFor(
  { destination, ...accounts }: Job,
  { store }: EngineContext,
  { of, step: { side, path } }: Rescue,
): ItemId | null {
  const { tree, provider } = accounts[side];
  const folder = tree.get(of)?.parent ?? null;
  if (folder === null || !tree.get(folder)) return null;
  const { fromRoot, toRoot } = store.destinations.get(destination.id);
  const root = side === "from" ? fromRoot : toRoot;
  if (root === null || !tree.get(root)) return null;
  if (isWithin(tree, root, folder)) return folder;
  return resolveFolder(tree, root, path.split("/").slice(0, -1), provider.traits.names).folder;
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

async function bring(
  account: EngineAccount,
  context: EngineContext,
  row: IntentRow,
  {
    intent,
    folder: parent,
    by,
  }: { readonly intent: Rescue; readonly folder: ItemId; readonly by: By },
  signal: AbortSignal,
): Promise<Brought | null> {
  const { clock, lanes } = context;
  const { provider } = account;
  if (intent.at === null) return null;
  let at = await placeOf(account, context, row, intent.at);
  const version = versionOf(account, intent);
  const { sizeBytes } = version;
  const release = await lanes.take(sizeBytes, provider.traits.heldBytes(sizeBytes));
  try {
    const reading = { former: true, clock, signal } as const;
    const source = createSource(provider, version, { ...reading, exportAs: null });
    const { modifiedAt } = version;
    for (let n = 1; ; n++) {
      const name = n === 1 ? at.name : numbered(at.name, n, provider.traits.names);
      const target = { type: "new", at: { parent, name }, ...(at.id && { id: at.id }) } as const;
      const options = { modifiedAt, operation: row.id, by, signal };
      const { entry, isTaken } = await put(provider, target, source, options);
      const content = source.content() ?? (await readContent(provider, version, reading));
      const compared = entry && compareContent(entry, content);
      const isDamaged = !isTaken && !entry?.rewritten && compared === "different";
      if (entry && isDamaged) return await undoCopy(account, context, row, { at, entry, by });
      const isOurs = at.id !== undefined && compared !== "different";
      if (!isTaken || compared === "same" || isOurs) return { entry, content };
      // It arrived damaged and nobody saw that, or is a person's by now: in either case it is not this version.
      if (at.id) at = await placeOf(account, context, row, { parent: at.parent, name: at.name });
    }
  } finally {
    release();
  }
}

/** What arrived damaged goes to the trash; throws that it did. Its id is not kept: used and gone is a copy that somebody took away. */
async function undoCopy(
  { name, provider }: EngineAccount,
  context: EngineContext,
  row: IntentRow,
  { at, entry, by }: { readonly at: At; readonly entry: Entry; readonly by: By },
): Promise<never> {
  if (at.id) await keepPlace(context, row, { parent: at.parent, name: at.name });
  await takeBack(provider, entry, by).catch((error: unknown) => {
    // Somebody has saved it: theirs from now on, and not this version.
    if (!isProviderError(error, "changed")) throw error;
  });
  const words = `${name}: "${entry.name}" arrived with other bytes than were sent`;
  throw new ProviderError("corrupt", words);
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
  context: EngineContext,
  row: IntentRow,
  at: At,
): Promise<At> {
  if (at.id !== undefined || !provider.reserveIds) return at;
  const [id] = await provider.reserveIds(1);
  const placed = { ...at, ...(id && { id }) };
  await keepPlace(context, row, placed);
  return placed;
}

const keepPlace = ({ store }: EngineContext, row: IntentRow, at: At): Promise<void> =>
  store.commit(() => store.intents.open({ ...row, body: { ...(row.body as Rescue), at } }));

type At = NonNullable<Rescue["at"]>;
