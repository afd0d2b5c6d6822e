import { describe, expect, it } from "vitest";
import type { Trigger } from "../../src/core/rule.ts";
import { nextTime, reached } from "../../src/engine/time.ts";
import { createManualClock } from "../layers/clock.ts";

const never = new AbortController().signal;

describe("a schedule", () => {
  const lines: {
    name: string;
    line: string;
    zone: string;
    after: string;
    expected: readonly string[];
  }[] = [
    {
      name: "keeps its time of day over both changes",
      line: "0 7 * * *",
      zone: "Europe/Berlin",
      after: "2026-03-28T00:00:00Z",
      expected: ["2026-03-28T06:00:00Z", "2026-03-29T05:00:00Z", "2026-03-30T05:00:00Z"],
    },
    {
      name: "comes once on the day on which its time is skipped",
      line: "30 2 * * *",
      zone: "Europe/Berlin",
      after: "2026-03-28T12:00:00Z",
      expected: ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
    },
    {
      name: "comes once on the day on which its time is there twice",
      line: "30 2 * * *",
      zone: "Europe/Berlin",
      after: "2026-10-24T12:00:00Z",
      expected: ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
    },
    {
      name: "goes on evenly through the hour that is there twice",
      line: "*/30 * * * *",
      zone: "Europe/Berlin",
      after: "2026-10-25T00:10:00Z",
      expected: ["2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"],
    },
    {
      name: "is meant in its zone, not in that of the machine",
      line: "30 1 * * 0",
      zone: "America/New_York",
      after: "2026-10-31T12:00:00Z",
      expected: ["2026-11-01T05:30:00Z", "2026-11-08T06:30:00Z"],
    },
  ];
  it.each(lines)("$name", ({ line, zone, after, expected }) => {
    const trigger: Trigger = { type: "cron", line };
    let atMs = Date.parse(after);
    for (const each of expected) {
      atMs = nextTime(trigger, zone, atMs)?.getTime() ?? Number.NaN;
      expect(new Date(atMs)).toEqual(new Date(each));
    }
  });
});

describe("waiting for an instant", () => {
  it("looks at the clock every minute, however long it takes", async () => {
    const clock = createManualClock();
    let isOver = false;
    const wait = reached(clock, clock.now() + 40 * 86_400_000, never).then((inTime) => {
      isOver = true;
      return inTime;
    });
    await clock.pass(40 * 86_400_000 - 1);
    expect(isOver).toBe(false);
    await clock.pass(1);
    expect(await wait).toBe(true);
    expect(Math.max(...clock.slept)).toBe(60_000);
  });

  it("is over a minute after a suspended machine came back at the latest", async () => {
    const clock = createManualClock();
    let asleepMs = 0;
    const suspended = { ...clock, now: () => clock.now() + asleepMs };
    const wait = reached(suspended, clock.now() + 8 * 3_600_000, never);
    await clock.pass(90_000);
    asleepMs = 9 * 3_600_000;
    await clock.pass(60_000);
    expect(await wait).toBe(true);
  });

  it("tells when the clock was set back, so that nobody waits for what has no meaning any more", async () => {
    const clock = createManualClock();
    let setBackMs = 0;
    const changed = { ...clock, now: () => clock.now() - setBackMs };
    const wait = reached(changed, clock.now() + 3_600_000, never);
    await clock.pass(30_000);
    setBackMs = 86_400_000;
    await clock.pass(60_000);
    expect(await wait).toBe(false);
  });
});
