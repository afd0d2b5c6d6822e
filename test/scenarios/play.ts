import { expect } from "vitest";
import { type Side, sides } from "../../src/core/plan.ts";
import { act } from "./act.ts";
import { expectedBill, noBill, noSteps } from "./costs.ts";
import { type Finding, runAll } from "./finding.ts";
import { createRules, type Rules } from "./rules.ts";
import type { Chapter, Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { below, beside, normalised, type Tree, whole, withExports } from "./tree.ts";

/**
 * Plays a scenario on a stage: after each chapter all is as it says, and two more runs change nothing.
 * What is given is brought over by one run, at the cost of one upload a file.
 */
export async function play(scenario: Scenario, stage: Stage): Promise<void> {
  const story = { stage, rules: createRules(scenario, stage), trees: { from: {}, to: {} } };
  if (!scenario.bare) {
    for (const side of sides) await act([side, "mkdir", ""], story.rules, stage);
  }
  if (scenario.given) await tell(story, beginning(scenario.given), "what is given");
  for (const [index, chapter] of scenario.chapters.entries()) {
    const title = `chapter ${index + 1}`;
    const finding = await tell(story, chapter, title);
    await expectRest(story, chapter, finding, title);
  }
}

interface Story {
  readonly stage: Stage;
  readonly rules: Rules;
  /** What the first rule's folders are to hold by now. */
  trees: Readonly<Record<Side, Tree>>;
}

/** The first run, over files that only `from` has. */
function beginning(given: Tree): Chapter {
  const items = Object.entries(whole(given));
  const folders = items.filter(([path]) => path.endsWith("/")).length;
  return {
    do: items.map(([path, content]) =>
      path.endsWith("/")
        ? (["from", "mkdir", path.slice(0, -1)] as const)
        : (["from", "put", path, content ?? ""] as const),
    ),
    costs: { to: { uploads: items.length - folders, folders } },
    both: given,
  };
}

/** What people do, one run, and how things are to be then. */
async function tell(story: Story, chapter: Chapter, title: string): Promise<Finding> {
  const { stage, rules } = story;
  for (const operation of chapter.do) await act(operation, rules, stage);
  const before = outside(story);
  const finding = await runAll(rules, stage);
  const { outcome = "in-step", costs = {}, conflicts = [], says } = chapter;
  const told = `${title}: ${finding.steps.join(", ")}; ${finding.errors.join(", ")}`;
  story.trees = {
    from: chapter.both ?? chapter.from ?? story.trees.from,
    to: chapter.both ?? chapter.to ?? story.trees.to,
  };
  expectTrees(story, chapter, told);
  expect(outside(story), `outside of the rules: ${told}`).toEqual(before);
  if (costs !== "any") {
    expect(finding.bill, `costs of ${told}`).toEqual(expectedBill(costs, stage));
    expect(finding.bill, `steps of ${told}`).toMatchObject(finding.told);
  }
  expect(finding, told).toMatchObject({ outcome, conflicts });
  if (says) expect(finding.errors.join("\n"), told).toMatch(says);
  return finding;
}

/** Whatever came of a run, the next ones find the same, and nothing to do. */
async function expectRest(story: Story, chapter: Chapter, finding: Finding, title: string) {
  const mutations = story.stage.mutations();
  for (const more of ["a second run", "a third run"]) {
    const again = await runAll(story.rules, story.stage);
    const told = `${more} after ${title}: ${finding.steps.join(", ")}`;
    expect(again, told).toEqual({ ...finding, bill: noBill, told: noSteps, steps: [] });
    expectTrees(story, chapter, told);
  }
  const told = `requests that change things, after ${title}`;
  expect(story.stage.mutations(), told).toBe(mutations);
}

function expectTrees(story: Story, { besides }: Chapter, told: string): void {
  for (const side of sides) {
    const folders = { [story.rules.homes[side]]: story.trees[side], ...besides?.[side] };
    const now = lookAt(story, side);
    for (const [folder, tree] of Object.entries(folders)) {
      const expected = whole(tree);
      const actual = withExports(below(now, folder) ?? {}, expected);
      expect(actual, `${side}:${folder}: ${told}`).toEqual(expected);
    }
  }
}

/** What lies in no folder of a rule, at both sides. */
function outside(story: Story): Readonly<Record<Side, Tree>> {
  const at = (side: Side) => beside(lookAt(story, side), story.rules.foldersOf(side));
  return { from: at("from"), to: at("to") };
}

function lookAt({ stage }: Story, side: Side): Tree {
  return normalised(stage.people[side].tree(), Object.values(stage.accounts));
}
