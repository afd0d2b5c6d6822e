import { describe, expect, it, onTestFinished } from "vitest";
import { askForComparison } from "../../src/engine/comparison.ts";
import { readFeed } from "../../src/engine/feed.ts";
import { createManualClock, settled } from "../layers/clock.ts";
import { createWorld, keepInStep, outTree, type World } from "./harness.ts";

const dayMs = 86_400_000;

/** In step, with three files. */
async function inStep() {
  const world = createWorld({ rule: { mode: "mirror", quietMs: 0 } });
  for (const name of ["a.txt", "b.txt", "c.txt"]) world.from.put(`/in/${name}`, name);
  await world.run();
  return world;
}

async function compared(world: World): Promise<readonly string[]> {
  askForComparison(world.job.from);
  await readFeed(world.job.from, world.context);
  const told = world.events.findLast((event) => event.type === "comparison");
  return told?.type === "comparison" ? told.missed : ["no comparison took place"];
}

describe("a comparison with everything", () => {
  it("finds nothing where the feed told of all, and marks nothing", async () => {
    const world = await inStep();
    expect(await compared(world)).toEqual([]);
    expect(await world.run()).toMatchObject({ outcome: "in-step", steps: [] });
  });

  it("finds a removal that was never told of, and the rule follows it", async () => {
    const world = await inStep();
    world.from.loseTombstones(1);
    world.from.trash("/in/b.txt");
    await world.run();
    expect(Object.keys(outTree(world))).toContain("b.txt");
    expect(await compared(world)).toEqual(["b.txt"]);
    await world.run();
    expect(Object.keys(outTree(world))).not.toContain("b.txt");
  });

  it("finds what the mirror lacks, or has otherwise", async () => {
    const world = await inStep();
    const { tree } = world.job.from;
    const [file] = tree.named(tree.named(world.from.root, "in")[0]?.id ?? world.from.root, "c.txt");
    if (!file) throw new Error("there is no c.txt");
    tree.drop(file.id);
    expect(await compared(world)).toEqual(["c.txt"]);
    expect(tree.get(file.id)).toMatchObject({ name: "c.txt" });
    tree.observe({ ...file, name: "other.txt" });
    expect(await compared(world)).toEqual(["c.txt"]);
    expect(await world.run()).toMatchObject({ outcome: "in-step" });
    expect(Object.keys(outTree(world)).sort()).toEqual(["", "a.txt", "b.txt", "c.txt"]);
  });

  it("takes a listing that ends too early for no removal", async () => {
    const world = await inStep();
    world.from.shortenListing(1);
    expect(await compared(world)).toEqual([]);
    await world.run();
    expect(Object.keys(outTree(world))).toContain("b.txt");
    expect(world.to.calls.trash).toBe(0);
  });

  it("blames the feed for nothing that it tells of in its own time", async () => {
    const world = await inStep();
    askForComparison(world.job.from);
    world.from.put("/in/new.txt", "new");
    expect(await compared(world)).toEqual([]);
  });

  it("takes place once for each time that it is asked for", async () => {
    const world = await inStep();
    await compared(world);
    const { epoch } = world.store.accounts.get(world.job.from.id);
    await readFeed(world.job.from, world.context);
    expect(world.store.accounts.get(world.job.from.id).epoch).toBe(epoch);
  });

  it("is made once a day of each account that is watched, and not of all at one time", async () => {
    const stepMs = 1_200_000;
    let seed = 0;
    const clock = createManualClock(() => (++seed * 0.37) % 1);
    const world = createWorld({
      clock,
      rule: { quietMs: 0 },
      wrap: ({ waitForChange: _, ...rest }) => rest,
    });
    world.from.mkdir("/in");
    const stop = new AbortController();
    const watching = keepInStep([{ rule: world.job.rule, jobs: [world.job] }], world.context, {
      signal: stop.signal,
      pollMs: stepMs,
      apiCalls: () => ({}),
      onReport: () => {},
      onProblem: (message) => expect.fail(message),
    });
    onTestFinished(async () => {
      stop.abort(new Error("stopped"));
      await watching;
    });
    const at = new Map<string, number[]>();
    for (let step = 0; step < (4 * dayMs) / stepMs; step++) {
      const before = world.events.length;
      await clock.pass(stepMs);
      await settled();
      for (const event of world.events.slice(before)) {
        if (event.type !== "comparison") continue;
        at.set(event.account, [...(at.get(event.account) ?? []), step]);
      }
    }
    expect([...at.keys()].sort()).toEqual(["a", "b"]);
    for (const times of at.values()) {
      expect(times.length).toBeGreaterThanOrEqual(3);
      expect(times.length).toBeLessThanOrEqual(4);
    }
    expect(at.get("a")?.[0]).not.toBe(at.get("b")?.[0]);
  });
});
