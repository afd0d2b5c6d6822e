import { describe, expect, it } from "vitest";
import { driveLikeNames } from "../../providers/memory/names.ts";
import { createRunner } from "../../src/engine/runner.ts";
import { createWorld, dropboxLike, outTree, type WorldOptions } from "./harness.ts";

const driveLike = { rules: driveLikeNames, reserveIds: true, hashes: ["md5", "sha256"] } as const;
const clouds: Record<string, WorldOptions> = {
  "Dropbox-like to Drive-like": { from: dropboxLike, to: driveLike },
  "Drive-like to Dropbox-like": { from: driveLike, to: dropboxLike },
  "hashless to hashless": { from: { hashes: [] }, to: { hashes: [] } },
};
const large = "x".repeat(200_000);

describe.each(Object.entries(clouds))("%s", (_, options) => {
  const start = () => {
    const world = createWorld(options);
    world.from.put("/in/a.txt", "hello");
    world.from.put("/in/b.txt", large);
    return world;
  };
  const both = { "": null, "a.txt": "hello", "b.txt": large };

  it("makes one copy when the answer to an upload is lost", async () => {
    const world = start();
    world.to.fail({ method: "write", how: "lost-answer" });
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual(both);
    expect((await world.run()).steps).toEqual([]);
  });

  it("makes one copy when the process dies between the effect and its record", async () => {
    const killed = new AbortController();
    const world = createWorld({
      ...options,
      wrap: (provider, side) =>
        side === "from"
          ? provider
          : {
              ...provider,
              async write(target, source, writeOptions) {
                const entry = await provider.write(target, source, writeOptions);
                killed.signal.throwIfAborted();
                killed.abort(new Error("killed"));
                await provider.stat(entry.id);
                throw killed.signal.reason;
              },
            },
    });
    world.from.put("/in/a.txt", "hello");
    await expect(world.run({ signal: killed.signal })).rejects.toThrow("killed");
    expect(world.to.calls.write).toBe(1);
    const next = createWorld({ ...options, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "hello" });
    expect(world.to.calls.write).toBe(1);
  });

  it("knows its own upload again when the answer was lost and the next attempt was refused", async () => {
    const world = createWorld(options);
    world.from.put("/in/a.txt", "hello");
    world.to.fail({ method: "write", how: "lost-answer" });
    world.to.fail({ method: "write", how: "forbidden" });
    expect((await world.run()).outcome).toBe("failed");
    world.from.put("/in/a.txt", "hello again");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "hello again" });
  });

  it("takes it for a person's doing when its upload, whose answer was lost, was renamed since", async () => {
    const world = createWorld({
      ...options,
      rule: { mode: "mirror" },
      wrap: (provider, side) =>
        side === "from" || !provider.reserveIds
          ? provider
          : {
              ...provider,
              async write(target, source, writeOptions) {
                await provider.write(target, source, writeOptions);
                world.to.move("/out/a.txt", "/out/b.txt");
                return provider.write(target, source, writeOptions);
              },
            },
    });
    world.from.put("/in/a.txt", "hello");
    expect((await world.run()).outcome).toBe("in-step");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "hello" });
  });

  it("makes one update when its answer is lost", async () => {
    const world = start();
    await world.run();
    world.from.put("/in/a.txt", "changed");
    world.to.fail({ method: "write", how: "lost-answer" });
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ ...both, "a.txt": "changed" });
  });

  it("goes on where a download broke", async () => {
    const world = start();
    world.from.fail({ method: "read", how: "cut", at: 90_000, times: 2 });
    expect((await world.run()).errors).toEqual([]);
    expect(outTree(world)).toEqual(both);
  });

  it("never links bytes that were damaged on the way out", async () => {
    const world = start();
    if (world.to.open().traits.hashes.length === 0) return;
    world.to.fail({ method: "write", how: "flip", at: 2, times: 1 });
    await world.run();
    await world.run();
    expect(outTree(world)).toEqual(both);
  });

  it("never publishes bytes that were damaged on the way in", async () => {
    const world = start();
    if (world.from.open().traits.hashes.length === 0) return;
    world.from.fail({ method: "read", how: "flip", at: 2, times: 1 });
    await world.run();
    await world.run();
    expect(outTree(world)).toEqual(both);
  });

  it("lists again after an expired cursor, and moves no byte", async () => {
    const world = start();
    await world.run();
    world.from.resetCursors();
    world.to.resetCursors();
    world.from.put("/in/c.txt", "new");
    const uploads = world.to.calls.write;
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.to.calls.write - uploads).toBe(1);
    expect(outTree(world)).toEqual({ ...both, "c.txt": "new" });
  });

  it("is not confused by repeated pages or by a feed that lags behind its own writes", async () => {
    const world = start();
    world.to.lag();
    world.from.repeatPages();
    expect((await world.run()).outcome).toBe("in-step");
    world.from.put("/in/a.txt", "two");
    expect((await world.run()).outcome).toBe("in-step");
    world.to.settle();
    expect((await world.run()).steps).toEqual([]);
    expect(outTree(world)).toEqual({ ...both, "a.txt": "two" });
    expect(world.to.calls.write).toBe(3);
  });

  it("keeps one failing file from stopping the others, and completes it next time", async () => {
    const world = start();
    world.from.put("/in/c.txt", "sea");
    world.to.fail({ method: "write", how: "forbidden", times: 1 });
    const report = await world.run();
    expect(report.outcome).toBe("failed");
    expect(report.errors).toHaveLength(1);
    expect(report.totals.uploads).toBe(2);
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ ...both, "c.txt": "sea" });
  });

  it("stops at a dead grant with one message, and goes on when it is mended", async () => {
    const world = start();
    world.to.fail({ method: "write", how: "unauthorized", times: 100 });
    const report = await world.run();
    expect(report).toMatchObject({ outcome: "failed", errors: [{ retryable: false }] });
    world.to.settle();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual(both);
  });

  it("waits out a storm of 5xx and throttling", async () => {
    const world = start();
    for (const method of ["write", "read", "changes", "createFolder"] as const) {
      world.to.fail({ method, how: "unavailable", times: 3 });
      world.from.fail({ method, how: "rate-limited", times: 2, retryAfterMs: 30_000 });
    }
    expect((await world.run()).errors).toEqual([]);
    expect(outTree(world)).toEqual(both);
  });

  it("stops at a limit of the day, says once until when, and does not fail file by file", async () => {
    const world = start();
    const retryAfterMs = 6 * 3_600_000;
    world.to.fail({ method: "write", how: "rate-limited", times: 100, retryAfterMs });
    const { outcome, errors } = await world.run();
    expect(outcome).toBe("failed");
    expect(errors).toEqual([
      {
        path: expect.any(String),
        message: "memory: write: as planned; it goes on at 2026-01-01 06:00 UTC",
        retryable: true,
        retryAt: "2026-01-01T06:00:00.000Z",
      },
    ]);
  });

  it("runs a watched rule again when the limit of the day is over, and not before", async () => {
    const world = start();
    const retryAfterMs = 6 * 3_600_000;
    world.to.fail({ method: "write", how: "rate-limited", times: 2, retryAfterMs });
    const stop = new AbortController();
    const ended: (readonly [string, number])[] = [];
    const done = Promise.withResolvers<void>();
    const runner = createRunner({ rule: world.job.rule, jobs: [world.job] }, world.context, {
      signal: stop.signal,
      isShared: () => false,
      fresh: new Map(),
      apiCalls: () => ({}),
      onReport({ outcome }) {
        ended.push([outcome, world.clock.now() - startMs]);
        if (outcome === "in-step") done.resolve();
      },
    });
    const startMs = world.clock.now();
    runner.wake("manual");
    const running = runner.run();
    await done.promise;
    stop.abort(new Error("over"));
    await expect(running).rejects.toThrow("over");
    expect(ended.map(([outcome]) => outcome)).toEqual(["failed", "in-step"]);
    expect(ended[1]?.[1]).toBeGreaterThanOrEqual(retryAfterMs);
    expect(outTree(world)).toEqual(both);
  });

  it("adopts everything when the state is lost", async () => {
    const world = start();
    await world.run();
    const fresh = createWorld({ ...options, clouds: world });
    const uploads = world.to.calls.write;
    expect((await fresh.run()).outcome).toBe("in-step");
    expect(world.to.calls.write).toBe(uploads);
    expect(outTree(world)).toEqual(both);
  });

  it("asks at most one feed call an account when nothing happened", async () => {
    const world = start();
    await world.run();
    await world.run();
    const before = { from: { ...world.from.calls }, to: { ...world.to.calls } };
    await world.run();
    for (const side of ["from", "to"] as const) {
      const calls = Object.entries(world[side].calls).map(([method, count]) => {
        return [method, count - before[side][method as keyof typeof before.from]];
      });
      expect(Object.fromEntries(calls.filter(([, count]) => count !== 0))).toEqual({ changes: 1 });
    }
  });
});
