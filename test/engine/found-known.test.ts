import { setImmediate as rest } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Change, Entry, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import { resolveConflict } from "../../src/engine/review.ts";
import {
  createWorld,
  driveLike,
  dropboxLike,
  inTree,
  outTree,
  stateOf,
  type World,
  type WorldOptions,
} from "./harness.ts";

describe("where a feed leaves out for good that an item is gone", () => {
  const hour = 3_600_000;

  it("is done with a source that can't be read because it is gone", async () => {
    const world = createWorld();
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "forbidden" });
    await world.run();
    world.from.loseTombstones(1);
    world.from.trash("/in/a");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null });
  });

  it("brings an edited file again whose copy is gone", async () => {
    const world = createWorld();
    world.from.put("/in/a", "one");
    await world.run();
    world.advance(hour);
    world.to.loseTombstones(1);
    world.to.trash("/out/a");
    world.from.put("/in/a", "two");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "two" });
  });

  it("is done with a rename and a removal of what is gone", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    world.from.put("/in/a", "one");
    world.from.put("/in/b", "two");
    await world.run();
    world.advance(hour);
    world.to.loseTombstones(2);
    world.to.trash("/out/a");
    world.to.trash("/out/b");
    world.from.move("/in/a", "/in/c");
    world.from.trash("/in/b");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, c: "one" });
  });

  it("puts a new file where its folder was", async () => {
    const world = createWorld();
    world.from.put("/in/d/a", "one");
    await world.run();
    world.advance(hour);
    world.to.loseTombstones(1);
    world.to.trash("/out/d");
    world.from.put("/in/d/b", "two");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toMatchObject({ "d/": null, "d/b": "two" });
  });
});

describe("where a listing names what is in a folder and not the folder", () => {
  const unguarded = { deletesPercent: null, changesPercent: null, minimumFiles: 10 };

  it.each(["copy", "mirror", "two-way"] as const)(
    "%s takes nothing in it for gone",
    async (mode) => {
      const world = createWorld({ rule: { mode, guard: unguarded }, from: driveLike });
      world.from.put("/in/b", "one");
      world.from.put("/in/a", "two");
      await world.run();
      const copy = world.to.look("/out/a");
      world.from.move("/in/a", "/in/outer/inner/c");
      world.from.move("/in/b", "/in/a");
      world.from.resetCursors();
      world.from.shortenListing(3);
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({
        "": null,
        a: "one",
        "outer/": null,
        "outer/inner/": null,
        "outer/inner/c": "two",
      });
      expect(world.to.look("/out/outer/inner/c")?.id).toBe(copy?.id);
    },
  );

  it("reads all the same where the folder is not for the account to see", async () => {
    const world = createWorld({ from: driveLike });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/b", "two");
    world.from.move("/in/a", "/hidden/a");
    const hidden = world.from.look("/hidden")?.id;
    world.from.resetCursors();
    world.from.shortenListing(3);
    const next = createWorld({
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        async stat(id) {
          if (side === "from" && id === hidden) throw new ProviderError("forbidden", "not yours");
          return provider.stat(id);
        },
      }),
    });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one", b: "two" });
  });
});

describe("what a run knew too little of is looked at when it knows", () => {
  const twoWay = { mode: "two-way" } as const;
  const unguarded = { deletesPercent: null, changesPercent: null, minimumFiles: 10 };

  const texts = (tree: Record<string, string | null>) =>
    Object.values(tree)
      .filter((text) => text !== null)
      .toSorted();

  /** Another process with the same clouds and state. */
  const again = ({ job: { rule }, ...world }: World, wrap?: WorldOptions["wrap"]) =>
    createWorld({ rule, clouds: world, store: world.store, ...(wrap && { wrap }) });

  it("what is in a folder that a person moved to where one was to be made", async () => {
    const world = createWorld({ rule: twoWay });
    world.to.put("/elsewhere/d/a", "theirs");
    world.from.mkdir("/in");
    await world.run();
    world.from.mkdir("/in/d");
    const next = again(world, (provider, side) => ({
      ...provider,
      createFolder(at) {
        if (side === "to" && at.name === "d") world.to.move("/elsewhere/d", "/out/d");
        return provider.createFolder(at);
      },
    }));
    world.to.mkdir("/out");
    expect((await next.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, "d/": null, "d/a": "theirs" });
  });

  it("what is in a folder that a person moved to where one could not be made", async () => {
    const world = createWorld({ rule: twoWay });
    world.to.put("/elsewhere/d/a", "theirs");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.mkdir("/in/d");
    world.to.fail({ method: "createFolder", how: "forbidden" });
    expect((await world.run()).outcome).toBe("failed");
    world.to.move("/elsewhere/d", "/out/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "B", "d/": null, "d/a": "theirs" });
  });

  it.each<[string, (world: World) => void, Record<string, string | null>]>([
    [
      "away from there",
      ({ to }) => to.move("/out/e/b", "/out/b"),
      { "b/": null, "b/a": "one", "b/e/": null },
    ],
    ["away for good", ({ to }) => to.trash("/out/e/b"), { "d/": null, "d/e/": null }],
  ])(
    "a folder that could not go into itself, when a person takes %s what lay in it",
    async (_, act, tree) => {
      const world = createWorld();
      world.from.put("/in/d/a", "one");
      world.from.mkdir("/in/e");
      await world.run();
      world.to.move("/out/d", "/out/e/b");
      await world.run();
      world.from.move("/in/e", "/in/d/e");
      expect((await world.run()).steps.map((step) => step.do)).toEqual(["skip"]);
      act(world);
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, ...tree });
      expect((await world.run()).steps).toEqual([]);
    },
  );

  describe("what followed nothing while a person had taken its folder out of the rule's", () => {
    const whole = { "b/": null, "b/e/": null, "b/e/g": "two", "b/f": "one" };

    it.each<[string, (world: World) => void, Record<string, string | null | undefined>]>([
      ["moved out", ({ from }) => from.move("/in/d/f", "/in/f"), { f: "one", "b/f": undefined }],
      [
        "renamed",
        ({ from }) => from.move("/in/d/f", "/in/d/h"),
        { "b/h": "one", "b/f": undefined },
      ],
      [
        "deep below it",
        ({ from }) => from.move("/in/d/e/g", "/in/d/g"),
        { "b/g": "two", "b/e/g": undefined },
      ],
      [
        "a folder",
        ({ from }) => from.move("/in/d/e", "/in/e"),
        { "e/": null, "e/g": "two", "b/e/": undefined, "b/e/g": undefined },
      ],
      [
        "its source's folder trashed",
        ({ from }) => {
          from.move("/in/d/f", "/in/f");
          from.trash("/in/d");
        },
        { f: "one", "b/f": undefined },
      ],
      [
        "its folder made anew",
        ({ from }) => {
          from.put("/in/d/n", "new");
          from.trash("/in/d/e");
        },
        { "d/": null, "d/f": "one", "d/n": "new", "b/f": undefined },
      ],
    ])("%s", async (_, act, changed) => {
      const world = createWorld();
      world.from.put("/in/d/f", "one");
      world.from.put("/in/d/e/g", "two");
      world.to.mkdir("/out");
      await world.run();
      world.to.move("/out/d", "/b");
      await world.run();
      act(world);
      expect((await world.run()).outcome).toBe("in-step");
      expect(stateOf(world)).toBe("in-step");
      world.to.move("/b", "/out/b");
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, ...whole, ...changed });
      expect((await world.run()).steps).toEqual([]);
    });

    it("is followed where the folder comes back to its place", async () => {
      const world = createWorld();
      world.from.put("/in/d/f", "one");
      await world.run();
      world.to.move("/out/d", "/d");
      await world.run();
      world.from.move("/in/d/f", "/in/d/h");
      world.from.move("/in/d", "/in/e");
      await world.run();
      world.to.move("/d", "/out/d");
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, "e/": null, "e/h": "one" });
    });
  });

  it("what is in the rule's folder when it turns out to be there", async () => {
    const world = createWorld({ rule: { mode: "mirror", guard: unguarded } });
    world.from.put("/in/a", "A");
    world.to.put("/out/extra", "E");
    const folder = world.to.look("/out")?.id;
    const short = again(world, (provider, side) => ({
      ...provider,
      async *changes(since) {
        for await (const page of provider.changes(since)) {
          const isTold = (change: Change) => change.type === "gone" || change.entry.id !== folder;
          yield side === "to" ? { ...page, changes: page.changes.filter(isTold) } : page;
        }
      },
    }));
    await short.run();
    world.to.resetCursors();
    await world.run();
    world.store.holds.approve(world.job.destination.id);
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "A" });
  });

  it("a version in conflict, when the other one meets an elder of its name", async () => {
    const world = createWorld({ rule: { ...twoWay, conflict: "review" }, to: driveLike });
    const elder = world.to.put("/out/a", "elder");
    world.advance(60_000);
    world.to.trash("/out/a");
    world.to.put("/out/a", "theirs");
    world.from.put("/in/a", "ours");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.to.restore(elder.id);
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    resolveConflict(world.store, conflicts[0]?.id ?? "", "to");
    expect((await world.run()).outcome).toBe("in-step");
    expect(texts(inTree(world))).toEqual(["elder", "theirs"]);
  });

  it("a file whose counterpart became another's in the same run", async () => {
    const world = createWorld({ rule: twoWay });
    world.from.put("/in/a", "same");
    world.to.put("/out/b", "same");
    const next: World = again(world, (provider, side) => ({
      ...provider,
      read(...request) {
        if (side === "from") world.to.move("/out/b", "/out/a");
        return provider.read(...request);
      },
      async write(...request) {
        const isDone = () => next.events.some(({ type }) => type === "done");
        while (side === "from" && !isDone()) await rest();
        return provider.write(...request);
      },
    }));
    await next.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(texts(inTree(world))).toEqual(texts(outTree(world)));
  });

  it("a file that went back to what it was before a damaged update of its counterpart", async () => {
    const world = createWorld({ rule: twoWay, from: driveLike, to: dropboxLike });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "two");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    expect((await world.run()).outcome).toBe("failed");
    world.from.put("/in/a", "one");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });

  it("a file that came back after a damaged update of its counterpart with another's content", async () => {
    const world = createWorld({ rule: twoWay, from: driveLike, to: dropboxLike });
    const { id } = world.from.put("/in/a", "one");
    await world.run();
    world.from.trash("/in/a");
    world.from.put("/in/a", "two");
    world.to.fail({ method: "write", how: "flip", at: 1, times: 9 });
    expect((await world.run()).outcome).toBe("failed");
    world.to.settle();
    world.from.trash("/in/a");
    world.from.restore(id);
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });
});

describe("what was made is known again by the id that it was made with", () => {
  const twoWay = { mode: "two-way" } as const;

  /** What happens at the `at`th folder that is made at the destination, instead of it. */
  function atFolder(at: number, instead: (make: () => Promise<Entry>) => Promise<Entry>) {
    let folders = 0;
    return (provider: Provider, side: "from" | "to"): Provider =>
      side === "from"
        ? provider
        : {
            ...provider,
            createFolder(place) {
              const make = () => provider.createFolder(place);
              return ++folders === at ? instead(make) : make();
            },
          };
  }

  const refused = () => new ProviderError("forbidden", "memory: refused as planned");

  it("a folder that is made anew for what it holds right after its answer was lost", async () => {
    const world = createWorld({ rule: twoWay, to: driveLike });
    world.from.put("/in/d/e/a", "A");
    await world.run();
    world.from.put("/in/d/e/a", "AA");
    world.to.trash("/out/d");
    world.to.fail({ method: "createFolder", how: "forbidden", afterEffect: true });
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/e/": null, "d/e/a": "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });

  it("a folder that a person has renamed before it is made anew", async () => {
    const world: World = createWorld({
      rule: twoWay,
      to: driveLike,
      wrap: atFolder(4, async (make) => {
        await make();
        world.to.move("/out/d", "/out/f");
        throw refused();
      }),
    });
    world.from.put("/in/d/e/a", "A");
    await world.run();
    world.from.put("/in/d/e/a", "AA");
    world.to.trash("/out/d");
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "f/": null, "f/e/": null, "f/e/a": "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });

  it("a folder that a person has removed before it is made anew", async () => {
    const world: World = createWorld({
      rule: twoWay,
      to: driveLike,
      wrap: atFolder(4, async (make) => {
        await make();
        world.to.trash("/out/d");
        throw refused();
      }),
    });
    world.from.put("/in/d/e/a", "A");
    await world.run();
    world.from.put("/in/d/e/a", "AA");
    world.to.trash("/out/d");
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/e/": null, "d/e/a": "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });

  it.each([
    ["the rule's folder", 1],
    ["a folder in it", 2],
  ])("%s, which is made by a refused request after all", async (_, at) => {
    let late = async () => {};
    const lost = atFolder(at, async (make) => {
      late = async () => void (await make());
      throw refused();
    });
    const world: World = createWorld({
      to: driveLike,
      wrap: (provider, side) => {
        const losing = lost(provider, side);
        return {
          ...losing,
          async createFolder(place) {
            await late();
            late = async () => {};
            return losing.createFolder(place);
          },
        };
      },
    });
    world.from.put("/in/d/a", "A");
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.to.tree()).toEqual({ "/out/": null, "/out/d/": null, "/out/d/a": "A" });
  });
});

describe("what left a folder in the instant in which that was removed", () => {
  it("is brought in step with all that it holds", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/e/f/a", "one");
    world.from.put("/in/keep", "kept");
    await world.run();
    world.to.trash("/out/d");
    const next = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        trash(...request) {
          if (side === "from") world.from.move("/in/d/e", "/in/e");
          return provider.trash(...request);
        },
      }),
    });
    await next.run();
    expect((await createWorld({ rule, clouds: world, store: world.store }).run()).outcome).toBe(
      "in-step",
    );
    const all = { "": null, keep: "kept", "e/": null, "e/f/": null, "e/f/a": "one" };
    expect(inTree(world)).toEqual(all);
    expect(outTree(world)).toEqual(all);
  });

  it("is brought in step where the folder turned out to be gone before the feed told", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    world.from.put("/in/d/e/f/a", "one");
    world.from.put("/in/keep", "kept");
    await world.run();
    world.advance(3_600_000);
    world.from.put("/in/d/new", "two");
    world.to.lag(2);
    world.to.move("/out/d/e", "/out/e");
    world.to.trash("/out/d");
    await world.run();
    world.to.lag(0);
    expect((await world.run()).outcome).toBe("in-step");
    expect((await world.run()).outcome).toBe("in-step");
    const all = { "": null, keep: "kept", "e/": null, "e/f/": null, "e/f/a": "one" };
    expect(inTree(world)).toEqual({ ...all, "d/": null, "d/new": "two" });
    expect(outTree(world)).toEqual({ ...all, "d/": null, "d/new": "two" });
  });
});

describe("what an earlier process did just now", () => {
  it("hides nothing of what left a folder in the instant in which that was removed", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/e/f/a", "one");
    world.from.put("/in/d/e/b", "two");
    world.from.put("/in/keep", "kept");
    await world.run();
    world.to.trash("/out/d");
    const dying = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        trash(...request) {
          if (side === "from") world.from.move("/in/d/e", "/in/e");
          return provider.trash(...request);
        },
        changes(cursor) {
          const isGone = side === "from" && !world.from.look("/in/d");
          if (isGone) throw new ProviderError("unauthorized", "its process was killed");
          return provider.changes(cursor);
        },
      }),
    });
    await dying.run();
    const next = createWorld({ rule, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    const all = { "": null, keep: "kept", "e/": null, "e/f/": null, "e/f/a": "one", "e/b": "two" };
    expect(inTree(world)).toEqual(all);
    expect(outTree(world)).toEqual(all);
  });

  it("is not a person's removal of what a folder held, when that is restored at the other side", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/e/a", "one");
    world.from.put("/in/keep", "kept");
    await world.run();
    const { id = "" as ItemId } = world.from.look("/in/d") ?? {};
    world.from.trash("/in/d");
    const killed = new AbortController();
    const dying = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider) => ({
        ...provider,
        async trash(...request) {
          await provider.trash(...request);
          killed.abort(new Error("killed"));
          throw killed.signal.reason;
        },
      }),
    });
    await expect(dying.run({ signal: killed.signal })).rejects.toThrow("killed");
    world.from.restore(id);
    const next = createWorld({ rule, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    const all = { "": null, keep: "kept", "d/": null, "d/e/": null, "d/e/a": "one" };
    expect(inTree(world)).toEqual(all);
    expect(outTree(world)).toEqual(all);
  });

  it("is not taken back by a feed that lags behind it", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.move("/in/a", "/in/b");
    world.from.put("/in/b", "two");
    await world.run();
    world.from.move("/in/b", "/elsewhere/b");
    world.from.put("/in/a", "one");
    world.to.tellStale(3);
    const next = createWorld({ rule, clouds: world, store: world.store });
    await next.run();
    expect((await next.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, a: "one" });
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });
});
