import { type ItemRef, refKey, type Step, settledBy, sides } from "../../src/core/plan.ts";
import type { Links } from "./links.ts";
import { createPerformer, type Hands } from "./perform.ts";

/** What the steps of a unit settle when all are done; with how often it was marked, but for our own marks. */
interface OpenUnit {
  marks: { readonly ref: ItemRef; count: number }[];
  stepsLeft: number;
}

/** A unit is settled with its last step, unless another one has marked it meanwhile: as the engine does. */
export function createSettler(steps: readonly Step[], hands: Hands): (step: Step) => void {
  const { marks, mode } = hands;
  const perform = createPerformer(hands);
  const units = new Map<string, OpenUnit>();
  for (const [key, ofUnit] of Map.groupBy(steps, ({ unit }) => refKey(unit))) {
    const open = [...settledByAll(ofUnit, hands.links)];
    units.set(key, {
      marks: open.map((ref) => ({ ref, count: marks.countOf(ref) })),
      stepsLeft: ofUnit.length,
    });
  }
  return (step) => {
    const unit = units.get(refKey(step.unit));
    const { action, side } = step;
    if (!unit) throw new Error("a step of no unit");
    const isAside = action.type === "set-aside";
    const isLead = action.type === "move" && action.leads === true;
    if (isAside || isLead) {
      // It is an item of its own from now on, or is still to be followed.
      unit.marks = unit.marks.filter(({ ref }) => ref.side !== side || ref.item !== action.target);
    }
    const ours = unit.marks.filter(({ ref, count }) => marks.countOf(ref) === count);
    const isMarked = "target" in action && marks.countOf({ side, item: action.target }) > 0;
    const changed = perform(step);
    if (changed && !isMarked && !isAside) marks.clear({ side, item: changed });
    for (const mark of ours) mark.count = marks.countOf(mark.ref);
    if (isLead) marks.mark({ side, item: action.target });
    // What was compared is planned again.
    if (action.type === "compare" || --unit.stepsLeft > 0) return;
    for (const { ref } of ours) marks.clear(ref);
    const isBrought = ["upload", "update", "link", "move"].includes(action.type);
    if (mode === "move" && isBrought) marks.mark(step.unit);
  };
}

function settledByAll(steps: readonly Step[], links: Links): Iterable<ItemRef> {
  const refs = new Map<string, ItemRef>();
  for (const step of steps) {
    for (const touched of settledBy(step)) {
      const link = links.of(touched.side, touched.item);
      const ends = link ? sides.map((end) => ({ side: end, item: link[end].id })) : [];
      for (const ref of [touched, ...ends]) refs.set(refKey(ref), ref);
    }
  }
  return refs.values();
}
