import { describe, expect, it } from "vitest";
import { ruleStatus } from "../../src/engine/status.ts";
import { createWorld, type World } from "./harness.ts";

const freshness = ({ job, store, clock }: World) =>
  ruleStatus(job.rule, store, { nowMs: clock.now(), running: true }).freshness;

describe("the freshness of a rule", () => {
  it("is nothing before anything was copied", () => {
    const { job } = createWorld();
    const status = ruleStatus(job.rule, null, { nowMs: 0, running: false });
    expect(status.freshness).toEqual({ oldestChangeAt: null, toCopy: null });
  });

  it("says since when the oldest change waits, and nothing once all is brought", async () => {
    const world = createWorld();
    world.from.mkdir("/in");
    await world.run();
    const seenAt = world.clock.now();
    world.from.put("/in/a.txt", "1");
    world.to.fail({ method: "write", how: "forbidden", times: 1 });
    await world.run();
    world.advance(60_000);
    world.from.put("/in/b.txt", "2");
    world.to.fail({ method: "write", how: "forbidden", times: 2 });
    await world.run();
    const { oldestChangeAt } = freshness(world);
    expect(oldestChangeAt?.getTime()).toBeGreaterThanOrEqual(seenAt);
    expect(oldestChangeAt?.getTime()).toBeLessThan(seenAt + 60_000);
    await world.run();
    expect(freshness(world).oldestChangeAt).toBeNull();
  });

  it("leaves out what is not due yet by the rule's own word", async () => {
    const world = createWorld({ rule: { where: { olderThanMs: 3_600_000 } } });
    world.from.put("/in/a.txt", "1");
    await world.run();
    expect(freshness(world).oldestChangeAt).toBeNull();
  });

  it("says how long copies took: half of them, and 95 of a hundred", async () => {
    const world = createWorld({ rule: { quietMs: 0 } });
    world.from.mkdir("/in");
    await world.run();
    for (let file = 1; file <= 100; file++) {
      world.from.put(`/in/${file}.txt`, `${file}`);
      world.to.fail({ method: "write", how: "forbidden", times: 1 });
      await world.run();
      world.advance(file * 1_000);
      await world.run();
    }
    const { toCopy } = freshness(world);
    expect(toCopy?.copies).toBe(100);
    expect(toCopy?.medianMs).toBeGreaterThanOrEqual(50_000);
    expect(toCopy?.medianMs).toBeLessThan(51_000);
    expect(toCopy?.percentile95Ms).toBeGreaterThanOrEqual(95_000);
    expect(toCopy?.percentile95Ms).toBeLessThan(96_000);
    world.advance(8 * 86_400_000);
    expect(freshness(world).toCopy).toBeNull();
  });
});
