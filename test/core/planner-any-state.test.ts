import { describe, expect, it } from "vitest";
import { createChance } from "../simulation/chance.ts";
import { anyState } from "./any-state.ts";
import { bring, differences, real } from "./settle.ts";

describe("from any two trees, and links that say anything of them", () => {
  it.each(["mirror", "two-way"] as const)("%s comes to rest with both sides alike", (mode) => {
    for (let seed = 1; seed <= 4000; seed++) {
      const trees = anyState(seed, mode);
      const told = `seed ${seed}`;
      bring(trees, { chance: createChance(seed) });
      expect(differences(trees, mode === "mirror", true), told).toEqual([]);
      expect(real(trees.plan()), told).toEqual([]);
      const left = trees.paths("to").filter((path) => path.includes(".syncline-swap-"));
      expect(left, told).toEqual([]);
    }
  });
});
