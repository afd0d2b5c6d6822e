import { describe, expect, it } from "vitest";
import type { ItemId } from "../../src/core/entry.ts";
import type { Provider } from "../../src/core/provider.ts";
import { readFeedOf } from "../../src/engine/job.ts";
import { createWorld, driveLike, dropboxLike, hashless, outTree, type World } from "./harness.ts";

describe("found by simulation", () => {
  /** The process dies with the answer to the destination's `count`th request of this kind. */
  function dyingAt(method: "move" | "write" | "createFolder" | "trash", count = 1) {
    const killed = new AbortController();
    let left = count;
    const dying = async <T>(request: () => Promise<T>): Promise<T> => {
      killed.signal.throwIfAborted();
      const answer = await request();
      if (--left === 0) killed.abort(new Error("killed"));
      killed.signal.throwIfAborted();
      return answer;
    };
    const mortal = (provider: Provider): Partial<Provider> => ({
      move: (id, to) => dying(() => provider.move(id, to)),
      write: (target, source, options) => dying(() => provider.write(target, source, options)),
      createFolder: (at) => dying(() => provider.createFolder(at)),
      trash: (id, options) => dying(() => provider.trash(id, options)),
    });
    const wrap = (provider: Provider, side: "from" | "to"): Provider =>
      side === "from" ? provider : { ...provider, [method]: mortal(provider)[method] };
    return { wrap, signal: killed.signal };
  }

  it("ends a swap of names that a dead process left half done", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.move("/in/a", "/in/t");
    world.from.move("/in/b", "/in/a");
    world.from.move("/in/t", "/in/b");
    for (let count = 1; count <= 3; count++) {
      const { wrap, signal } = dyingAt("move", count);
      const dying = createWorld({ clouds: world, store: world.store, wrap });
      await dying.run({ signal }).catch(() => {});
    }
    const next = createWorld({ clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "B", b: "A" });
  });

  it("takes back a file from its detour when the swap that asked for it was undone", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.move("/in/a", "/in/t");
    world.from.move("/in/b", "/in/a");
    world.from.move("/in/t", "/in/b");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    world.from.move("/in/a", "/in/t");
    world.from.move("/in/b", "/in/a");
    world.from.move("/in/t", "/in/b");
    const next = createWorld({ clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "A", b: "B" });
  });

  it.each(["copy", "move"] as const)(
    "%s: takes back a folder from its detour when its source is gone or has left since",
    async (mode) => {
      for (const leave of [
        (world: World) => world.from.trash("/in/b"),
        (world: World) => world.from.move("/in/b", "/elsewhere"),
      ]) {
        const world = createWorld({ rule: { mode } });
        world.from.mkdir("/in/a");
        world.from.mkdir("/in/b");
        await world.run();
        world.from.move("/in/a", "/in/t");
        world.from.move("/in/b", "/in/a");
        world.from.move("/in/t", "/in/b");
        const { wrap, signal } = dyingAt("move");
        const dying = createWorld({ rule: { mode }, clouds: world, store: world.store, wrap });
        await expect(dying.run({ signal })).rejects.toThrow("killed");
        leave(world);
        const next = createWorld({ rule: { mode }, clouds: world, store: world.store });
        expect((await next.run()).outcome).toBe("in-step");
        // What the source still has goes before in the claim to a name.
        const [first, ...others] = Object.keys(outTree(world)).filter((path) => path !== "");
        expect(first).toBe("a/");
        expect(others).toEqual([expect.stringMatching(/^a \(.*\)\/$/)]);
        const id = world.from.look("/in/a")?.id ?? ("none" as ItemId);
        const link = world.store.links.of(world.job.destination.id, "from", id);
        expect(link?.to.id).toBe(world.to.look("/out/a")?.id);
        expect((await next.run()).steps).toEqual([]);
      }
    },
  );

  it("follows a move back to the first name although the process died at the rename", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    await world.run();
    world.from.move("/in/a", "/in/b");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    world.from.move("/in/b", "/in/d/a");
    const next = createWorld({ clouds: world, store: world.store });
    await next.run();
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "A" });
  });

  it("follows a second rename although the process died at the first", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    await world.run();
    world.from.move("/in/a", "/in/b");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ clouds: world, store: world.store });
    await next.run();
    world.from.move("/in/b", "/in/c");
    await next.run();
    expect(outTree(world)).toEqual({ "": null, c: "A" });
  });

  it("does not take what a changed source says of itself for something at the destination", async () => {
    let isEdited = false;
    const world: World = createWorld({
      wrap: (provider, side) =>
        side === "to"
          ? provider
          : {
              ...provider,
              read(id, options) {
                if (!isEdited) world.from.put("/in/a", "two");
                isEdited = true;
                return provider.read(id, options);
              },
            },
    });
    world.from.put("/in/a", "one");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "two" });
  });

  describe("when another rule reads the feed while it works", () => {
    /** The source goes on changing, and its mirror with it, before the destination's first request of a kind. */
    function overtaken(method: "move" | "write" | "createFolder", change: (world: World) => void) {
      let isOver = false;
      const overtake = async <T>(request: () => Promise<T>): Promise<T> => {
        if (!isOver && world.from.look("/in/b")) {
          isOver = true;
          change(world);
          await readFeedOf(world.job.from, world.context, new AbortController().signal);
        }
        return request();
      };
      const slow = (provider: Provider): Partial<Provider> => ({
        move: (id, to) => overtake(() => provider.move(id, to)),
        write: (...request) => overtake(() => provider.write(...request)),
        createFolder: (at) => overtake(() => provider.createFolder(at)),
      });
      const wrap = (provider: Provider, side: "from" | "to"): Provider =>
        side === "from" ? provider : { ...provider, [method]: slow(provider)[method] };
      const world: World = createWorld({ wrap });
      return world;
    }

    it("follows a rename of what it is renaming", async () => {
      const world = overtaken("move", ({ from }) => from.move("/in/b", "/in/c"));
      world.from.put("/in/a", "one");
      await world.run();
      world.from.move("/in/a", "/in/b");
      await world.run();
      await world.run();
      expect(outTree(world)).toEqual({ "": null, c: "one" });
    });

    it("follows a rename of what it is uploading", async () => {
      const world = overtaken("write", ({ from }) => from.move("/in/b", "/in/c"));
      world.from.put("/in/b", "one");
      await world.run();
      await world.run();
      expect(outTree(world)).toEqual({ "": null, c: "one" });
    });

    it("follows a rename of a folder that it is making", async () => {
      const world = overtaken("createFolder", ({ from }) => from.move("/in/b", "/in/c"));
      world.from.mkdir("/in/b");
      await world.run();
      await world.run();
      expect(outTree(world)).toEqual({ "": null, "c/": null });
    });
  });

  function edit({ from, advance }: World): void {
    advance(60_000);
    from.put("/in/a", "six");
    from.move("/in/a", "/in/b");
  }

  it.each([
    ["where no hash tells", hashless],
    ["where a hash tells", {}],
  ])(
    "knows an upload whose answer was lost again when the source has changed, %s",
    async (_, to) => {
      const options = { from: to, to };
      let isEdited = false;
      const world: World = createWorld({
        ...options,
        wrap: (provider, side) =>
          side === "from"
            ? provider
            : {
                ...provider,
                async write(...request) {
                  try {
                    return await provider.write(...request);
                  } finally {
                    if (!isEdited) edit(world);
                    isEdited = true;
                  }
                },
              },
      });
      world.from.put("/in/a", "one");
      world.to.fail({ method: "write", how: "lost-answer" });
      await world.run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, b: "six" });
    },
  );

  it("does not take its own renames for a person's where the feed lags behind them", async () => {
    const world = createWorld();
    world.from.put("/in/a", "one");
    world.to.lag(1);
    await world.run();
    for (const [name, next] of ["ab", "bc", "cd", "de"]) {
      world.from.move(`/in/${name}`, `/in/${next}`);
      world.advance(1_000);
      await world.run();
    }
    expect(outTree(world)).toEqual({ "": null, e: "one" });
  });

  it("sets two equal files of one name aside under two names", async () => {
    const world = createWorld();
    const at = new Date(world.clock.now());
    world.from.put("/in/a", "one");
    world.to.put("/out/a", "theirs", at);
    await world.run();
    world.to.trash("/out/a");
    world.to.put("/out/a", "theirs", at);
    world.from.put("/in/a", "two");
    expect((await world.run()).outcome).toBe("in-step");
    expect(Object.values(outTree(world)).sort()).toEqual([null, "theirs", "theirs", "two"]);
  });

  it("makes an upload anew whose answer was lost and whose folder a person then removed", async () => {
    const options = { from: driveLike, to: driveLike };
    const world = createWorld(options);
    world.from.put("/in/d/a", "one");
    const { wrap, signal } = dyingAt("write");
    const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    world.to.trash("/out/d");
    world.from.put("/in/d/a", "two");
    const next = createWorld({ ...options, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "two" });
  });

  it("does not take its own damaged update for a person's", async () => {
    const world = createWorld({ from: hashless });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "twotwo");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "twotwo" });
  });

  it("sets nothing aside that a person has just moved away", async () => {
    let isMoved = false;
    const world: World = createWorld({
      wrap: (provider, side) =>
        side === "from"
          ? provider
          : {
              ...provider,
              stat(id) {
                if (!isMoved && world.to.look("/out/b")) world.to.move("/out/b", "/out/c");
                isMoved = world.to.look("/out/c") !== null;
                return provider.stat(id);
              },
            },
    });
    world.from.put("/in/a", "one");
    await world.run();
    world.to.put("/out/b", "theirs");
    world.from.move("/in/a", "/in/b");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, b: "one", c: "theirs" });
  });

  describe.each([
    ["Drive-like to Drive-like", { from: driveLike, to: driveLike }],
    ["Drive-like to Dropbox-like", { from: driveLike, to: dropboxLike }],
    ["hashless to hashless", { from: hashless, to: hashless }],
  ])("%s", (_, options) => {
    it("knows its own upload again after it died, when the source was renamed and edited", async () => {
      const world = createWorld(options);
      world.from.put("/in/a", "one");
      const { wrap, signal } = dyingAt("write");
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.from.move("/in/a", "/in/b");
      world.from.put("/in/b", "two");
      world.advance(60_000);
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, b: "two" });
    });

    it("knows its own update again after it died, when the source was edited", async () => {
      const world = createWorld(options);
      world.from.put("/in/a", "one");
      await world.run();
      world.advance(60_000);
      world.from.put("/in/a", "two");
      const { wrap, signal } = dyingAt("write");
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.advance(60_000);
      world.from.put("/in/a", "six");
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, a: "six" });
    });

    it("knows its own folder again after it died, when the source was renamed", async () => {
      const world = createWorld(options);
      world.from.mkdir("/in/a");
      const { wrap, signal } = dyingAt("createFolder", 2);
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.from.move("/in/a", "/in/b");
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, "b/": null });
    });

    it("keeps a person's edit of its upload although it died", async () => {
      const world = createWorld(options);
      world.from.put("/in/a", "one");
      const { wrap, signal } = dyingAt("write");
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.advance(60_000);
      world.to.put("/out/a", "six");
      world.from.put("/in/a", "two");
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(Object.values(outTree(world)).sort()).toEqual([null, "six", "two"]);
    });
  });

  it("brings back what a replacement displaced although it died, when the moved source is gone", async () => {
    const racy = { ...driveLike, revisions: true, conditionalWrite: false };
    const rule = { mode: "move" } as const;
    const world = createWorld({ rule, to: racy });
    world.from.put("/in/a", "one");
    world.from.fail({ method: "trash", how: "unavailable", times: 50 });
    await world.run();
    world.from.settle();
    world.from.put("/in/a", "two");
    const { wrap, signal } = dyingAt("write");
    const meddling = (provider: Provider, side: "from" | "to") =>
      wrap(
        {
          ...provider,
          write(target, source, options) {
            const open: typeof source.open = (offset) => {
              world.to.put("/out/a", "a person's");
              return source.open(offset);
            };
            return provider.write(target, { ...source, open }, options);
          },
        },
        side,
      );
    const dying = createWorld({ rule, clouds: world, store: world.store, wrap: meddling });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    world.from.trash("/in/a");
    world.advance(60_000);
    const next = createWorld({ rule, clouds: world, store: world.store });
    const report = await next.run();
    expect(report.steps.map((step) => step.do)).toEqual(["conflict"]);
    expect(Object.values(outTree(world)).sort()).toEqual(["a person's", null, "two"]);
    const done = world.store.runs.log({ rule: "docs", limit: 10 }).filter(({ error }) => !error);
    expect(done.map((step) => step.do)).toEqual(["create-folder", "upload", "update", "conflict"]);
    expect((await next.run()).steps).toEqual([]);
  });

  it("never links its own damaged upload after it died, where no hash is shared", async () => {
    const options = { from: dropboxLike, to: driveLike };
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    const { wrap, signal } = dyingAt("write");
    const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ ...options, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toMatchObject({ a: "one" });
  });

  it("sends anew what arrived damaged although the process died when it had that trashed", async () => {
    const options = { rule: { conflict: "to" }, from: hashless, to: driveLike } as const;
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    const { wrap, signal } = dyingAt("trash");
    const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ ...options, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });

  it.each([
    ["with ids of our own", driveLike],
    ["with names that are taken once", dropboxLike],
  ])("takes away nothing that a person has just made of a damaged upload, %s", async (_, to) => {
    const world: World = createWorld({
      from: hashless,
      to,
      wrap: (provider, side) => ({
        ...provider,
        trash(id, options) {
          if (side === "to") world.to.put("/out/a", "a person's");
          return provider.trash(id, options);
        },
      }),
    });
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(Object.values(outTree(world)).sort()).toEqual(["a person's", null, "one"]);
  });

  it("makes one conflict copy although the process died right after", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    await world.run();
    world.from.put("/in/a", "AA");
    world.to.put("/out/a", "BB");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({
      "": null,
      a: "AA",
      "a (conflict, b, 2026-01-01 00-00-00, fc686c)": "BB",
    });
  });
});
