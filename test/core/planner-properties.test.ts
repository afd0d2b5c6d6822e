import { describe, expect, it } from "vitest";
import { foldName } from "../../src/core/names.ts";
import { sides } from "../../src/core/plan.ts";
import { type Mode, modes } from "../../src/core/rule.ts";
import type { Trees } from "./planned.ts";
import { shortConflict, unnumbered } from "./settle.ts";
import { play, playSeed } from "./story.ts";

const plain = (path: string) =>
  foldName(unnumbered(shortConflict(path)).replaceAll(" (conflict)", ""));

/** What stands at both sides; who of several has which spelling, number or time in its name is left open. */
const resultOf = (trees: Trees) =>
  sides.map((side) =>
    trees
      .entries(side)
      .map(([path, entry]) => `${plain(path)} = ${trees[side].textOf(entry)}`)
      .sort(),
  );

/** Two epochs each. */
const seeds: Readonly<Record<Mode, number>> = {
  copy: 1500,
  move: 1000,
  mirror: 2000,
  "two-way": 3500,
};
/** A loose bound: what is measured, on one core and with the checks, is printed. */
const leastCasesPerSecond = 1000;

describe("any small trees, changed at both sides, brought in step in any order", () => {
  it.each(modes)("%s keeps its promises", (mode) => {
    const before = process.cpuUsage();
    for (let seed = 1; seed <= seeds[mode]; seed++) playSeed(seed, mode);
    const { user, system } = process.cpuUsage(before);
    const rate = Math.round((seeds[mode] * 2) / ((user + system) / 1e6));
    console.info(`${mode}: ${rate} cases a second of one core`);
    expect(rate).toBeGreaterThan(leastCasesPerSecond);
  });

  it.each(modes)("%s ends the same whatever comes first", (mode) => {
    for (let seed = 1; seed <= 500; seed++) {
      const story = { ...playSeed(seed, mode, 1), isCut: false };
      const [first, ...others] = [seed, seed + 1, null].map((order) =>
        resultOf(play({ ...story, order })),
      );
      for (const other of others) expect(other, `seed ${seed}`).toEqual(first);
    }
  });
});
