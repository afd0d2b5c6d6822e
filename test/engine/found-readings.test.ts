import { setImmediate as rest } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Provider } from "../../src/core/provider.ts";
import { readFeedOf } from "../../src/engine/job.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { createWorld, inTree, outTree, type World } from "./harness.ts";

describe("what is heard of in the midst of a run", () => {
  describe.each(["two-way", "mirror"] as const)("%s", (mode) => {
    const guard = { deletesPercent: null, changesPercent: null, minimumFiles: 10 };
    const rule = { mode, guard };

    /** A person does something in the instant in which the source is read for the `count`th time. */
    const atReading = (world: World, count: number, act: () => void) => {
      let readings = 0;
      return createWorld({
        rule,
        clouds: world,
        store: world.store,
        wrap: (provider, side) => ({
          ...provider,
          changes(since) {
            if (side === "from" && ++readings === count) act();
            return provider.changes(since);
          },
        }),
      });
    };

    async function withFolder(): Promise<World> {
      const world = createWorld({ rule });
      world.from.put("/in/d/a", "one");
      world.from.put("/in/d/b", "two");
      await world.run();
      return world;
    }

    it("looks at what is new in a folder that was away for a moment", async () => {
      const world = await withFolder();
      world.from.put("/in/d/c", "three");
      world.from.move("/in/d", "/elsewhere");
      await atReading(world, 2, () => world.from.move("/elsewhere", "/in/e")).run();
      expect(outTree(world)).toEqual({
        "": null,
        "e/": null,
        "e/a": "one",
        "e/b": "two",
        "e/c": "three",
      });
    });

    it("looks at what was changed and removed in a folder that was away for a moment", async () => {
      const world = await withFolder();
      world.from.put("/in/d/a", "edited");
      world.from.trash("/in/d/b");
      world.from.move("/in/d", "/elsewhere");
      await atReading(world, 2, () => world.from.move("/elsewhere", "/in/e")).run();
      expect(outTree(world)).toEqual({ "": null, "e/": null, "e/a": "edited" });
    });

    it("looks at what changed in a folder that was away when the process died", async () => {
      const world = await withFolder();
      world.from.put("/in/d/a", "edited");
      world.from.put("/in/d/c", "three");
      world.from.trash("/in/d/b");
      world.from.move("/in/d", "/elsewhere");
      const killed = new AbortController();
      const dying = atReading(world, 2, () => killed.abort(new Error("killed")));
      await expect(dying.run({ signal: killed.signal })).rejects.toThrow("killed");
      world.from.move("/elsewhere", "/in/d");
      await world.run();
      expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "edited", "d/c": "three" });
    });

    it("is done in one run with a folder that was moved away with new files in it", async () => {
      const world = await withFolder();
      world.from.put("/in/d/c", "three");
      world.from.move("/in/d", "/elsewhere");
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null });
      const context = { nowMs: world.clock.now(), running: false };
      expect(ruleStatus(world.job.rule, world.store, context).state).toBe("in-step");
    });
  });

  it.each([
    ["from", "move"],
    ["to", "move"],
  ] as const)(
    "gives both ends of a pair one name, although a rename at %s was refused",
    async (side, method) => {
      const world = createWorld({ rule: { mode: "two-way" } });
      world.from.mkdir("/in/d");
      world.from.put("/in/a", "one");
      await world.run();
      world.to.move("/out/d", "/out/b");
      world.from.move("/in/a", "/in/b");
      world[side].fail({ method, how: "forbidden" });
      expect((await world.run()).outcome).toBe("failed");
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual(inTree(world));
      expect(outTree(world)).toMatchObject({ b: "one" });
    },
  );

  describe("what was moved into a folder that left the scope", () => {
    const rule = {
      mode: "two-way",
      guard: { deletesPercent: null, changesPercent: null, minimumFiles: 10 },
    } as const;

    async function moved(): Promise<World> {
      const world = createWorld({ rule });
      world.from.put("/in/a", "one");
      world.from.put("/in/b", "two");
      world.from.mkdir("/in/d");
      await world.run();
      world.to.move("/out/a", "/out/d/a");
      world.to.move("/out/d", "/elsewhere");
      return world;
    }

    const expected = { "": null, b: "two", "d/": null, "d/a": "one" };

    it("comes back with it before the folder was removed at the other side", async () => {
      const world = await moved();
      let readings = 0;
      const next = createWorld({
        rule,
        clouds: world,
        store: world.store,
        wrap: (provider, side) => ({
          ...provider,
          changes(since) {
            if (side === "to" && ++readings === 2) world.to.move("/elsewhere", "/out/d");
            return provider.changes(since);
          },
        }),
      });
      expect((await next.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual(expected);
      expect(outTree(world)).toEqual(expected);
    });

    it("comes back with it after the folder could not be removed at the other side", async () => {
      const world = await moved();
      world.from.fail({ method: "trash", how: "forbidden", after: 1 });
      expect((await world.run()).outcome).toBe("failed");
      expect(inTree(world)).toEqual({ "": null, b: "two", "d/": null });
      world.to.move("/elsewhere", "/out/d");
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual(expected);
    });
  });

  describe("by another reading, before the answer to a request of its own", () => {
    /** A person does something right after the destination's next request of a kind took effect. */
    const overtaking = (
      world: World,
      method: "move" | "write" | "createFolder",
      act: () => void,
    ) => {
      const overtake = async <T>(request: () => Promise<T>): Promise<T> => {
        const answer = await request();
        act();
        await readFeedOf(world.job.to, world.context, new AbortController().signal);
        return answer;
      };
      const slow = (provider: Provider): Partial<Provider> => ({
        move: (id, to) => overtake(() => provider.move(id, to)),
        write: (...request) => overtake(() => provider.write(...request)),
        createFolder: (at) => overtake(() => provider.createFolder(at)),
      });
      return createWorld({
        rule: { mode: "two-way" },
        clouds: world,
        store: world.store,
        wrap: (provider, side) =>
          side === "from" ? provider : { ...provider, [method]: slow(provider)[method] },
      });
    };

    async function started(): Promise<World> {
      const world = createWorld({ rule: { mode: "two-way" } });
      world.from.put("/in/a", "one");
      await world.run();
      return world;
    }

    it("believes that a person removed what it has renamed", async () => {
      const world = await started();
      world.from.move("/in/a", "/in/b");
      await overtaking(world, "move", () => world.to.trash("/out/b")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null });
    });

    it.each([1, 2, 4, 8, 16, 32])(
      "believes it too when it hears of it %i ticks later",
      async (ticks) => {
        const world = await started();
        world.from.move("/in/a", "/in/b");
        const late = createWorld({
          rule: { mode: "two-way" },
          clouds: world,
          store: world.store,
          wrap: (provider, side) => ({
            ...provider,
            async move(id, to) {
              const answer = await provider.move(id, to);
              if (side === "to") world.to.trash("/out/b");
              if (side === "to")
                void readFeedOf(world.job.to, world.context, new AbortController().signal);
              for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
              return answer;
            },
          }),
        });
        await late.run();
        expect((await world.run()).outcome).toBe("in-step");
        expect(inTree(world)).toEqual({ "": null });
      },
    );

    it("believes that a person edited what it has made, though its answer is kept meanwhile", async () => {
      const world = await started();
      world.from.put("/in/b", "two");
      const told = Promise.withResolvers<void>();
      let reading: Promise<unknown> | null = null;
      const late = createWorld({
        rule: { mode: "two-way" },
        clouds: world,
        store: world.store,
        wrap: (provider, side) => ({
          ...provider,
          async write(...request) {
            const answer = await provider.write(...request);
            if (side === "from") return answer;
            world.to.put("/out/b", "three");
            reading = readFeedOf(late.job.to, late.context, new AbortController().signal);
            await told.promise;
            return answer;
          },
          // The answer comes between the page and what is asked because of it, and is kept before that is told.
          async *changes(since) {
            for await (const page of provider.changes(since)) {
              told.resolve();
              if (reading) for (let tick = 0; tick < 50; tick++) await Promise.resolve();
              yield page;
            }
          },
          async stat(id) {
            const entry = await provider.stat(id);
            for (let tick = 0; tick < 5; tick++) await rest();
            return entry;
          },
        }),
      });
      await late.run();
      await reading;
      expect((await late.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, a: "one", b: "three" });
    });

    it("believes that a person removed what it has updated", async () => {
      const world = await started();
      world.from.put("/in/a", "two");
      await overtaking(world, "write", () => world.to.trash("/out/a")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null });
    });

    it("believes that a person renamed what it has renamed", async () => {
      const world = await started();
      world.from.move("/in/a", "/in/b");
      await overtaking(world, "move", () => world.to.move("/out/b", "/out/c")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, c: "one" });
    });

    it("believes that a person renamed or edited what it has made", async () => {
      const world = await started();
      world.from.put("/in/b", "two");
      await overtaking(world, "write", () => {
        if (world.to.look("/out/b")) world.to.move("/out/b", "/out/c");
        world.to.put("/out/c", "three");
      }).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, a: "one", c: "three" });
    });

    it("believes that a person renamed a folder that it has made", async () => {
      const world = await started();
      world.from.mkdir("/in/d");
      await overtaking(world, "createFolder", () => world.to.move("/out/d", "/out/e")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, a: "one", "e/": null });
    });
  });
});
