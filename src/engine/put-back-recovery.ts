import { compareContent } from "../core/content.ts";
import type { StepEffect } from "../core/effect.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { sameName } from "../core/names.ts";
import { restoredEffect } from "./brought.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import { displacedBy, noteDisplaced } from "./displaced.ts";
import { type Intent, type PutBackIntent, stateOf } from "./intent.ts";
import { hear, observeOwn } from "./own.ts";
import { recordStep } from "./record.ts";
import { settleRestored, settleReverted } from "./reunite.ts";
import { readContent } from "./source.ts";
import { askedOf, statNow } from "./stat.ts";

type Open<Type extends PutBackIntent["type"]> = Extract<Intent, { type: Type }>;

/** Settles a step of an undo that was cut off; see `recover`. */
export async function recoverPutBack(
  job: Job,
  context: EngineContext,
  id: string,
  intent: Extract<Intent, PutBackIntent>,
  run: number,
): Promise<void> {
  const told = (effect: StepEffect, bytes: number) => {
    const { step } = intent;
    const done = { run, rule: job.rule.name, step, bytes, effect, error: null };
    recordStep(context.store, done);
  };
  if (intent.type === "revert") {
    const by = { rule: job.rule.name, run, operation: id };
    await job[intent.step.side].provider.abandon?.(intent.target, id, undefined, { by });
    await recoverRevert(job, context, id, intent, told);
  } else await recoverRestore(job, context, id, intent, told);
}

type Tell = (effect: StepEffect, bytes: number) => void;

async function recoverRevert(
  job: Job,
  context: EngineContext,
  id: string,
  intent: Open<"revert">,
  tell: Tell,
): Promise<void> {
  const { store, clock } = context;
  const { target, before, step } = intent;
  const { side } = step;
  const account = job[side];
  const found = await statNow(account, target.id);
  const asked = askedOf(account, target.id);
  const isOurs = found !== null && (await isReverted(account, context, intent, found));
  const displaced = isOurs ? await displacedBy(account, target, found) : [];
  const keep = found ? await hear(account, asked, found, clock) : () => {};
  store.transaction(() => {
    keep();
    if (isOurs) {
      settleReverted(job, context, side, found);
      noteDisplaced(job, context, { step, written: found, sentModifiedAtMs: null }, displaced);
      store.dirty.clear(job.destination.id, { side, item: found.id });
      const { kind, sizeBytes } = found;
      tell({ side, id: found.id, kind, before, after: stateOf(found) }, sizeBytes ?? 0);
    }
    store.intents.close(id);
  });
}

/** Whether an item holds the bytes of its former version, which are read to learn that. */
async function isReverted(
  { provider }: EngineAccount,
  { clock }: EngineContext,
  { target, former }: Open<"revert">,
  found: Entry,
): Promise<boolean> {
  if (found.kind !== "file" || found.revision === target.revision) return false;
  try {
    const version = { ...found, ...former, hashes: {} };
    const content = await readContent(provider, version, { former: true, clock });
    return compareContent(content, found) === "same";
  } catch (error) {
    if (isProviderError(error, "changed", "not-found", "forbidden")) return false;
    throw error;
  }
}

async function recoverRestore(
  job: Job,
  context: EngineContext,
  id: string,
  intent: Open<"restore">,
  tell: Tell,
): Promise<void> {
  const { store, clock } = context;
  const { step, restored } = intent;
  const account = job[step.side];
  const isFree = (item: ItemId) => store.links.of(job.destination.id, step.side, item) === null;
  const entry = await restoredOf(account, intent, isFree);
  // The feed has not told yet what came back with it.
  if (entry?.kind === "folder" && !account.tree.get(entry.id)) return;
  store.transaction(() => {
    if (entry && entry.kind !== "folder") observeOwn(account, entry, clock.now());
    if (entry) settleRestored(job, context, step, entry);
    if (entry && restored === undefined) tell(restoredEffect(account, step.side, entry), 0);
    store.intents.close(id);
  });
}

/** The item that came back, as it is now: under its id, or another one in its place. */
async function restoredOf(
  account: EngineAccount,
  { trashed, restored }: Open<"restore">,
  isFree: (item: ItemId) => boolean,
): Promise<Entry | null> {
  const { provider, tree } = account;
  const known = await statNow(account, restored ?? trashed.id);
  if (known || restored !== undefined) return known;
  const { parent, name } = trashed.at;
  return (
    tree
      .named(parent, name)
      .filter((entry) => sameName(entry.name, name, provider.traits.names))
      .find(({ id, kind }) => kind === trashed.kind && isFree(id)) ?? null
  );
}
