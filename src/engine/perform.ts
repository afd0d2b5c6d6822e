import type { Entry, ItemId } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import { type ItemRef, type Link, otherSide, refKey, type Step, touchedBy } from "../core/plan.ts";
import { createArranger } from "./arrange.ts";
import type { EngineContext, Job } from "./context.ts";
import { type Effect, type Hands, stale } from "./effects.ts";
import type { StepOutcome } from "./execute.ts";
import { createIdPool } from "./ids.ts";
import type { IntendedStep } from "./intent.ts";
import { dropMissing } from "./missing.ts";
import { createPutter } from "./put-back.ts";
import { counterpartsOf, quietly } from "./quiet.ts";
import { recordStep } from "./record.ts";
import { type Failed, failedWith, isLongRest } from "./report.ts";
import type { Reservations } from "./reserved.ts";
import { createTransfers } from "./transfer.ts";
import { createUnits, type OpenUnit } from "./units.ts";

/** One run's way of carrying out steps. */
export interface Performer {
  /**
   * Keeps what is known of the items of a plan's steps: links say what was brought, however the source moves
   * on meanwhile. Call it in the instant in which they were planned. The answer carries them out, one by
   * one, and throws only what concerns the whole run: an abort, a dead grant, a full account.
   */
  begin(steps: readonly Step[]): (step: Step) => Promise<StepOutcome>;
  /** Steps that were carried out, with the bytes that they really moved. */
  readonly done: { readonly step: IntendedStep; readonly bytes: number }[];
  readonly failed: (Failed & { readonly step: IntendedStep })[];
}

export interface PerformerOptions {
  readonly run: number;
  readonly reservations: Reservations;
  readonly signal: AbortSignal;
}

/**
 * Carries out steps at either side: intent first, then the request, then one transaction that moves the
 * link, both mirrors and the log and closes the intent. When a request fails the intent stays open,
 * however definite the failure: of several attempts an earlier one may have had its effect. Recovery asks.
 */
export function createPerformer(
  job: Job,
  context: EngineContext,
  options: PerformerOptions,
): Performer {
  const { rule, destination } = job;
  const { store, tell } = context;
  const { signal, run } = options;
  const ids = { from: createIdPool(job.from.provider), to: createIdPool(job.to.provider) };
  let isStopped = false;
  const done: Performer["done"] = [];
  const failed: Performer["failed"] = [];
  const units = createUnits(job, store);

  /** Records the effect; a unit is settled with its last step. */
  async function commit(step: Step, unit: OpenUnit | undefined, what: Effect): Promise<void> {
    const { bytes, effect, record } = what;
    const recordAll = () => {
      record();
      recordStep(store, { run, rule: rule.name, step, bytes, effect, error: null });
    };
    await store.commit(() => {
      if (step.undoes) return quietly(job, store, quietIn(step), effect, recordAll);
      const isLast = units.record(step, unit, what, recordAll);
      // Under `move` what has arrived is looked at again in the same run: then its source goes.
      if (isLast && rule.mode === "move" && isBrought(step)) {
        store.dirty.renew(destination.id, step.unit);
      }
    });
    if (what.reserved) options.reservations.delete(what.reserved);
    done.push({ step, bytes });
    tell({ type: "done", rule: rule.name, step });
  }

  async function fail(step: Step, error: unknown): Promise<void> {
    const why = failedWith(error, context.clock.now());
    const { message, retryable } = why;
    await store.commit(() => {
      if (!step.undoes) store.dirty.fail(destination.id, step.unit, message, retryable);
      recordStep(store, { run, rule: rule.name, step, bytes: 0, effect: null, error: message });
    });
    failed.push({ ...why, step });
    tell({ type: "failed", rule: rule.name, step, message });
  }

  /** Throws what concerns the whole run. */
  async function endBroken(step: Step, error: unknown): Promise<StepOutcome> {
    if (signal.aborted) throw error;
    if (isProviderError(error, "not-found")) await dropMissing(job, context, step);
    if (isStale(error)) return tellStale(step);
    const stops = stopsTheRun(error);
    const isFirst = !isStopped;
    isStopped ||= stops;
    // Of all that were under way together when the run had to stop, one tells.
    if (!stops || isFirst) await fail(step, error);
    if (stops) throw error;
    return "failed";
  }

  function tellStale(step: Step): StepOutcome {
    tell({ type: "stale", rule: rule.name, step });
    return "stale";
  }

  /** What a step of an undo touches; what came back says itself whether it is to be looked at. */
  function quietIn(step: Step): ItemRef[] {
    const { action, side } = step;
    if (action.type === "restore") return [];
    const held = action.type === "trash" ? action.holds : [];
    return [...touchedBy(step), ...counterpartsOf(job, store, side, held)];
  }

  return {
    done,
    failed,
    begin(steps) {
      const open = new Map<string, OpenUnit>();
      const byUnit = Map.groupBy(steps, ({ unit }) => refKey(unit));
      for (const [key, ofUnit] of byUnit) open.set(key, units.open(ofUnit));
      const planned = new Map<string, Entry | null>();
      for (const step of steps) {
        const side = otherSide(step.side);
        const item = sourceOf(step, (id) => store.links.of(destination.id, step.side, id));
        if (item) planned.set(refKey({ side, item }), job[side].tree.get(item));
        if (step.action.type !== "trash" && step.action.type !== "link") continue;
        const { target } = step.action;
        const key = refKey({ side: step.side, item: target });
        planned.set(key, job[step.side].tree.get(target));
      }
      const carryOut = createHands({ job, context, options, ids, planned });
      return async (step) => {
        signal.throwIfAborted();
        const unit = open.get(refKey(step.unit));
        // Nothing of which something was heard is removed.
        if (step.action.type === "trash" && units.isNews(unit)) return tellStale(step);
        tell({ type: "started", rule: rule.name, step });
        try {
          const effect = await carryOut(step);
          if (effect === stale) return tellStale(step);
          await commit(step, unit, effect);
          return "done";
        } catch (error) {
          return endBroken(step, error);
        }
      };
    },
  };
}

interface Batch {
  readonly job: Job;
  readonly context: EngineContext;
  readonly options: PerformerOptions;
  readonly ids: Hands["ids"];
  readonly planned: Map<string, Entry | null>;
}

/** What carries out the steps of one plan. */
function createHands({ job, context, options, ids, planned }: Batch) {
  const { store } = context;
  const made = new Map<string, ItemId>();
  const hands: Hands = {
    job,
    context,
    signal: options.signal,
    reservations: options.reservations,
    ids,
    made,
    linkOf: (side, id) => store.links.of(job.destination.id, side, id),
    plannedOf: (side, item) => planned.get(refKey({ side, item })) ?? null,
    keepPlace(side, { id, parent, name }) {
      const key = refKey({ side, item: id });
      const known = planned.get(key);
      if (known) planned.set(key, { ...known, parent, name });
    },
    resolve(ref) {
      if ("id" in ref) return ref.id;
      const id = made.get(ref.step);
      if (!id) throw new Error(`step ${ref.step} has made no folder`);
      return id;
    },
    by: (operation) => ({ rule: job.rule.name, run: options.run, operation }),
    begin: (id, body) => {
      const { item } = body.step.unit;
      const intent = { id, destination: job.destination.id, item, body };
      return store.commit(() => store.intents.open(intent));
    },
  };
  const transfers = createTransfers(hands);
  const arranger = createArranger(hands);
  const putter = createPutter(hands);

  return async (step: Step): Promise<Effect | typeof stale> => {
    const { action } = step;
    switch (action.type) {
      case "upload":
      case "update":
        return transfers.transfer(step, action);
      case "create-folder":
        return arranger.createFolder(step, action);
      case "move":
      case "set-aside":
        return arranger.move(step, action);
      case "trash":
        return arranger.trash(step, action);
      case "link":
        return arranger.adopt(step, action);
      case "review":
        return arranger.review(step, action);
      case "compare":
        return transfers.compare(step, action);
      case "revert":
        return putter.revert(step, action);
      case "restore":
        return putter.restore(step, action);
      case "skip":
        if (action.isRefused) throw new ProviderError("name-refused", step.why);
        return { bytes: 0, effect: null, record: () => {} };
    }
  };
}

/** The item of the other side that a step follows, or takes content from. */
function sourceOf({ action, side }: Step, linkOf: (id: ItemId) => Link | null): ItemId | null {
  if ("source" in action) return action.source;
  return action.type === "move" ? (linkOf(action.target)?.[otherSide(side)].id ?? null) : null;
}

const isBrought = ({ action: { type } }: Step) =>
  type === "upload" || type === "update" || type === "link" || type === "move";

/** Nothing else at this account will succeed either. */
function stopsTheRun(error: unknown): boolean {
  return isLongRest(error) || isProviderError(error, "unauthorized", "out-of-space");
}

/** The plan was made from a mirror that lags: read the feed and plan again. */
function isStale(error: unknown): boolean {
  return isProviderError(error, "not-found", "already-exists", "changed");
}
