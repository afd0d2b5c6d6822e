import { hostname } from "node:os";
import { expect, it } from "vitest";
import { formatOwner, isAlive } from "../../src/cli/lease.ts";
import { clockWatch } from "../../src/cli/notifying.ts";
import { createManualClock } from "../layers/clock.ts";

const hour = 3_600_000;

it.each([
  { byMs: 0, says: [] },
  { byMs: 30_000, says: [] },
  { byMs: 3 * hour, says: ["went ahead by 3 h"] },
  { byMs: -24 * hour, says: ["was set back by"] },
])("whoever reads the log is told of a clock that jumps by $byMs ms", async ({ byMs, says }) => {
  const clock = createManualClock();
  const startMs = clock.now();
  let setMs = 0;
  const told: string[] = [];
  const over = new AbortController();
  const watching = clockWatch((message) => told.push(message), {
    clock: { ...clock, now: () => clock.now() + setMs },
    elapsed: () => clock.now() - startMs,
  }).run(over.signal);
  await clock.pass(60_000);
  setMs = byMs;
  await clock.pass(300_000);
  expect(told).toHaveLength(says.length);
  for (const words of says) expect(told[0]).toContain(words);
  over.abort(new Error("the test is over"));
  await watching;
});

it.each([
  { name: "a moment ago", agoMs: 5_000, isAlive: true },
  { name: "three minutes ago", agoMs: 180_000, isAlive: false },
  { name: "a moment ahead, as clocks differ", agoMs: -5_000, isAlive: true },
  { name: "a day ahead, before the clock was set back", agoMs: -24 * hour, isAlive: false },
])("an owner on another machine that was heard $name is alive: $isAlive", ({ agoMs, ...said }) => {
  const owner = formatOwner({ host: `not-${hostname()}`, pid: 7, startedMs: 0 });
  expect(isAlive(owner, new Date(100 * hour - agoMs), 100 * hour)).toBe(said.isAlive);
});
