import type { Rule } from "../../src/core/rule.ts";
import {
  approveHold,
  listConflicts,
  rejectHold,
  resolveConflict,
} from "../../src/engine/review.ts";
import type { Store } from "../../src/store/open.ts";
import type { Operation } from "./scenario.ts";

type Decided = Extract<Operation, readonly ["approve" | "reject" | "resolve", ...unknown[]]>;

/** What a person decides about what waits for them. */
export function decide(decided: Decided, store: Store, rules: readonly Rule[]): void {
  if (decided[0] === "resolve") {
    const [, path, keep] = decided;
    const conflict = listConflicts(store, rules).find((each) => each.path === path);
    if (!conflict) throw new Error(`no conflict waits at ${path}`);
    return resolveConflict(store, conflict.id, keep);
  }
  for (const rule of rules) {
    if (decided[0] === "approve") approveHold(store, rule);
    else rejectHold(store, rule);
  }
}
