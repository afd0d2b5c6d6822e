import { expect } from "vitest";
import type { Side, Step } from "../../src/core/plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import { createTrees, type Trees, type TreesOptions } from "./planned.ts";
import { bring, differences, real, shortConflict } from "./settle.ts";

/** What became of the file `a` at one side since both agreed: unchanged, edited, moved, deleted, replaced by a folder. */
export type State = "U" | "E" | "M" | "EM" | "D" | "T";

/** Where a side moves `a` to. */
const places = { from: "moved", to: "taken" } as const;

export const become: Readonly<Record<State, (trees: Trees, side: Side) => void>> = {
  U: () => {},
  E: ({ put }, side) => put(side, "a", `edited at ${side}`),
  M: ({ move }, side) => move(side, "a", places[side]),
  EM(trees, side) {
    become.E(trees, side);
    become.M(trees, side);
  },
  D: ({ drop }, side) => drop(side, "a"),
  T(trees, side) {
    trees.drop(side, "a");
    trees.mkdir(side, "a");
  },
};

/** Both sides hold the same files, each with its own path for content, and are linked. */
export function agreed(options: TreesOptions, paths: readonly string[] = ["a"]): Trees {
  const trees = createTrees(options);
  for (const path of paths) {
    if (path.endsWith("/")) trees.mkdir("from", path.slice(0, -1));
    else trees.put("from", path, path);
  }
  trees.agree();
  return trees;
}

/** `do side path`, or `do side from -> path`; account, time and hash are left out of conflict names. */
function show({ do: verb, side, from, path, action }: Step): string {
  const isPlaced = action.type === "move" || action.type === "set-aside";
  const text = `${verb} ${side} ${isPlaced ? `${from} -> ` : ""}${path}`;
  return shortConflict(text).replaceAll(/\.syncline-swap-[^/ ]+/g, "(detour)");
}

/**
 * Carries out `story` and all that follows from it: exactly `expected`, in any order. The same when
 * everything is looked at, and not only what changed; nothing is left to do after.
 */
export function expectSteps(
  start: () => Trees,
  story: (trees: Trees) => void,
  expected: readonly string[],
): Trees {
  const [whole, trees] = [start(), start()];
  for (const each of [whole, trees]) story(each);
  for (const { side, item } of whole.everything()) whole.mark(side, item);
  expect(bring(trees).map(show).sort()).toEqual(expected.toSorted());
  expect(bring(whole).map(show).sort(), "when all is looked at").toEqual(expected.toSorted());
  expect(real(trees.plan()).map(show), "is at rest").toEqual([]);
  return trees;
}

/** For modes that make both sides alike. */
export function expectAlike(trees: Trees): void {
  expect(differences(trees)).toEqual([]);
}

export const twoWay = { mode: "two-way" } as const satisfies Partial<Rule>;

/** As `expectSteps`, under `two-way`, beginning with `paths` at both sides; and both sides are alike then. */
export function expectBoth(
  story: (trees: Trees) => void,
  expected: readonly string[],
  paths: readonly string[] = ["a"],
  options: TreesOptions = {},
): Trees {
  const rule = { ...twoWay, ...options.rule };
  const trees = expectSteps(() => agreed({ ...options, rule }, paths), story, expected);
  expectAlike(trees);
  return trees;
}
