import { type Decision, sides } from "../../src/core/plan.ts";
import {
  approveHold,
  listConflicts,
  listHolds,
  rejectHold,
  resolveConflict,
} from "../../src/engine/review.ts";
import { ruleOf } from "./process.ts";
import type { Stage } from "./stage.ts";

const choices: readonly Decision[] = [...sides, "both"];

/** A person looks at what waits for one, and decides; whether anything did wait. */
export function decide({ store, script, ledger, chance, lines, counts }: Stage): boolean {
  const rule = ruleOf(script);
  const conflicts = listConflicts(store, [rule]);
  const holds = listHolds(store, [rule]);
  if (conflicts.length + holds.length === 0) return false;
  ledger.decide();
  for (const { id, path } of conflicts) {
    const keep = chance.pick(choices);
    lines.push(`  a person keeps ${keep} of ${id}, ${path}`);
    resolveConflict(store, id, keep);
    counts.decisions++;
  }
  for (const { set, kind, items } of holds) {
    const isApproved = chance.hit(0.5);
    const paths = items.map(({ side, path }) => `${side} ${path}`).join(", ");
    lines.push(`  a person ${isApproved ? "approves" : "rejects"} ${kind} of ${paths}`);
    if (isApproved) approveHold(store, rule, set);
    else rejectHold(store, rule, set);
    counts.decisions++;
  }
  return true;
}
