import { type ItemRef, type Plan, refKey, type Step } from "../../src/core/plan.ts";
import type { Hands } from "./perform.ts";
import { createSettler } from "./units.ts";

export interface Course {
  /** Picks one of so many steps that could be next; default: the first. */
  readonly choose?: (below: number) => number;
  /** After so many steps it is over, as when a process is killed; default: never. */
  readonly steps?: number;
  /**
   * Takes what removes, and what waits for that, to be done later, with the units that it serves; default:
   * all is done at once. Unless strict, what other plans have made impossible is left undone.
   */
  readonly postpone?: (rest: (isStrict: boolean) => void, units: readonly ItemRef[]) => void;
}

/**
 * Does the steps of a plan, each after those that it names. Throws when a step finds the world other than
 * it was planned for: in these tests nobody interferes, so that it is the plan that is wrong. What is
 * settled is no longer marked; what is not done stays so.
 */
export function carryOut(plan: Plan, hands: Hands, course: Course = {}): void {
  const { steps } = plan;
  refuseTwins(steps);
  settle(plan, hands);
  const later = course.postpone ? removalsOf(steps) : new Set<string>();
  const go = createRunner(steps, createSettler(steps, hands), course);
  go(({ id }) => !later.has(id), true);
  const units = steps.flatMap(({ id, unit }) => (later.has(id) ? unit : []));
  if (later.size > 0) course.postpone?.((isStrict) => go(() => true, isStrict), units);
}

function refuseTwins(steps: readonly Step[]): void {
  const ids = new Set(steps.map(({ id }) => id));
  if (ids.size < steps.length) throw new Error("two steps have one id");
  const trashed = steps.flatMap(({ action, side }) =>
    action.type === "trash" ? refKey({ side, item: action.target }) : [],
  );
  if (new Set(trashed).size < trashed.length) throw new Error("two steps remove one item");
}

function settle({ settled, steps, refreshed, ended }: Plan, { links, marks }: Hands): void {
  for (const ref of settled) marks.clear(ref);
  for (const { unit } of steps) marks.mark(unit);
  for (const link of refreshed) links.put(link);
  for (const link of ended) links.end("from", link.from.id);
}

/** Does those steps that are due; may be called again for others. */
function createRunner(
  steps: readonly Step[],
  perform: (step: Step) => void,
  { choose = () => 0, steps: atMost = Number.POSITIVE_INFINITY }: Course,
): (isDue: (step: Step) => boolean, isStrict: boolean) => void {
  const left = new Map(steps.map((step) => [step.id, step]));
  let budget = atMost;
  return (isDue, isStrict) => {
    for (; budget > 0; budget--) {
      const due = [...left.values()].filter(isDue);
      if (due.length === 0) return;
      const ready = due.filter(({ after }) => !after.some((id) => left.has(id)));
      const step = ready[choose(ready.length)];
      if (!step) throw new Error("steps wait for each other");
      left.delete(step.id);
      try {
        perform(step);
      } catch (error) {
        if (!isStrict) leaveOut(step, left);
        else throw new Error(`${step.do} ${step.side} ${step.path}: ${error}`, { cause: error });
      }
    }
  };
}

/** What waits for a step that was not done is left undone as well. */
function leaveOut({ id }: Step, left: Map<string, Step>): void {
  for (const step of left.values()) {
    if (!step.after.includes(id) || !left.delete(step.id)) continue;
    leaveOut(step, left);
  }
}

/** Ids of the steps that remove, and of all that wait for them. */
function removalsOf(steps: readonly Step[]): ReadonlySet<string> {
  const later = new Set<string>();
  for (let size = -1; size !== later.size; ) {
    size = later.size;
    for (const { id, action, after } of steps) {
      if (action.type === "trash" || after.some((each) => later.has(each))) later.add(id);
    }
  }
  return later;
}
