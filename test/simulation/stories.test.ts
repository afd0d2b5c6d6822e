import { describe, expect, it } from "vitest";
import type { Mode } from "../../src/core/rule.ts";
import { playBatch } from "./batch.ts";
import { simulate } from "./simulate.ts";
import { troubleKinds } from "./trouble.ts";
import { writeScript } from "./write.ts";

/** Stories for every build; `npm run simulate` plays others, and makes a failing one short. */
const share: Readonly<Record<Mode, number>> = { copy: 25, move: 50, mirror: 50, "two-way": 150 };
const perTest = 25;

const batches = (Object.entries(share) as [Mode, number][]).flatMap(([mode, seeds]) =>
  Array.from({ length: seeds / perTest }, (_, index) => ({ mode, from: index * perTest + 1 })),
);

/** What the stories that were played met. */
const struck = new Set<string>();

describe("whatever people, networks, disks and crashes do", () => {
  it.each(batches)(
    "$mode keeps what must hold from seed $from on",
    {
      timeout: 120_000,
    },
    async ({ mode, from }) => {
      const { lines, counts } = await playBatch({ from, seeds: perTest, mode, traced: false });
      expect(lines).toEqual([]);
      for (const kind of troubleKinds) if (counts.struck[kind] > 0) struck.add(kind);
    },
  );

  it("had every kind of trouble in them", () => {
    expect(troubleKinds.filter((kind) => !struck.has(kind))).toEqual([]);
  });

  it("tells the same story again for the same seed", async () => {
    for (const seed of [7, 42, 271]) {
      const [once, again] = [await simulate(writeScript(seed)), await simulate(writeScript(seed))];
      expect(again.lines).toEqual(once.lines);
      expect(again.trace).toBe(once.trace);
    }
  });
});
