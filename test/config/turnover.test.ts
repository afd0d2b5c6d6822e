import { describe, expect, it } from "vitest";
import { turnover } from "../../src/config/turnover.ts";
import type { AccountSettings } from "../../src/core/account.ts";
import { type Rule, ruleDefaults } from "../../src/core/rule.ts";

const rule = (name: string, given: Partial<Rule> = {}): Rule => ({
  ...ruleDefaults,
  name,
  from: { account: "a", path: [] },
  to: [{ account: "b", path: [name] }],
  ...given,
});
const local = (root: string): AccountSettings => ({ provider: "local", root });
const accounts = (given: Record<string, AccountSettings> = {}) =>
  new Map(Object.entries({ a: local("/a"), b: local("/b"), c: local("/c"), ...given }));

describe("a turnover", () => {
  const one = rule("one");
  const two = rule("two", { from: { account: "c", path: [] } });
  const before = { accounts: accounts(), rules: [one, two] };

  it.each([
    { name: "nothing", next: before, ended: [], begun: [] },
    { name: "the order", next: { ...before, rules: [two, one] }, ended: [], begun: [] },
    {
      name: "a field of a rule",
      next: { ...before, rules: [one, rule("two", { quietMs: 5 })] },
      ended: ["two"],
      begun: ["two"],
    },
    {
      name: "a rule that is new",
      next: { ...before, rules: [one, two, rule("three")] },
      ended: [],
      begun: ["three"],
    },
    { name: "a rule that is gone", next: { ...before, rules: [two] }, ended: ["one"], begun: [] },
    {
      name: "a rule that is paused now",
      next: { ...before, rules: [{ ...one, paused: true }, two] },
      ended: ["one"],
      begun: [],
    },
    {
      name: "a paused rule that is another one",
      next: { ...before, rules: [one, two, rule("rest", { paused: true })] },
      ended: [],
      begun: [],
    },
    {
      name: "the settings of an account",
      next: { ...before, accounts: accounts({ c: local("/d") }) },
      ended: ["two"],
      begun: ["two"],
    },
    {
      name: "an account that no rule uses",
      next: { ...before, accounts: accounts({ d: local("/d") }) },
      ended: [],
      begun: [],
    },
  ])("concerns only what depends on it: $name", ({ next, ended, begun }) => {
    const found = turnover(before, next);
    expect([...found.ended].sort()).toEqual(ended);
    expect(found.begun.map(({ name }) => name)).toEqual(begun);
  });
});
