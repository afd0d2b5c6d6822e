import { type Step, sides } from "../../src/core/plan.ts";
import { plannerOf, viewOf } from "../../src/engine/job.ts";
import { createWorld } from "../engine/harness.ts";
import { ruleOf } from "./process.ts";
import { base } from "./scope.ts";
import type { Stage } from "./stage.ts";

/**
 * What a plan of everything finds to do in a state at rest, one line each: a mark of it was lost, even where both
 * sides happen to be alike. What `deletes: keep` leaves where it is can't be told from that: nobody looks at it,
 * and nothing else is known of it.
 */
export function forgotten(stage: Stage): string[] {
  const { script, clouds, clock, store } = stage;
  if (script.rule.deletes === "keep") return [];
  const { job, context } = createWorld({
    rule: ruleOf(script),
    clouds: { ...clouds, clock, advance: clock.advance },
    store,
  });
  const all = sides.flatMap((side) => {
    const root = clouds[side].look(base[side]);
    return root ? job[side].tree.subtree(root.id).map((item) => ({ side, item })) : [];
  });
  const planner = plannerOf(job, viewOf(job, context), context, { respectQuiet: false });
  return planner
    .plan(all)
    .steps.filter((step) => step.do !== "skip" && !isLeftEmpty(step, stage))
    .map(({ do: verb, side, path, why }) => `forgotten: ${verb} ${path} at ${side}, ${why}`);
}

/**
 * An extra folder of a mirror without a file: a person has kept what was in it, or it held what the filters leave out,
 * and nobody looks at the folder when that goes.
 */
function isLeftEmpty({ action }: Step, { script, counts }: Stage): boolean {
  const { include, exclude } = script.rule;
  const mayBeLeft = counts.decisions > 0 || include.length + exclude.length > 0;
  return script.mode === "mirror" && mayBeLeft && action.type === "trash" && !action.files;
}
