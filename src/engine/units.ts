import type { StepEffect } from "../core/effect.ts";
import type { ItemId } from "../core/entry.ts";
import { type ItemRef, refKey, type Side, type Step, settledBy, sides } from "../core/plan.ts";
import { isMoved } from "../core/standing.ts";
import type { EngineContext, Job } from "./context.ts";
import type { Effect } from "./effects.ts";
import { isAsLinked } from "./link.ts";
import { unqueue } from "./unqueue.ts";

/** A unit with steps that are not done yet. */
export interface OpenUnit {
  /** Its items, with how often they were marked when it was planned, and by us since. */
  marks: { readonly ref: ItemRef; count: number }[];
  stepsLeft: number;
  /** Whether a person is to decide on it. */
  readonly isAsked: boolean;
  /** Whether it is left as it is, and a person asked or told. */
  readonly isTold: boolean;
}

/**
 * The marks of all that the steps of a run settle. They go with a unit's last step, and only where that shows
 * that nothing is left to do:
 *
 * - nobody else has marked the item since it was planned;
 * - what recording a step has marked is what the step did to that very item, and the mirror shows nothing newer;
 * - both items of a link are as that says; else the unit is looked at once more in the same run, and where that
 *   does not help it stays marked.
 */
export interface Units {
  open(steps: readonly Step[]): OpenUnit;
  /** Whether something was heard of a unit after it was planned. */
  isNews(unit: OpenUnit | undefined): boolean;
  /** Does what records a step, within the caller's transaction; whether that was the last one of its unit. */
  record(
    step: Step,
    unit: OpenUnit | undefined,
    what: Pick<Effect, "effect" | "news">,
    work: () => void,
  ): boolean;
}

export function createUnits(job: Job, store: EngineContext["store"]): Units {
  const { id: destination } = job.destination;
  const { dirty, links } = store;
  const marksOf = (ref: ItemRef) => dirty.marksOf(destination, ref);
  /** Looked at once more. */
  const again = new Set<string>();

  /** An item that is one of its own from now on, or that somebody has changed. */
  function leave(unit: OpenUnit, side: Side, item: ItemId): void {
    unit.marks = unit.marks.filter(({ ref }) => ref.side !== side || ref.item !== item);
  }

  /** Whether the mirror shows what a step did, and nothing newer. */
  function isAsLeft({ side, id, after }: StepEffect): boolean {
    const entry = job[side].tree.get(id);
    if (!entry || !after) return entry === after;
    return !isMoved(entry, after) && entry.revision === after.revision;
  }

  /** Whether the link of an item, where it has one, says what both sides are. */
  function isInStep({ side, item }: ItemRef): boolean {
    const link = links.of(destination, side, item);
    return link === null || isAsLinked(job, link);
  }

  function conclude(unit: OpenUnit, ours: OpenUnit["marks"]): void {
    const settled = ours.filter(({ ref, count }) => marksOf(ref) <= count);
    const isMarked = settled.length < unit.marks.length;
    for (const { ref } of settled) {
      if (!unit.isAsked) unqueue(job, ref, store);
      if (isMarked || unit.isTold || isInStep(ref)) dirty.clear(destination, ref);
      else if (!again.has(refKey(ref))) {
        again.add(refKey(ref));
        dirty.renew(destination, ref);
      }
    }
  }

  return {
    open(steps) {
      const refs = new Map<string, ItemRef>();
      for (const touched of steps.flatMap(settledBy)) {
        const link = links.of(destination, touched.side, touched.item);
        const ends = link ? sides.map((side) => ({ side, item: link[side].id })) : [];
        for (const ref of [touched, ...ends]) refs.set(refKey(ref), ref);
      }
      const types = new Set(steps.map(({ action }) => action.type));
      return {
        marks: [...refs.values()].map((ref) => ({ ref, count: marksOf(ref) })),
        stepsLeft: steps.length,
        isAsked: types.has("review"),
        isTold: types.has("review") || types.has("skip"),
      };
    },
    isNews: (unit) => unit?.marks.some(({ ref, count }) => marksOf(ref) !== count) ?? false,
    record({ action, side }, unit, { effect, news }, work) {
      if (unit && action.type === "set-aside") leave(unit, side, action.target);
      if (unit && news) leave(unit, news.side, news.item);
      const ours = unit?.marks.filter(({ ref, count }) => marksOf(ref) === count) ?? [];
      const made = effect && { side: effect.side, item: effect.id };
      const isUnmarked = made !== null && marksOf(made) === 0;
      work();
      if (made && isAsLeft(effect)) {
        // What we did ourselves marks our own items too.
        if (isUnmarked && action.type !== "set-aside") dirty.clear(destination, made);
        const mark = ours.find(({ ref }) => refKey(ref) === refKey(made));
        if (mark) mark.count = marksOf(made);
      }
      if (news) dirty.renew(destination, news);
      if (!unit || --unit.stepsLeft > 0) return false;
      conclude(unit, ours);
      return true;
    },
  };
}
