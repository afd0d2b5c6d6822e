import { describe, expect, it } from "vitest";
import { createLimiter, rateAt } from "../../src/engine/limit.ts";
import { MiB } from "../contract/bytes.ts";
import { createWorld, virtualClock } from "./harness.ts";

const day = [
  { atMinute: 8 * 60, bytesPerSecond: 2 * MiB },
  { atMinute: 19 * 60, bytesPerSecond: null },
];

describe("rateAt", () => {
  it.each([
    ["no timetable", [], 600, null],
    ["before the first entry: that of the evening before", day, 7 * 60 + 59, null],
    ["from the very minute on", day, 8 * 60, 2 * MiB],
    ["until the next one", day, 19 * 60 - 1, 2 * MiB],
    ["without a limit again", day, 19 * 60, null],
    ["one limit for the whole day", [{ atMinute: 0, bytesPerSecond: 5 }], 1439, 5],
  ])("%s", (_, bandwidth, minute, expected) => {
    expect(rateAt(bandwidth, minute)).toBe(expected);
  });
});

describe("createLimiter", () => {
  const always = [{ atMinute: 0, bytesPerSecond: 2 * MiB }];

  /** Bytes that passed in so long. */
  async function passedIn(ms: number, limiter: ReturnType<typeof createLimiter>, clock = virtual) {
    const endMs = clock.now() + ms;
    let passed = 0;
    for (;;) {
      await limiter.pass(65_536);
      if (clock.now() > endMs) return passed;
      passed += 65_536;
    }
  }
  const virtual = virtualClock(Date.UTC(2026, 5, 1, 17, 59, 0));

  it("keeps to the limit within 5 % over 10 s, after a pause too", async () => {
    const limiter = createLimiter({ bandwidth: always, timeZone: "UTC" }, virtual);
    for (const pauseMs of [0, 3_600_000]) {
      virtual.advance(pauseMs);
      const passed = await passedIn(10_000, limiter);
      expect(Math.abs(passed / (20 * MiB) - 1)).toBeLessThan(0.05);
    }
  });

  it("follows the timetable in the rule's time zone", async () => {
    const clock = virtualClock(Date.UTC(2026, 5, 1, 16, 59, 0));
    const limiter = createLimiter({ bandwidth: day, timeZone: "Europe/Berlin" }, clock);
    expect(limiter.isOn()).toBe(true);
    clock.advance(60_000);
    expect(limiter.isOn()).toBe(false);
    await limiter.pass(1000 * MiB);
    expect(clock.now()).toBe(Date.UTC(2026, 5, 1, 17, 0, 0));
  });

  it("stops waiting when told", async () => {
    const limiter = createLimiter({ bandwidth: always, timeZone: "UTC" }, virtual);
    await expect(limiter.pass(100 * MiB, AbortSignal.abort(new Error("over")))).rejects.toThrow(
      "over",
    );
  });
});

it("one limit is shared by all transfers of a rule", async () => {
  const bandwidth = [{ atMinute: 0, bytesPerSecond: 1 * MiB }];
  const world = createWorld({ rule: { bandwidth } });
  for (let index = 0; index < 10; index++) {
    world.from.put(`/in/file-${index}`, new Uint8Array(1 * MiB).fill(index));
  }
  const startMs = world.clock.now();
  const { outcome, totals } = await world.run();
  expect(outcome).toBe("in-step");
  expect(totals.bytes).toBe(10 * MiB);
  expect(Math.abs((world.clock.now() - startMs) / 10_000 - 1)).toBeLessThan(0.05);
});
