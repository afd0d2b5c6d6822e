import { type Content, compareContent } from "../core/content.ts";
import type { ItemState } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Action, Step } from "../core/plan.ts";
import type { Version } from "../core/provider.ts";
import { isTold, restoredEffect } from "./brought.ts";
import type { EngineAccount } from "./context.ts";
import { displacedBy, noteDisplaced } from "./displaced.ts";
import { type Effect, type Hands, stale } from "./effects.ts";
import { stateOf } from "./intent.ts";
import { limiterOf } from "./limit.ts";
import { hear } from "./own.ts";
import { settleRestored, settleReverted } from "./reunite.ts";
import { createSource, type HashedSource } from "./source.ts";
import { askedOf, takeIn } from "./stat.ts";
import { toldOf } from "./transfer.ts";

type ActionOf<Type extends Action["type"]> = Extract<Action, { type: Type }>;

/** Steps that only an undo has. */
export interface Putter {
  revert(step: Step, action: ActionOf<"revert">): Promise<Effect | typeof stale>;
  restore(step: Step, action: ActionOf<"restore">): Promise<Effect | typeof stale>;
}

/** A file that has its former bytes again. */
interface Reverted {
  readonly step: Step;
  readonly before: ItemState;
  readonly written: Entry;
  readonly content: Content;
  readonly intent: string;
  readonly displaced: readonly Version[];
  readonly keep: () => void;
}

export function createPutter(hands: Hands): Putter {
  const { job, context, signal } = hands;
  const { store, clock, tell } = context;

  async function revert(step: Step, action: ActionOf<"revert">): Promise<Effect | typeof stale> {
    const { side } = step;
    const { provider, tree } = job[side];
    const { target: id, targetRevision, revision, sizeBytes } = action;
    const entry = tree.get(id);
    if (entry?.revision !== targetRevision) return stale;
    const intent = context.newId();
    const target = { type: "replace", id, revision: targetRevision } as const;
    const before = stateOf(entry);
    const former = { revision, sizeBytes };
    await hands.begin(intent, { type: "revert", step: toldOf(step), before, target, former });
    const release = await context.lanes.take(sizeBytes, provider.traits.heldBytes(sizeBytes));
    try {
      const version = { ...entry, revision, sizeBytes, hashes: {} };
      const bytes = createSource(provider, version, {
        exportAs: null,
        former: true,
        clock,
        signal,
        limiter: limiterOf(job.rule, clock),
      });
      const asked = askedOf(job[side], id);
      const written = await write(step, action, bytes, intent);
      const content = bytes.content();
      if (!written || !content) return stale;
      if (compareContent(written, content) === "different") throw damaged(job[side], written);
      const displaced = await displacedBy(job[side], target, written);
      const hashes = { ...content.hashes, ...written.hashes };
      const keep = await hear(job[side], asked, { ...written, hashes }, clock);
      return reverted({ step, before, written, content, intent, displaced, keep });
    } finally {
      release();
    }
  }

  /** Null when the item is no longer at the revision that was to be replaced. */
  async function write(
    step: Step,
    { target: id, targetRevision, modifiedAtMs }: ActionOf<"revert">,
    bytes: HashedSource,
    operation: string,
  ): Promise<Entry | null> {
    const account = job[step.side];
    const target = { type: "replace", id, revision: targetRevision } as const;
    try {
      return await account.provider.write(target, bytes, {
        modifiedAt: modifiedAtMs === null ? null : new Date(modifiedAtMs),
        operation,
        by: hands.by(operation),
        signal,
        onProgress: (sentBytes) => tell({ type: "progress", rule: job.rule.name, step, sentBytes }),
      });
    } catch (error) {
      const broken = bytes.failure();
      if (isProviderError(broken, "changed", "not-found")) throw notKept(broken);
      return writtenAnyway(error, bytes.content(), account);
    }
  }

  function reverted(what: Reverted): Effect {
    const { step, before, written, content, intent, displaced, keep } = what;
    const { side } = step;
    return {
      bytes: content.sizeBytes ?? 0,
      effect: { side, id: written.id, kind: "file", before, after: stateOf(written) },
      record() {
        keep();
        settleReverted(job, context, side, written);
        const made = { step: toldOf(step), written, sentModifiedAtMs: null };
        noteDisplaced(job, context, made, displaced);
        store.intents.close(intent);
      },
    };
  }

  async function restore(step: Step, action: ActionOf<"restore">): Promise<Effect | typeof stale> {
    const account = job[step.side];
    const { trashed: id, kind, revision } = action;
    const at = { parent: hands.resolve(action.at.parent), name: action.at.name };
    if (!account.tree.get(at.parent)) return stale;
    const intent = context.newId();
    const trashed = { id, kind, at, revision };
    const body = { type: "restore", step: toldOf(step), before: null, trashed } as const;
    await hands.begin(intent, body);
    const asked = askedOf(account, id);
    const entry = await account.provider
      .restore(trashed, { by: hands.by(intent) })
      .catch((error: unknown) => {
        throw isProviderError(error, "not-found") ? notKept(error) : error;
      });
    hands.made.set(step.id, entry.id);
    const isFile = kind !== "folder";
    const keep = isFile ? await hear(account, asked, entry, clock) : () => {};
    const isKnown = isFile || (await isTold(account, context, entry.id, signal));
    const left = { ...body, restored: entry.id };
    return {
      bytes: 0,
      effect: restoredEffect(account, step.side, entry),
      record() {
        keep();
        if (isKnown) settleRestored(job, context, step, entry);
        if (isKnown) return store.intents.close(intent);
        // The next run settles it, when the feed has told what came back with it.
        const { item } = step.unit;
        store.intents.open({ id: intent, destination: job.destination.id, item, body: left });
      },
    };
  }

  return { revert, restore };
}

/** An earlier attempt may have had its effect, and only its answer was lost. */
async function writtenAnyway(
  error: unknown,
  sent: Content | null,
  account: EngineAccount,
): Promise<Entry | null> {
  if (!isProviderError(error, "changed", "not-found")) throw error;
  const { existing } = error;
  if (existing && sent && compareContent(existing, sent) === "same") return existing;
  await takeIn(account, existing);
  return null;
}

const notKept = (cause: Error) =>
  new Error(`it can't be put back any more: ${cause.message}`, { cause });

const damaged = ({ name: account }: EngineAccount, { name }: Entry) =>
  new ProviderError(
    "corrupt",
    `${account}: "${name}" arrived with other bytes than were sent; its newer version is in the history`,
  );
