import { describe, expect, it } from "vitest";
import { verbs } from "../../src/core/plan.ts";
import { doneWords, namesOf, sayStep, signOf } from "../../src/dashboard/words.ts";

const names = { from: "work", to: "drive" };

describe("what a step is called", () => {
  it.each([
    { do: "upload", side: "to", planned: "copy to drive", done: "copied to drive" },
    { do: "update", side: "from", planned: "update in work", done: "updated in work" },
    {
      do: "create-folder",
      side: "to",
      planned: "make a folder in drive",
      done: "made a folder in drive",
    },
    {
      do: "trash",
      side: "to",
      planned: "move to the trash in drive",
      done: "moved to the trash in drive",
    },
    { do: "link", side: "to", planned: "match up", done: "matched up" },
  ] as const)("$do: $done", ({ planned, done, ...step }) => {
    expect(sayStep(step, "planned", names)).toBe(planned);
    expect(sayStep(step, "done", names)).toBe(done);
    expect(sayStep(step, "failed", names)).toBe(`could not ${planned}`);
  });

  it("is known of all that a run may do", () => {
    expect(doneWords.map(([verb]) => verb).sort()).toEqual([...verbs].sort());
    for (const verb of verbs) {
      expect(sayStep({ do: verb, side: "to" }, "done")).not.toMatch(new RegExp(`^${verb}\\b`));
      expect(signOf(verb)).toHaveLength(1);
    }
  });
});

describe("what the sides of a rule are called", () => {
  it.each([
    { name: "by their accounts", to: ["drive:/Out"], expected: { from: "work", to: "drive" } },
    {
      name: "by locations, within one account",
      to: ["work:/Out"],
      expected: { from: "work:/In", to: "work:/Out" },
    },
    {
      name: "one of several destinations",
      to: ["drive:/Out", "nas:/"],
      expected: { from: "work", to: "a destination" },
    },
  ])("$name", ({ to, expected }) => {
    expect(namesOf({ from: "work:/In", to })).toEqual(expected);
  });
});
