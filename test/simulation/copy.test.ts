import { describe, expect, it } from "vitest";
import { simulateSeed } from "./simulate.ts";

/** Stories for every build; `npm run simulate` plays others, and makes a failing one short. */
const seeds = 300;
const perTest = 25;

describe("copy, whatever people, networks and crashes do", () => {
  const firsts = Array.from({ length: seeds / perTest }, (_, index) => index * perTest + 1);

  it.each(firsts)("keeps what must hold from seed %i on", { timeout: 60_000 }, async (first) => {
    const failures: string[] = [];
    for (let seed = first; seed < first + perTest; seed++) {
      const { failure } = await simulateSeed(seed);
      if (failure !== null)
        failures.push(`npm run simulate -- --from ${seed} --seeds 1: ${failure}`);
    }
    expect(failures).toEqual([]);
  });

  it("tells the same story again for the same seed", async () => {
    for (const seed of [7, 42, 271]) {
      const [once, again] = [await simulateSeed(seed), await simulateSeed(seed)];
      expect(again.lines).toEqual(once.lines);
      expect(again.trace).toBe(once.trace);
    }
  });

  it("has every kind of trouble in its share", async () => {
    const sum = { operations: 0, runs: 0, crashes: 0, faults: 0, requests: 0 };
    for (let seed = 1; seed <= perTest; seed++) {
      const { counts } = await simulateSeed(seed);
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += counts[key];
    }
    for (const count of Object.values(sum)) expect(count).toBeGreaterThan(0);
  });
});
