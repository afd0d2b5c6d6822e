import { describe, expect, it } from "vitest";
import type { Sample } from "../../src/core/foresight.ts";
import { type Rule, ruleDefaults } from "../../src/core/rule.ts";
import type { Survey } from "../../src/engine/survey.ts";
import { type PlannedFacts, plannedWarnings, surveyWarnings } from "../../src/engine/warnings.ts";

const none: Sample = { count: 0, some: [] };
const rule: Rule = {
  ...ruleDefaults,
  name: "docs",
  from: { account: "left", path: [] },
  to: [{ account: "right", path: [] }],
};

interface Seen extends Partial<Pick<Survey, "exported" | "leftOut" | "unreadable">> {
  readonly renamed?: Sample;
  readonly twins?: Sample;
  readonly large?: Sample;
}

const surveyed = (over: Partial<Rule>, seen: Seen) => {
  const { renamed = none, twins = none, large = none, ...others } = seen;
  const survey: Survey = {
    matching: { files: 0, bytes: 0, some: [], others: 0 },
    foreseen: [{ account: "right", renamed, twins, large }],
    exported: none,
    leftOut: none,
    unreadable: none,
    ...others,
  };
  return surveyWarnings({ ...rule, ...over }, "left", survey, () => 2 * 2 ** 30);
};

const planned = (over: Partial<Rule>, facts: Partial<PlannedFacts>) =>
  plannedWarnings(
    { ...rule, ...over },
    {
      to: "right:/",
      conflicts: none,
      removals: none,
      compared: none,
      skipped: new Map(),
      isHeld: false,
      ...facts,
    },
  );

const one: Sample = { count: 1, some: ["a"] };
const three: Sample = { count: 3, some: ["a", "b", "c"] };

describe("what is told of items before a first run", () => {
  it.each<[Partial<Rule>, Seen, string]>([
    [{}, { renamed: one }, "1 item can't have the same name at “right”, and"],
    [{}, { renamed: three }, "3 items can't have the same name at “right”, and"],
    [{}, { twins: one }, "would have the name of another one in their folder at “right”"],
    [{ as: "{name}" }, { twins: one }, "would have the name of another one by “as” at “right”"],
    [{}, { large: three }, "3 files are larger than “right” takes (2GiB), and can't be copied."],
    [{}, { exported: one }, "1 document of “left” lives only in that service: what is copied"],
    [
      {},
      { leftOut: three },
      "live only in that service and are left out: there is no such export.",
    ],
    [{ googleDocs: "skip" }, { leftOut: one }, "lives only in that service and is left out."],
    [{}, { unreadable: one }, "1 item of “left” can't be read at present, and stays as it is."],
  ])("%o %o: %s", (over, seen, message) => {
    const [told, ...others] = surveyed(over, seen);
    expect(told?.message).toContain(message);
    expect(others).toEqual([]);
  });

  it("is nothing where nothing is", () => {
    expect(surveyed({}, {})).toEqual([]);
    expect(planned({}, {})).toEqual([]);
  });
});

describe("what is told of a first run", () => {
  it.each<[Partial<Rule>, Partial<PlannedFacts>, string]>([
    [{}, { conflicts: one }, "1 file at right:/ has other content than at the source: both"],
    [{ conflict: "review" }, { conflicts: three }, "at the source: each waits for you to decide."],
    [{ mode: "mirror", conflict: "to" }, { conflicts: one }, "the source's version replaces"],
    [{ mode: "mirror" }, { removals: three }, "3 files at right:/ that the source doesn't have"],
    [{}, { isHeld: true }, "The first run at right:/ stops before it removes or overwrites"],
    [{}, { compared: one }, "1 file of equal size at both sides is read once to compare"],
    [{}, { skipped: new Map([["it has no time", three]]) }, "3 items are skipped: it has no time."],
  ])("%o %o: %s", (over, facts, message) => {
    const [told, ...others] = planned(over, facts);
    expect(told?.message).toContain(message);
    expect(others).toEqual([]);
  });
});
