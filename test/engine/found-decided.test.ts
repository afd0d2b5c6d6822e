import { describe, expect, it } from "vitest";
import { resolveConflict } from "../../src/engine/review.ts";
import {
  createWorld,
  driveLike,
  dropboxLike,
  hashless,
  inTree,
  outTree,
  stateOf,
  type WorldOptions,
} from "./harness.ts";

describe("at the end of a run", () => {
  it("nothing waits of what left the rule's scope and was replaced", async () => {
    const world = createWorld({
      rule: { mode: "mirror", include: ["*.txt"], deletes: "keep" },
      from: driveLike,
    });
    world.from.put("/in/a.txt", "one");
    world.from.put("/in/a (2).txt", "two");
    await world.run();
    world.from.move("/in/a (2).txt", "/in/a.bak");
    world.from.putAnother("/in/a.txt", "three");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "one", "a (2).txt": "three" });
    expect(stateOf(world)).toBe("in-step");
  });
});

describe("a request that was refused", () => {
  it("takes back nothing of what the next one did", async () => {
    const options: WorldOptions = {
      rule: { mode: "two-way", conflict: "from" },
      from: dropboxLike,
    };
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    await world.run();
    world.advance(60_000);
    world.from.put("/in/a", "two");
    let isFirst = true;
    const refusing = createWorld({
      ...options,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write(...request) {
          if (side === "to" && isFirst) world.to.put("/out/a", "a person's");
          if (side === "to") isFirst = false;
          return provider.write(...request);
        },
      }),
    });
    expect((await refusing.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "two" });
    world.advance(60_000);
    world.to.put("/out/a", "three, and more");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, a: "three, and more" });
  });
});

describe.each(["copy", "mirror", "two-way"] as const)("a damaged update under %s", (mode) => {
  it.each([
    ["where only the destination reports a hash", { from: hashless }],
    ["where they report different ones", { from: driveLike, to: dropboxLike }],
  ])("is made good although the source is again what it was before, %s", async (_, clouds) => {
    const world = createWorld({ rule: { mode }, ...clouds });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "twotwo");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    expect((await world.run()).outcome).toBe("failed");
    world.from.put("/in/a", "one");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });
});

describe("what a person decided", () => {
  it("is not taken for a decision about the version that came in place of the other", async () => {
    const world = createWorld({ rule: { mode: "two-way", conflict: "review" } });
    world.from.put("/in/a", "one");
    world.to.put("/out/a", "another");
    const { conflicts } = await world.run();
    resolveConflict(world.store, conflicts[0]?.id ?? "", "from");
    world.to.move("/out/a", "/out/b");
    world.to.put("/out/a", "a third");
    expect((await world.run()).outcome).toBe("held");
    expect(stateOf(world)).toBe("held");
  });
});

describe("what is kept where `deletes: keep`", () => {
  it("leaves nothing waiting of what is new in a folder that was taken away with one that holds it", async () => {
    const world = createWorld({ rule: { mode: "two-way", deletes: "keep" } });
    world.from.put("/in/d/e/a", "one");
    await world.run();
    world.from.put("/in/d/e/new/b", "two");
    world.from.move("/in/d", "/elsewhere/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(stateOf(world)).toBe("in-step");
    world.from.put("/elsewhere/d/e/a", "edited");
    world.from.move("/elsewhere/d", "/in/d");
    expect((await world.run()).outcome).toBe("in-step");
    const all = { "": null, "d/": null, "d/e/": null, "d/e/new/": null };
    expect(outTree(world)).toEqual({ ...all, "d/e/a": "edited", "d/e/new/b": "two" });
    expect(stateOf(world)).toBe("in-step");
  });
});

describe("what `move` left where it was because the destination's version stood", () => {
  it.each(["to", "review"] as const)(
    "is moved when that is the same by now, %s",
    async (conflict) => {
      const world = createWorld({ rule: { mode: "move", conflict } });
      world.from.put("/in/a", "one");
      world.to.put("/out/a", "two");
      const { conflicts } = await world.run();
      for (const { id } of conflicts) resolveConflict(world.store, id, "to");
      await world.run();
      expect(inTree(world)).toEqual({ "": null, a: "one" });
      world.to.put("/out/a", "one");
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null });
      expect(outTree(world)).toEqual({ "": null, a: "one" });
    },
  );
});

describe("a name that two items want", () => {
  const options = { rule: { mode: "two-way" } } as const;

  async function interrupted() {
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    await world.run();
    world.to.move("/out/a", "/out/b");
    world.from.put("/in/b", "two");
    world.to.fail({ method: "move", how: "forbidden", times: 9 });
    expect((await world.run()).outcome).toBe("failed");
    world.to.settle();
    return world;
  }

  it("is given up at both sides, although the second could not be renamed at first", async () => {
    const world = await interrupted();
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual(outTree(world));
    world.to.move("/out/b", "/out/c");
    const [aside = ""] = Object.keys(outTree(world)).filter((name) => name.includes("conflict"));
    world.to.move(`/out/${aside}`, "/out/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, c: "two", d: "one" });
  });

  it("is given up at both sides, although somebody took the second back before it was renamed", async () => {
    const world = await interrupted();
    world.to.move("/out/b", "/out/a");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual(outTree(world));
    expect(Object.values(outTree(world)).toSorted()).toEqual([null, "one", "two"].toSorted());
  });
});

describe("what failed", () => {
  it("fails no longer when it waits for a person together with its folder", async () => {
    const guard = { deletesPercent: 20, changesPercent: null, minimumFiles: 1 };
    const world = createWorld({ rule: { mode: "two-way", guard } });
    world.from.mkdir("/in");
    world.to.put("/out/d/a", "one");
    world.to.put("/out/d/b", "two");
    world.from.fail({ method: "write", how: "forbidden", after: 1, afterEffect: true });
    expect((await world.run()).outcome).toBe("failed");
    world.from.settle();
    world.to.trash("/out/d");
    expect((await world.run()).outcome).toBe("held");
    expect(stateOf(world)).toBe("held");
  });
});

describe("what waits for a person", () => {
  it("keeps its name before a file that `as` would give the same", async () => {
    const world = createWorld({ rule: { as: "{stem}.{ext}", conflict: "review" } });
    world.to.put("/out/a.txt", "theirs");
    world.from.put("/in/a.txt", "ours");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.from.put("/in/d/a.txt", "another");
    expect((await world.plan()).steps.map(({ do: verb, path }) => `${verb} ${path}`)).toEqual([
      "conflict a.txt",
      "upload a (2).txt",
    ]);
  });
});

describe("a file makes room before a folder takes its name", () => {
  it.each([
    ["was not asked for", { method: "stat", how: "forbidden" }],
    ["was not moved", { method: "move", how: "forbidden" }],
    ["was moved, but the answer was lost", { method: "move", how: "forbidden", afterEffect: true }],
  ] as const)("when it %s at first", async (_, failure) => {
    const world = createWorld({ rule: { mode: "two-way" }, from: dropboxLike, to: driveLike });
    world.from.put("/in/a", "A");
    await world.run();
    world.from.trash("/in/a");
    world.from.put("/in/a/b", "B");
    world.to.put("/out/a", "AA");
    world.to.fail(failure);
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    const conflict = "a (conflict, b, 2026-01-01 00-00-00, 3b98e2)";
    expect(outTree(world)).toEqual({ "": null, "a/": null, "a/b": "B", [conflict]: "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });
});
