import { describe, expect, it } from "vitest";
import { type GuardFacts, holdOverwrites, holdRemovals, type Loss } from "../../src/core/guard.ts";
import { type Guard, type Mode, type Rule, ruleDefaults } from "../../src/core/rule.ts";

const rule = (mode: Mode, guard: Partial<Guard> = {}): Rule => ({
  ...ruleDefaults,
  name: "docs",
  from: { account: "a", path: [] },
  to: [{ account: "b", path: [] }],
  mode,
  guard: { ...ruleDefaults.guard, ...guard },
});
const loss = (count: number, linked = count): Loss => ({ count, linked });
const facts = (linkedFiles: number, isFirst = false): GuardFacts => ({ linkedFiles, isFirst });

describe("removals", () => {
  it.each<[string, Rule, Loss, GuardFacts, string | null]>([
    ["nothing", rule("two-way"), loss(0), facts(100), null],
    ["a quarter", rule("two-way"), loss(25), facts(100), null],
    ["more than a quarter", rule("two-way"), loss(26), facts(100), "26 of 100 files"],
    ["more than a quarter, but few", rule("two-way"), loss(9), facts(20), null],
    ["ten of twenty", rule("mirror"), loss(10), facts(20), "10 of 20 files"],
    ["all there is", rule("two-way"), loss(3), facts(3), "all files would be removed"],
    ["as many as there are, but of others", rule("mirror"), loss(3, 0), facts(3), null],
    ["the only file", rule("two-way"), loss(1), facts(1), null],
    ["the first run of a mirror", rule("mirror"), loss(1, 0), facts(0, true), "the first run"],
    ["the first run of another mode", rule("two-way"), loss(1, 0), facts(20, true), null],
    ["as the rule says", rule("two-way", { deletesPercent: 60 }), loss(50), facts(100), null],
    ["no guard", rule("two-way", { deletesPercent: null }), loss(100), facts(100), null],
    [
      "no guard, and the first run of a mirror",
      rule("mirror", { deletesPercent: null }),
      loss(1),
      facts(9, true),
      "the first run",
    ],
    ["what `move` takes from its source", rule("move"), loss(100), facts(100), null],
  ])("%s", (_, which, what, measure, why) => {
    const held = holdRemovals(which, what, measure);
    if (why === null) expect(held).toBeNull();
    else expect(held).toContain(why);
  });
});

describe("overwrites", () => {
  const guarded = rule("copy", { changesPercent: 50 });
  it.each<[string, Rule, Loss, GuardFacts, string | null]>([
    ["without a guard", rule("copy"), loss(100), facts(100), null],
    ["half", guarded, loss(50), facts(100), null],
    ["more than half", guarded, loss(51), facts(100), "51 of 100 files would be overwritten"],
    ["more than half, but few", guarded, loss(9), facts(10), null],
  ])("%s", (_, which, what, measure, why) => {
    const held = holdOverwrites(which, what, measure);
    if (why === null) expect(held).toBeNull();
    else expect(held).toContain(why);
  });
});
