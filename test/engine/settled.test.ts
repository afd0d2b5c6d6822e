import { describe, expect, it } from "vitest";
import { driveLikeNames } from "../../providers/memory/names.ts";
import { ProviderError } from "../../src/core/error.ts";
import { readFeedOf } from "../../src/engine/job.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { createWorld, type World, type WorldOptions } from "./harness.ts";

/** What lies below the rule's folder of a side. */
function treeOf(world: World, side: "from" | "to"): Record<string, string | null> {
  const base = side === "from" ? "/in/" : "/out/";
  const inside = Object.entries(world[side].tree()).filter(([path]) => path.startsWith(base));
  return Object.fromEntries(inside.map(([path, text]) => [path.slice(base.length), text]));
}

const stateOf = ({ job, store, clock }: World) =>
  ruleStatus(job.rule, store, { nowMs: clock.now(), running: false }).state;

const untold = new AbortController().signal;

/** The same clouds and state, with something that happens around the first such request. */
function interrupted(
  world: World,
  options: WorldOptions,
  around: Partial<Record<"read" | "write", (request: () => Promise<unknown>) => Promise<void>>>,
): World {
  const left = new Map(Object.entries(around));
  const first = async <T>(method: string, request: () => Promise<T>): Promise<T> => {
    const what = left.get(method);
    left.delete(method);
    let answer: Promise<T> | null = null;
    await what?.(() => {
      answer = request();
      return answer;
    });
    return answer ?? request();
  };
  return createWorld({
    ...options,
    clouds: world,
    store: world.store,
    wrap: (provider) => ({
      ...provider,
      read: (...request) => first("read", () => provider.read(...request)),
      write: (...request) => first("write", () => provider.write(...request)),
    }),
  });
}

describe("what changes while a step is under way is looked at again", () => {
  it("where a file of the same bytes, met at a new file's place, is edited", async () => {
    const options: WorldOptions = { rule: { mode: "two-way", include: ["**/*.txt"] } };
    const world = createWorld(options);
    world.from.put("/in/a.txt", "one");
    world.to.put("/out/unnamed", "one");
    const run = interrupted(world, options, {
      read: async () => void world.to.move("/out/unnamed", "/out/a.txt"),
      write: async (write) => {
        await write().catch(() => world.to.put("/out/a.txt", "two"));
      },
    });
    expect((await run.run()).outcome).toBe("in-step");
    expect(treeOf(world, "from")).toEqual({ "": null, "a.txt": "two" });
    expect(treeOf(world, "to")).toEqual({ "": null, "a.txt": "two" });
  });

  it("where a source was renamed and takes back an edit of which it is not known whether it arrived", async () => {
    const options: WorldOptions = { from: { revisions: true }, to: { hashes: [] } };
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    await world.run();
    world.advance(60_000);
    world.from.put("/in/a", "two");
    const run = interrupted(world, options, {
      write: async (write) => {
        await write();
        world.advance(60_000);
        world.from.put("/in/a", "one");
        world.from.move("/in/a", "/in/b");
        await readFeedOf(run.job.from, run.context, untold);
        throw new ProviderError("unavailable", "the connection lost the answer");
      },
    });
    expect((await run.run()).outcome).toBe("in-step");
    expect(treeOf(world, "to")).toEqual({ "": null, b: "one" });
    expect(stateOf(world)).toBe("in-step");
  });
});

describe("what is in a folder is looked at again", () => {
  it("when that enters the scope, leaves it and comes back within one run", async () => {
    const options: WorldOptions = { rule: { include: ["d/**", "t/*"] } };
    const world = createWorld(options);
    world.from.put("/in/e/a", "one");
    await world.run();
    const moves = [
      { from: "/in/d", to: "/in/e", another: "/in/t/2" },
      { from: "/in/e", to: "/in/d", another: null },
    ];
    const run = createWorld({
      ...options,
      clouds: world,
      store: world.store,
      wrap: (provider) => ({
        ...provider,
        async write(...request) {
          const move = moves.shift();
          if (move) {
            world.from.move(move.from, move.to);
            if (move.another) world.from.put(move.another, "two");
            await readFeedOf(run.job.from, run.context, untold);
          }
          return provider.write(...request);
        },
      }),
    });
    world.from.move("/in/e", "/in/d");
    world.from.put("/in/t/1", "one");
    expect((await run.run()).outcome).toBe("in-step");
    expect(treeOf(world, "to")).toMatchObject({ "d/a": "one", "t/1": "one", "t/2": "two" });
  });
});

it("what two folders held, one of which it left while the other one was away, is looked at when that is back", async () => {
  const options: WorldOptions = { rule: { mode: "two-way" } };
  const world = createWorld(options);
  for (const name of ["d/a", "d/b", "z"]) world.from.put(`/in/${name}`, name);
  await world.run();
  world.to.move("/out/d/a", "/a");
  world.from.move("/in/d", "/d");
  world.from.put("/in/n", "n");
  const run = interrupted(world, options, {
    write: async () => void world.from.move("/d", "/in/c"),
  });
  expect((await run.run()).outcome).toBe("in-step");
  const left = { "": null, "c/": null, "c/b": "d/b", n: "n", z: "z" };
  expect(treeOf(world, "to")).toEqual(left);
  expect(treeOf(world, "from")).toEqual(left);
});

it.each(["trash", "keep"] as const)(
  "nothing waits for what two folders held, and left both, with deletes: %s",
  async (deletes) => {
    const world = createWorld({ rule: { mode: "two-way", deletes } });
    for (const name of ["d/a", "d/b", "z"]) world.from.put(`/in/${name}`, name);
    await world.run();
    world.to.move("/out/d/a", "/a");
    world.from.move("/in/d", "/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(stateOf(world)).toBe("in-step");
    expect(treeOf(world, "from")).toEqual({ "": null, z: "z" });
  },
);

describe("a feed", () => {
  it("tells of what came back with its folder, although it was asked for before", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    const { id: folder } = world.to.mkdir("/out");
    world.from.put("/in/a", "one");
    await world.run();
    world.to.put("/out/a", "two");
    world.to.trash("/out");
    world.to.restore(folder);
    expect((await world.run()).outcome).toBe("in-step");
    expect(treeOf(world, "from")).toEqual({ "": null, a: "two" });
    expect(treeOf(world, "to")).toEqual({ "": null, a: "two" });
  });
});

describe("a folder that `as` asks for", () => {
  it.each([
    ["first", ["/in/e/a", "/in/d"]],
    ["last", ["/in/d", "/in/e/a"]],
  ])("is not given the name of a new file, if asked for %s", async (_, paths) => {
    const world = createWorld({ rule: { as: "{path}/{name}" }, from: { rules: driveLikeNames } });
    for (const path of paths) world.from.put(path, path);
    world.from.move("/in/e", "/in/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.events.filter(({ type }) => type === "stale")).toEqual([]);
    const texts = Object.values(treeOf(world, "to"));
    expect(texts.filter((text) => text !== null).toSorted()).toEqual(paths.toSorted());
  });
});
