import { describe, expect, it } from "vitest";
import { createChance } from "../simulation/chance.ts";
import { anyState } from "./any-state.ts";
import { bring, differences, real } from "./settle.ts";

function expectRest(seed: number, mode: "mirror" | "two-way", isCut = false): void {
  const trees = anyState(seed, mode);
  const told = `seed ${seed}`;
  bring(trees, { chance: createChance(seed), isCut });
  expect(differences(trees, mode === "mirror", true), told).toEqual([]);
  expect(real(trees.plan()), told).toEqual([]);
  const left = trees.paths("to").filter((path) => path.includes(".syncline-swap-"));
  expect(left, told).toEqual([]);
}

describe("from any two trees, and links that say anything of them", () => {
  it.each(["mirror", "two-way"] as const)("%s comes to rest with both sides alike", (mode) => {
    for (let seed = 1; seed <= 4000; seed++) expectRest(seed, mode);
  });

  it("two-way does so, though the first plan is cut off", () => {
    for (let seed = 1; seed <= 3000; seed++) expectRest(seed, "two-way", true);
  });

  /** Of states larger than those, what was wrong once. */
  it.each([10811, 11390, 12530, 13411, 13643, 13829, 14969, 15843, 15958, 19556, 21754])(
    "two-way does so from state %i",
    (seed) => {
      expectRest(seed, "two-way");
    },
  );
});
