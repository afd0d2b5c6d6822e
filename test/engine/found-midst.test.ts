import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Change } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { resolveConflict } from "../../src/engine/review.ts";
import { ruleStatus } from "../../src/engine/status.ts";
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

describe("what is heard of in the midst of a run", () => {
  it("is brought in step by the same run, when the reading before its removals told of it", async () => {
    let readings = 0;
    const options: WorldOptions = {
      rule: {
        mode: "mirror",
        guard: { deletesPercent: null, changesPercent: null, minimumFiles: 1 },
      },
    };
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    world.from.put("/in/b", "two");
    await world.run();
    world.from.trash("/in/a");
    const next = createWorld({
      ...options,
      clouds: world,
      store: world.store,
      wrap: (provider, side) =>
        side === "to"
          ? provider
          : {
              ...provider,
              changes(since) {
                if (++readings === 2) world.from.put("/in/c", "three");
                return provider.changes(since);
              },
            },
    });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, b: "two", c: "three" });
    const status = ruleStatus(next.job.rule, world.store, {
      nowMs: world.clock.now(),
      running: false,
    });
    expect(status.state).toBe("in-step");
  });

  it("is looked at again when it is marked between its plan and its step at the end", async () => {
    const world = createWorld({ rule: { mode: "two-way", exclude: ["**/x"] } });
    world.from.put("/in/d/a", "one");
    await world.run();
    world.from.trash("/in/d/a");
    world.from.mkdir("/in/d/a");
    world.to.move("/out/d", "/out/e");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "e/": null, "e/a/": null });
    expect(stateOf(world)).toBe("in-step");
  });

  it("is planned again when a version in conflict goes before the removals of a run", async () => {
    const rule = { mode: "move", conflict: "review" } as const;
    let readings = 0;
    const world = createWorld({ rule });
    world.from.put("/in/d/a", "ours");
    world.to.put("/out/d/a", "theirs");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.from.put("/in/b", "B");
    const next = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        changes(since) {
          if (side === "to" && ++readings === 2) world.to.trash("/out/d");
          return provider.changes(since);
        },
      }),
    });
    const { outcome, conflicts } = await next.run();
    expect({ outcome, conflicts }).toEqual({ outcome: "in-step", conflicts: [] });
    expect(outTree(world)).toEqual({ "": null, b: "B", "d/": null, "d/a": "ours" });
  });

  const meddling = { mode: "two-way" } as const;

  /** A person renames the destination's file in the instant before it is written to. */
  const renamedBeforeWrite = (world: World, from: string, to: string) =>
    createWorld({
      rule: meddling,
      clouds: world,
      store: world.store,
      wrap: (provider, side) =>
        side === "from"
          ? provider
          : {
              ...provider,
              write(...request) {
                world.to.move(from, to);
                return provider.write(...request);
              },
            },
    });

  it("follows a rename that came right before an update of the same file", async () => {
    const world = createWorld({ rule: meddling });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "two");
    await renamedBeforeWrite(world, "/out/a", "/out/b").run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "two" });
    expect(outTree(world)).toEqual({ "": null, b: "two" });
  });

  it("follows a rename that came right before the update of what replaces a file", async () => {
    const world = createWorld({ rule: meddling });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.trash("/in/a");
    world.from.put("/in/a", "two");
    await renamedBeforeWrite(world, "/out/a", "/out/b").run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "two" });
    expect(outTree(world)).toEqual({ "": null, b: "two" });
  });

  it("follows a rename that came after an update of which no answer told", async () => {
    const world = createWorld({ rule: { mode: "two-way", conflict: "from" } });
    world.from.put("/in/a", "ours, and more");
    world.to.put("/out/a", "theirs");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    expect((await world.run()).outcome).toBe("failed");
    world.to.move("/out/a", "/out/b");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "ours, and more" });
    expect(outTree(world)).toEqual({ "": null, b: "ours, and more" });
  });

  it("leaves alone what was moved out of the rule's folder together with that folder", async () => {
    const options = { rule: { mode: "two-way" } } as const;
    const world = createWorld(options);
    world.from.put("/in/d/a", "one");
    await world.run();
    world.from.put("/in/d/b", "two");
    let writes = 0;
    const next = createWorld({
      ...options,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write(...request) {
          if (side === "to" && ++writes === 1) {
            world.to.move("/out", "/elsewhere");
            throw new ProviderError("not-found", "the folder is gone");
          }
          return provider.write(...request);
        },
      }),
    });
    await next.run();
    expect((await next.run()).outcome).toBe("in-step");
    const away = Object.entries(world.to.tree()).filter(([path]) => path.startsWith("/elsewhere"));
    expect(Object.fromEntries(away)).toEqual({
      "/elsewhere/": null,
      "/elsewhere/d/": null,
      "/elsewhere/d/a": "one",
    });
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "one", "d/b": "two" });
    expect(inTree(world)).toEqual({ "": null, "d/": null, "d/a": "one", "d/b": "two" });
  });

  it("takes nothing from the source when the destination's folder goes in the midst of a run", async () => {
    const guard = { deletesPercent: null, changesPercent: null, minimumFiles: 10 };
    let world = createWorld({ rule: { mode: "two-way", guard } });
    world.from.put("/in/a", "A");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.put("/in/a", "edited");
    let isThere = true;
    world = createWorld({
      rule: { mode: "two-way", guard },
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write: (...args) => {
          if (side === "to" && isThere) world.to.trash("/out");
          if (side === "to") isThere = false;
          return provider.write(...args);
        },
      }),
    });
    await world.run();
    await world.run();
    expect(world.from.tree()).toMatchObject({ "/in/a": "edited", "/in/b": "B" });
    expect(outTree(world)).toEqual({ "": null, a: "edited", b: "B" });
  });

  it("finishes a swap that failed halfway, although the filters leave out the passing name", async () => {
    const world = createWorld({ rule: { mode: "two-way", include: ["*.txt"] } });
    world.from.put("/in/a.txt", "A");
    world.from.put("/in/b.txt", "B");
    await world.run();
    world.from.move("/in/a.txt", "/elsewhere");
    world.from.move("/in/b.txt", "/in/a.txt");
    world.from.move("/elsewhere", "/in/b.txt");
    world.to.fail({ method: "move", how: "forbidden", after: 1 });
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "B", "b.txt": "A" });
    expect(world.to.calls.write).toBe(2);
  });

  it("keeps what lies in a folder that makes room in passing, although the filters leave that out", async () => {
    const rule = { mode: "two-way", include: ["d/**"] } as const;
    const world = createWorld({ rule, from: driveLike });
    const { id } = world.from.put("/in/d/a/c.txt", "C");
    await world.run();
    world.from.move("/in/d/a", "/in/d");
    world.from.trash("/in/d");
    expect(world.from.look(id)?.name).toBe("c.txt");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/c.txt": "C" });
    expect(world.from.look(id)?.name).toBe("c.txt");
    expect(world.to.calls.write).toBe(1);
  });

  it("asks about the version that took the place of one in conflict, and no more about that", async () => {
    const world = createWorld({ rule: { mode: "two-way", conflict: "review" } });
    world.from.put("/in/a", "base");
    await world.run();
    world.from.put("/in/a", "edited there");
    world.to.put("/out/a", "edited here");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.from.trash("/in/a");
    world.from.put("/in/a", "another one there");
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    resolveConflict(world.store, conflicts[0]?.id ?? "", "from");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "another one there" });
  });

  it("takes the last of what a page tells of our own recent work, wherever it was in between", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    world.from.put("/in/d/a.txt", "A");
    await world.run();
    world.from.move("/in/d", "/in/e");
    await world.run();
    world.to.move("/out/e", "/elsewhere/e");
    world.to.move("/elsewhere/e", "/out/f");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "f/": null, "f/a.txt": "A" });
    expect(world.from.tree()).toEqual({ "/in/": null, "/in/f/": null, "/in/f/a.txt": "A" });
  });

  it("keeps what it made in a folder of which a page tells anew that it was gone and came back", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    const folder = world.from.mkdir("/in/d");
    world.from.trash("/in/d");
    world.from.restore(folder.id);
    world.to.put("/out/d/a.txt", "A");
    await world.run();
    world.from.move("/in/d/a.txt", "/in/d/b.txt");
    world.from.repeatPages();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/b.txt": "A" });
    expect(world.from.tree()).toEqual({ "/in/": null, "/in/d/": null, "/in/d/b.txt": "A" });
  });

  describe("knows where a file is that it renamed in the run in which that was in conflict, and", () => {
    async function conflicting(): Promise<World> {
      const world = createWorld({ rule: { mode: "two-way" } });
      world.from.put("/in/a.txt", "A");
      await world.run();
      world.to.put("/out/a.txt", "edited");
      world.from.put("/in/a.txt", "edited too");
      world.to.move("/out/a.txt", "/out/b.txt");
      await world.run();
      return world;
    }

    it.each(["a", "c"])("follows a rename to %s there", async (name) => {
      const world = await conflicting();
      world.from.move("/in/b.txt", `/in/${name}.txt`);
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toMatchObject({ [`${name}.txt`]: "edited too" });
    });

    it.each(["a", "c"])("follows a rename to %s at the other side", async (name) => {
      const world = await conflicting();
      world.to.move("/out/b.txt", `/out/${name}.txt`);
      expect((await world.run()).outcome).toBe("in-step");
      expect(world.from.tree()).toMatchObject({ [`/in/${name}.txt`]: "edited too" });
    });
  });

  it("knows its own upload by its bytes when a kill came before the time that goes with them", async () => {
    const to = { hashes: ["md5"] as const, modifiedPrecisionMs: null };
    const world = createWorld({ from: dropboxLike, to });
    world.from.put("/in/a.txt", "A");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    await world.run();
    world.from.move("/in/a.txt", "/in/b.txt");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "b.txt": "A" });
    expect(world.to.calls.write).toBe(1);
  });

  it("moves a file whose copy a person saved anew with the same bytes, just before its source was to go", async () => {
    let isSaved = false;
    const world = createWorld({
      rule: { mode: "move" },
      to: { hashes: [] },
      tell(event) {
        const goes = event.type === "planned" && event.steps.some((step) => step.do === "trash");
        if (!goes || isSaved) return;
        isSaved = true;
        world.to.put("/out/a", "A");
      },
    });
    world.from.put("/in/a", "A");
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.from.tree()["/in/a"]).toBeUndefined();
    expect(outTree(world)).toEqual({ "": null, a: "A" });
    expect(world.to.calls.write).toBe(1);
  });

  it("makes no second folder of a name that somebody has made at the other side since it was planned", async () => {
    let isMade = false;
    const world = createWorld({
      rule: { mode: "two-way" },
      to: driveLike,
      tell(event) {
        const makes = event.type === "planned" && event.steps.some(({ path }) => path === "a/b");
        if (!makes || isMade) return;
        isMade = true;
        world.to.put("/out/a/theirs", "theirs");
      },
    });
    world.from.put("/in/before", "before");
    await world.run();
    world.from.put("/in/a/b/ours", "ours");
    await world.run();
    expect(await world.run()).toMatchObject({ outcome: "in-step", steps: [] });
    const below = { "a/": null, "a/b/": null, "a/b/ours": "ours", "a/theirs": "theirs" };
    expect(outTree(world)).toEqual({ "": null, before: "before", ...below });
    expect(world.from.tree()).toMatchObject({ "/in/a/theirs": "theirs", "/in/a/b/ours": "ours" });
    // For the rule's folder, for "a", and for "b" in the "a" that was found.
    expect(world.to.calls.named).toBe(3);
  });

  it("waits for nothing in a folder that was taken out of the rule at both sides", async () => {
    const world = createWorld({ rule: { mode: "two-way", exclude: ["**/d"] } });
    world.from.put("/in/a/b/c", "c");
    await world.run();
    world.from.mkdir("/elsewhere");
    world.from.put("/in/a/b/new", "new");
    world.from.move("/in/a", "/elsewhere/a");
    world.to.move("/out/a", "/out/d");
    expect(await world.run()).toMatchObject({ outcome: "in-step", steps: [] });
    expect(world.store.dirty.counts(world.job.destination.id).waiting).toBe(0);
    expect(world.store.links.count(world.job.destination.id)).toBe(0);
  });

  it("removes what was in a folder in a folder, beside what the filters leave out", async () => {
    const world = createWorld({ rule: { mode: "mirror", include: ["**/*.txt"] } });
    world.from.put("/in/a/e/x.txt", "x");
    await world.run();
    world.to.put("/out/a/e/d", "left out");
    await world.run();
    world.from.trash("/in/a");
    expect(await world.run()).toMatchObject({ outcome: "in-step", errors: [] });
    expect(outTree(world)).toEqual({ "": null, "a/": null, "a/e/": null, "a/e/d": "left out" });
  });

  it("asks about one of three files, where two of the other side could be the version in conflict", async () => {
    const rule = { mode: "two-way", conflict: "review" } as const;
    const world = createWorld({ rule, to: driveLike });
    world.to.put("/out/a (2).txt", "one");
    world.from.put("/in/a (2).txt", "another");
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    world.to.put("/out/a.txt", "a third");
    world.to.put("/out/new/inside", "a fourth");
    world.to.move("/out/new", "/out/a.txt");
    const again = await world.run();
    expect(again.conflicts).toEqual(conflicts);
    expect(again.errors).toEqual([]);
    expect((await world.run()).steps).toEqual([]);
  });

  it("asks about one of two files of a name, where both could be the version in conflict", async () => {
    const rule = { mode: "two-way", conflict: "review" } as const;
    const world = createWorld({ rule, from: driveLike, to: driveLike });
    world.from.put("/in/a", "one");
    world.to.put("/out/a", "another");
    const { conflicts } = await world.run();
    world.from.putAnother("/in/a", "a third");
    const again = await world.run();
    expect(again.outcome).toBe("held");
    expect(again.conflicts).toEqual(conflicts);
    expect((await world.run()).steps).toEqual([]);
  });

  it("asks about one of two files that would have the name of a version in conflict whose counterpart left", async () => {
    const rule = { mode: "two-way", conflict: "review", include: ["**/*.txt"] } as const;
    const world = createWorld({ rule, from: dropboxLike, to: driveLike });
    world.from.put("/in/b.txt", "two");
    world.from.put("/in/a.txt", "one");
    await world.run();
    world.advance(60_000);
    world.from.put("/in/a.txt", "ours");
    world.to.move("/out/a.txt", "/out/e");
    world.to.put("/out/a.txt", "theirs");
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    world.from.trash("/in/b.txt");
    world.to.move("/out/b.txt", "/out/A.txt");
    const again = await world.run();
    expect(again.outcome).toBe("held");
    expect(again.conflicts).toEqual(conflicts);
    expect(inTree(world)).toEqual({ "": null, "a.txt": "ours", "A (2).txt": "two" });
    expect((await world.run()).steps).toEqual([]);
  });

  it("asks about one of two files that would have the name of a copy in conflict whose source is gone", async () => {
    const rule = { mode: "copy", conflict: "review" } as const;
    const world = createWorld({ rule, from: driveLike });
    world.from.put("/in/b", "two");
    world.from.put("/in/a", "one");
    await world.run();
    world.from.trash("/in/a");
    world.to.put("/out/a", "theirs");
    world.to.trash("/out/b");
    world.from.put("/in/a", "ours");
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    world.from.put("/in/b", "a third");
    world.from.move("/in/b", "/in/a");
    const again = await world.run();
    expect(again.outcome).toBe("held");
    expect(again.conflicts).toEqual(conflicts);
    expect(outTree(world)).toEqual({ "": null, a: "theirs", "a (2)": "a third" });
    expect((await world.run()).steps).toEqual([]);
  });

  it("follows a person who moved what was made just before its answer was lost", async () => {
    const world = createWorld({ rule: { mode: "two-way" }, to: driveLike });
    world.from.put("/in/a.txt", "A");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    await world.run();
    world.to.move("/out/a.txt", "/out/d/b.txt");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/b.txt": "A" });
    expect(world.from.tree()).toEqual({ "/in/": null, "/in/d/": null, "/in/d/b.txt": "A" });
    expect(world.to.calls.write).toBe(1);
  });

  it("links nothing to its own upload that went to the trash before it was known to be there", async () => {
    const world = createWorld({ to: driveLike });
    world.from.put("/in/d/a", "A");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    await world.run();
    world.to.trash("/out/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "A" });
  });

  it("looks at what is in a destination of which the first listing told too little", async () => {
    const world = createWorld({ rule: { mode: "mirror" } });
    world.from.mkdir("/in");
    const extra = world.to.put("/out/extra", "E");
    const folder = world.to.look("/out")?.id;
    const short = createWorld({
      rule: { mode: "mirror" },
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        async *changes(since) {
          for await (const page of provider.changes(since)) {
            const isTold = (change: Change) => change.type === "gone" || change.entry.id !== folder;
            yield side === "to" ? { ...page, changes: page.changes.filter(isTold) } : page;
          }
        },
        async stat(id) {
          if (side === "to" && id === folder) throw new ProviderError("not-found", "not yet");
          return provider.stat(id);
        },
      }),
    });
    await short.run();
    world.to.resetCursors();
    await world.run();
    world.store.holds.approve(world.job.destination.id);
    await world.run();
    expect(world.to.look(extra.id)).toBeNull();
  });

  describe.each<[string, WorldOptions["rule"], (world: World) => void, "from" | "to"]>([
    [
      "that makes room at the other side",
      {},
      ({ from, to }) => {
        from.put("/in/c", "three");
        from.put("/in/A", "new");
        to.move("/out/c", "/out/a");
      },
      "to",
    ],
    [
      "that follows a rename, by the word of its rule",
      { conflict: "to" },
      ({ from, to }) => {
        from.put("/in/c", "four");
        to.put("/out/c", "three");
        to.move("/out/c", "/out/a");
      },
      "from",
    ],
  ])("gives new content to a file %s", (_, rule, act, side) => {
    it("when that has been renamed: of two answers none would tell which of them is newer", async () => {
      const renamed = Promise.withResolvers<void>();
      let underWay = 0;
      let most = 0;
      /** As slow as a service is: whatever may go on beside it does. */
      const alone = async <T>(request: () => Promise<T>): Promise<T> => {
        most = Math.max(most, ++underWay);
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        return request().finally(() => underWay--);
      };
      const options: WorldOptions = {
        rule: { mode: "two-way", ...rule },
        from: dropboxLike,
        to: dropboxLike,
      };
      const world = createWorld(options);
      world.from.put("/in/c", "one");
      await world.run();
      world.advance(60_000);
      act(world);
      const next = createWorld({
        ...options,
        clouds: world,
        store: world.store,
        wrap: (provider, at) => ({
          ...provider,
          move: (...request) =>
            at === side
              ? alone(() => provider.move(...request)).finally(renamed.resolve)
              : provider.move(...request),
          write: (target, ...request) =>
            at === side && target.type === "replace"
              ? alone(() => renamed.promise.then(() => provider.write(target, ...request)))
              : provider.write(target, ...request),
        }),
      });
      const { steps } = await next.run();
      expect(steps.filter((step) => step.do === "update")).toHaveLength(1);
      expect(most).toBe(1);
      expect(Object.values(inTree(world))).toContain("three");
      expect(Object.values(outTree(world))).toContain("three");
      expect((await next.run()).steps).toEqual([]);
    });
  });

  it("replaces nothing that was moved, although an earlier attempt to bring it was refused", async () => {
    const rule = { mode: "move" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/a", "one");
    let isFirst = true;
    const next = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write(...request) {
          if (side === "to" && isFirst) world.to.put("/out/d/a", "a person's");
          if (side === "to") isFirst = false;
          return provider.write(...request);
        },
      }),
    });
    await next.run();
    world.from.put("/in/d/a", "two");
    await next.run();
    const texts = Object.values(outTree(world)).filter((text) => text !== null);
    expect(texts.toSorted()).toEqual(["a person's", "one", "two"]);
  });
});
