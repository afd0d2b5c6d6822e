import { createMatcher } from "../core/match.ts";
import { formatLocation, type Location, type Mode, type Rule } from "../core/rule.ts";
import type { ValuePath } from "./document.ts";
import { holds, namesBelow, type Region } from "./regions.ts";

/** Along which ways a rule brings files. */
export interface Flow {
  /** The rule's place in the file. */
  readonly index: number;
  readonly rule: Rule;
  readonly from: Side;
  readonly to: readonly Side[];
}

/** A folder that a rule names, and what the rule does there. */
export interface Side {
  /** The rule's place in the file. */
  readonly index: number;
  readonly rule: Rule;
  /** Where the rule names it: `from`, or one of `to`. */
  readonly field: ValuePath;
  readonly text: string;
  readonly region: Region;
  readonly role: Role;
  /** Whether the rule leaves out the folder, and all in it, that the names lead to from this one on. */
  leavesOut(names: readonly string[]): boolean;
}

/**
 * - `reads`: changes nothing there.
 * - `empties`: takes away what it has brought to the destinations.
 * - `fills`: adds and updates, never removes.
 * - `owns`: makes it what the source is; whatever else is there goes.
 * - `syncs`: reads, fills and removes.
 */
export type Role = "reads" | "empties" | "fills" | "owns" | "syncs";

const roles: Readonly<Record<Mode, { readonly from: Role; readonly to: Role }>> = {
  copy: { from: "reads", to: "fills" },
  move: { from: "empties", to: "fills" },
  mirror: { from: "reads", to: "owns" },
  "two-way": { from: "syncs", to: "syncs" },
};

export function flowOf(index: number, rule: Rule, regionOf: (location: Location) => Region): Flow {
  const matcher = createMatcher(rule);
  const isOut = (names: readonly string[]) => names.length > 0 && matcher.folder(names) === "out";
  // Behind a template, paths are not those that the filters see.
  const isOutThere = rule.as === null ? isOut : () => false;
  const { from, to } = roles[rule.mode];
  const side = (location: Location) => {
    return { index, rule, text: formatLocation(location), region: regionOf(location) };
  };
  return {
    index,
    rule,
    from: { ...side(rule.from), field: ["from"], role: from, leavesOut: isOut },
    to: rule.to.map((location, at) => {
      return { ...side(location), field: ["to", at], role: to, leavesOut: isOutThere };
    }),
  };
}

/** Whether what the rule does in its folder concerns the folder `inner` of it too. */
export function covers(outer: Side, inner: Region): boolean {
  return holds(outer.region, inner) && !outer.leavesOut(namesBelow(outer.region, inner));
}

/** Whether there is a folder that concerns both. */
export function meet(a: Side, b: Side): boolean {
  return covers(a, b.region) || covers(b, a.region);
}
