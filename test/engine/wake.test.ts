import { describe, expect, it, onTestFinished } from "vitest";
import type { Provider } from "../../src/core/provider.ts";
import type { FollowOptions } from "../../src/engine/follow.ts";
import { bellOf } from "../../src/engine/wake.ts";
import { createManualClock, settled } from "../layers/clock.ts";
import { createWorld, keepInStep, outTree, type World, type WorldOptions } from "./harness.ts";

const hourMs = 3_600_000;

/** A world on a clock that stands, watched until the test ends; its services tell of nothing. */
async function watched(options: WorldOptions = {}, more: Partial<FollowOptions> = {}) {
  const clock = createManualClock();
  const world = createWorld({ clock, wrap: withoutNews, ...options });
  world.from.mkdir("/in");
  keep(world, more);
  const pass = async (ms: number) => {
    await clock.pass(ms);
    for (let turn = 0; turn < 10; turn++) await settled();
  };
  await pass(1_000);
  return { world, clock, pass, bell: bellOf(world.job.from) };
}

function withoutNews(provider: Provider): Provider {
  const { waitForChange: _, ...rest } = provider;
  return rest;
}

const rule = { quietMs: 0 };
/** Of a clock that can be set back. */
const longAfterMs = 1_000 * 24 * hourMs;
/** What was copied, by name. */
function copies(world: World) {
  const { "": _, ...files } = outTree(world);
  return files;
}

const readings = (world: World) => world.events.filter(({ type }) => type === "feed").length;

describe("a bell", () => {
  it("brings what is new, long before it is time to look", async () => {
    const { world, pass, bell } = await watched({ rule });
    world.from.put("/in/a.txt", "1");
    await pass(60_000);
    expect(copies(world)).toEqual({});
    bell.ring();
    await pass(1_000);
    expect(copies(world)).toEqual({ "a.txt": "1" });
  });

  it("costs one reading, however often it rings before one begins", async () => {
    const { world, pass, bell } = await watched({ rule });
    const before = readings(world);
    for (let call = 0; call < 1_000; call++) bell.ring();
    await pass(60_000);
    expect(readings(world) - before).toBe(1);
  });

  it("costs one more reading when it rings, however often, while one goes on", async () => {
    const { world, pass, bell } = await watched({ rule });
    const before = world.from.calls.changes;
    world.from.fail({ method: "changes", how: "hang", times: 1 });
    bell.ring();
    await pass(1_000);
    expect(world.from.calls.changes - before).toBe(1);
    for (let call = 0; call < 1_000; call++) bell.ring();
    await pass(1_000);
    expect(world.from.calls.changes - before).toBe(1);
    world.from.release();
    await pass(60_000);
    // The one that hung, its repetition, and the one that the bell asked for meanwhile.
    expect(world.from.calls.changes - before).toBe(3);
  });

  it("keeps a storm of a minute to two readings a second", async () => {
    const { world, pass, bell } = await watched({ rule });
    const before = readings(world);
    for (let call = 0; call < 1_000; call++) {
      bell.ring();
      await pass(60);
    }
    expect(readings(world) - before).toBeLessThanOrEqual(121);
  });

  it("is heard at once though the clock was set back by a day meanwhile", async () => {
    let setBackMs = 0;
    const clock = createManualClock();
    const changed = { ...clock, now: () => clock.now() - setBackMs };
    const world = createWorld({ clock: changed, wrap: withoutNews, rule });
    world.from.mkdir("/in");
    keep(world);
    await clock.pass(60_000);
    const before = readings(world);
    setBackMs = 24 * hourMs;
    bellOf(world.job.from).ring();
    await clock.pass(1_000);
    expect(readings(world)).toBeGreaterThan(before);
  });

  it("waits no longer for a file to rest because the clock was set back by a day meanwhile", async () => {
    let setBackMs = 0;
    const clock = createManualClock();
    const changed = { ...clock, now: () => longAfterMs + clock.now() - setBackMs };
    const world = createWorld({ clock: changed, wrap: withoutNews, rule: { quietMs: 20_000 } });
    world.from.mkdir("/in");
    keep(world);
    await clock.pass(60_000);
    world.from.put("/in/a.txt", "1");
    bellOf(world.job.from).ring();
    await clock.pass(10_000);
    expect(copies(world)).toEqual({});
    setBackMs = 24 * hourMs;
    await clock.pass(120_000);
    expect(copies(world)).toEqual({ "a.txt": "1" });
  });

  it("wakes no other account", async () => {
    const { world, pass, bell } = await watched({ rule });
    const before = world.to.calls.changes;
    bell.ring();
    await pass(60_000);
    expect(world.to.calls.changes).toBe(before);
  });

  it("leaves to the safety net what no ring tells of", async () => {
    const { world, pass } = await watched(
      { rule },
      { pollMs: 30_000, calls: { areLive: () => true, missed: () => {} } },
    );
    world.from.put("/in/a.txt", "1");
    await pass(4 * 60_000);
    expect(copies(world)).toEqual({});
    await pass(2 * 60_000);
    expect(copies(world)).toEqual({ "a.txt": "1" });
  });

  it("tells of changes that only the safety net found, and of no others", async () => {
    const missed: string[] = [];
    const calls = {
      areLive: () => true,
      missed: ({ name }: { readonly name: string }) => missed.push(name),
    };
    const { world, pass, bell } = await watched({ rule }, { calls });
    await pass(2 * hourMs);
    world.from.put("/in/a.txt", "1");
    bell.ring();
    await pass(1_000);
    expect(missed).not.toContain("a");
    world.from.put("/in/b.txt", "2");
    await pass(2 * hourMs);
    expect(missed).toContain("a");
  });
});

describe("time alone", () => {
  const cron = { type: "cron", line: "0 3 * * *" } as const;

  it("brings a rule to run in its own time zone", async () => {
    const { world, pass, clock } = await watched({
      rule: { triggers: [cron], timeZone: "Asia/Tokyo" },
    });
    world.from.put("/in/a.txt", "1");
    const atMs = 18 * hourMs - (clock.now() % (24 * hourMs));
    await pass(atMs - 60_000);
    expect(copies(world)).toEqual({});
    await pass(61_000);
    expect(copies(world)).toEqual({ "a.txt": "1" });
  });

  it("catches up once with what was missed while nobody watched", async () => {
    const clock = createManualClock();
    const before = createWorld({ clock, wrap: withoutNews, rule: { triggers: [cron] } });
    before.from.mkdir("/in");
    await before.run();
    await clock.pass(3 * 24 * hourMs);
    before.from.put("/in/a.txt", "1");
    const clouds = { from: before.from, to: before.to, clock, advance: () => {} };
    const { world } = await watchedOn(clouds, before);
    expect(copies(world)).toEqual({ "a.txt": "1" });
    expect(world.store.runs.last("docs")).toMatchObject({ trigger: "0 3 * * *" });
    const { id } = world.store.runs.last("docs") ?? { id: 0 };
    await clock.pass(60_000);
    expect(world.store.runs.last("docs")?.id).toBe(id);
  });

  it.each([
    { name: "ahead by ten days, once", jumpMs: 10 * 24 * hourMs, most: 2 },
    { name: "back by ten days, as it would have", jumpMs: -10 * 24 * hourMs, most: 2 },
  ])("goes on where the clock was set $name", async ({ jumpMs, most }) => {
    let offsetMs = 0;
    const clock = createManualClock();
    const set = { ...clock, now: () => longAfterMs + clock.now() + offsetMs };
    const every = { type: "every", everyMs: 15 * 60_000 } as const;
    const world = createWorld({ clock: set, wrap: withoutNews, rule: { triggers: [every] } });
    world.from.mkdir("/in");
    keep(world);
    await clock.pass(20 * 60_000);
    const before = world.store.runs.last("docs")?.id ?? 0;
    offsetMs = jumpMs;
    await clock.pass(17 * 60_000);
    const runs = (world.store.runs.last("docs")?.id ?? 0) - before;
    expect(runs).toBeGreaterThanOrEqual(1);
    expect(runs).toBeLessThanOrEqual(most);
  });

  it("makes up for nothing where a rule never ran", async () => {
    const { world } = await watched({ rule: { triggers: [cron] } });
    expect(world.store.runs.last("docs")).toBeNull();
  });

  it("runs for a file that rests for months without a timer of its own length", async () => {
    const { world, clock, pass } = await watched({
      rule: { quietMs: 0, where: { olderThanMs: 40 * 24 * hourMs } },
    });
    world.from.put("/in/a.txt", "1");
    bellOf(world.job.from).ring();
    await pass(10 * 60_000);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(60_000);
  });
});

/** The same clouds and state, watched anew. */
async function watchedOn(clouds: NonNullable<WorldOptions["clouds"]>, { store, job }: World) {
  const world = createWorld({ clouds, store, rule: job.rule, wrap: withoutNews });
  keep(world);
  for (let turn = 0; turn < 20; turn++) await settled();
  return { world };
}

/** Watches a world's rule until the test ends. */
function keep(world: World, more: Partial<FollowOptions> = {}) {
  const stop = new AbortController();
  const watching = keepInStep([{ rule: world.job.rule, jobs: [world.job] }], world.context, {
    signal: stop.signal,
    pollMs: hourMs,
    apiCalls: () => ({}),
    onReport: () => {},
    onProblem: () => {},
    ...more,
  });
  onTestFinished(async () => {
    stop.abort(new Error("stopped"));
    await watching;
  });
}
