import { describe, expect, it } from "vitest";
import { createTries } from "../../src/server/tries.ts";

describe("tries", () => {
  it("wait when so many have failed, until the window of the first is over", () => {
    let nowMs = 1_000;
    const tries = createTries({ most: 3, windowMs: 60_000, now: () => nowMs });
    for (const at of [1_000, 2_000, 3_000]) {
      nowMs = at;
      expect(tries.waitMs("eve")).toBe(0);
      tries.failed("eve");
    }
    expect(tries.waitMs("eve")).toBe(58_000);
    expect(tries.waitMs("ada")).toBe(0);
    nowMs = 61_000;
    expect(tries.waitMs("eve")).toBe(0);
    tries.failed("eve");
    expect(tries.waitMs("eve")).toBe(0);
  });

  it("forget whom they have known longest, and hold no more than ten thousand", () => {
    const tries = createTries({ most: 1, windowMs: 60_000, now: () => 0 });
    for (let n = 0; n <= 10_000; n++) tries.failed(`number ${n}`);
    expect(tries.waitMs("number 0")).toBe(0);
    expect(tries.waitMs("number 1")).toBeGreaterThan(0);
    expect(tries.waitMs("number 10000")).toBeGreaterThan(0);
  });
});
