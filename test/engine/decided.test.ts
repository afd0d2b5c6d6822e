import { describe, expect, it } from "vitest";
import {
  approveHold,
  listConflicts,
  listHolds,
  rejectHold,
  resolveConflict,
} from "../../src/engine/review.ts";
import { createWorld, type World, type WorldOptions } from "./harness.ts";

/** What lies in the rule's folder of each side, by path below it; names of conflict copies without their facts. */
function trees({ from, to }: World) {
  const below = (tree: Readonly<Record<string, string | null>>, folder: string) =>
    Object.fromEntries(
      Object.entries(tree)
        .filter(([path]) => path.startsWith(folder) && path !== folder)
        .map(([path, text]) => [
          path.slice(folder.length).replace(/\(conflict,[^)]*\)/, "(conflict)"),
          text,
        ]),
    );
  return { from: below(from.tree(), "/in/"), to: below(to.tree(), "/out/") };
}

/** The run did all that was left, and the next one finds nothing to do nor to ask. */
async function expectAtRest(world: World): Promise<void> {
  expect(await world.run()).toMatchObject({ outcome: "in-step", errors: [] });
  expect(await world.run()).toMatchObject({ outcome: "in-step", steps: [], conflicts: [] });
  const { store, job } = world;
  expect(listConflicts(store, [job.rule])).toEqual([]);
  expect(listHolds(store, [job.rule])).toEqual([]);
  expect(store.decisions.any(job.destination.id)).toBe(false);
}

describe("a conflict under review", () => {
  /** `a` is another file at each side, and a run has asked about it. */
  async function asked() {
    const world = createWorld({ rule: { mode: "two-way", conflict: "review" } });
    world.from.put("/in/a", "base");
    await world.run();
    world.advance(60_000);
    world.from.put("/in/a", "of from");
    world.to.put("/out/a", "of to");
    expect(await world.run()).toMatchObject({
      outcome: "held",
      steps: [{ do: "conflict", path: "a" }],
      conflicts: [{ id: "c1", path: "a" }],
    });
    return world;
  }

  it("moves nothing, and asks once however often the rule runs", async () => {
    const world = await asked();
    expect(await world.run()).toMatchObject({ outcome: "held", conflicts: [{ id: "c1" }] });
    expect(trees(world)).toEqual({ from: { a: "of from" }, to: { a: "of to" } });
    expect(listConflicts(world.store, [world.job.rule])).toHaveLength(1);
  });

  it.each([
    ["from", { a: "of from" }],
    ["to", { a: "of to" }],
    ["both", { a: "of from", "a (conflict)": "of to" }],
  ] as const)("is settled for %s at both sides", async (keep, tree) => {
    const world = await asked();
    resolveConflict(world.store, "c1", keep);
    await expectAtRest(world);
    expect(trees(world)).toEqual({ from: tree, to: tree });
  });

  it("is over when both sides agree by themselves", async () => {
    const world = await asked();
    world.to.put("/out/a", "of from");
    await expectAtRest(world);
  });

  it("keeps its id when a side changes once more", async () => {
    const world = await asked();
    world.advance(60_000);
    world.to.put("/out/a", "of to, later");
    expect(await world.run()).toMatchObject({ outcome: "held", conflicts: [{ id: "c1" }] });
    resolveConflict(world.store, "c1", "to");
    await expectAtRest(world);
    expect(trees(world).from).toEqual({ a: "of to, later" });
  });

  it("is asked again when a side changed after it was decided", async () => {
    const world = await asked();
    resolveConflict(world.store, "c1", "from");
    world.advance(60_000);
    world.to.put("/out/a", "of to, later");
    expect(await world.run()).toMatchObject({ outcome: "held", conflicts: [{ id: "c1" }] });
    expect(trees(world).to).toEqual({ a: "of to, later" });
    expect(listConflicts(world.store, [world.job.rule])).toMatchObject([{ decided: null }]);
  });

  it("is settled by the rule when that no longer asks", async () => {
    const { from, to, clock, advance, store } = await asked();
    const rule = { mode: "two-way", conflict: "to" } as const;
    const world = createWorld({ rule, store, clouds: { from, to, clock, advance } });
    await expectAtRest(world);
    expect(trees(world)).toEqual({ from: { a: "of to" }, to: { a: "of to" } });
  });

  it("is over when the rule looks elsewhere", async () => {
    const { from, to, clock, advance, store } = await asked();
    from.put("/other/b", "b");
    const rule = {
      mode: "two-way",
      conflict: "review",
      from: { account: "a", path: ["other"] },
    } as const;
    const world = createWorld({ rule, store, clouds: { from, to, clock, advance } });
    await expectAtRest(world);
    expect(world.from.tree()).toMatchObject({ "/in/a": "of from", "/other/a": "of to" });
  });

  it("is over when a filter leaves it out", async () => {
    const { from, to, clock, advance, store } = await asked();
    const rule = { mode: "two-way", conflict: "review", exclude: ["a"] } as const;
    const world = createWorld({ rule, store, clouds: { from, to, clock, advance } });
    await expectAtRest(world);
    expect(trees(world)).toEqual({ from: { a: "of from" }, to: { a: "of to" } });
  });

  it("of two new files of one name is settled as well", async () => {
    const world = createWorld({ rule: { mode: "two-way", conflict: "review" } });
    world.from.put("/in/a", "of from");
    world.to.put("/out/a", "of to");
    await world.run();
    resolveConflict(world.store, "c1", "to");
    await expectAtRest(world);
    expect(trees(world)).toEqual({ from: { a: "of to" }, to: { a: "of to" } });
  });

  it.each([
    ["from", { a: "of from" }],
    ["to", { a: "of to" }],
    ["both", { a: "of from", "a (conflict)": "of to" }],
  ] as const)("under copy is settled for %s at the destination alone", async (keep, tree) => {
    const world = createWorld({ rule: { conflict: "review" } });
    world.from.put("/in/a", "base");
    await world.run();
    world.advance(60_000);
    world.from.put("/in/a", "of from");
    world.to.put("/out/a", "of to");
    expect(await world.run()).toMatchObject({ outcome: "held" });
    resolveConflict(world.store, "c1", keep);
    await expectAtRest(world);
    expect(trees(world)).toEqual({ from: { a: "of from" }, to: tree });
  });
});

const names = Array.from({ length: 12 }, (_, n) => `f${n}`);

describe("held removals", () => {
  /** Twelve of thirteen files are gone from `from`, in a folder or not, and their removal is held. */
  async function held(folder = "", options: WorldOptions = {}) {
    const world = createWorld({ rule: { mode: "two-way" }, ...options });
    world.from.put("/in/stays", "stays");
    for (const name of names) world.from.put(`/in/${folder}${name}`, name);
    await world.run();
    await world.run();
    const before = trees(world);
    world.advance(60_000);
    if (folder) world.from.trash(`/in/${folder.slice(0, -1)}`);
    else for (const name of names) world.from.trash(`/in/${name}`);
    expect(await world.run()).toMatchObject({ outcome: "held", steps: [] });
    expect(trees(world).to).toEqual(before.to);
    return { world, before };
  }

  describe.each(["two-way", "mirror"] as const)("under %s", (mode) => {
    it.each(["", "deep/"])("go on when they are approved, in %j", async (folder) => {
      const { world } = await held(folder, { rule: { mode } });
      approveHold(world.store, world.job.rule);
      await expectAtRest(world);
      expect(trees(world)).toEqual({ from: { stays: "stays" }, to: { stays: "stays" } });
    });

    it.each(["", "deep/"])("are put back when they are rejected, in %j", async (folder) => {
      const { world, before } = await held(folder, { rule: { mode } });
      rejectHold(world.store, world.job.rule);
      await expectAtRest(world);
      expect(trees(world)).toEqual(before);
    });
  });

  it("let everything else go on", async () => {
    const { world } = await held();
    world.from.put("/in/new", "new");
    expect(await world.run()).toMatchObject({
      outcome: "held",
      steps: [{ do: "upload", path: "new" }],
    });
  });

  it("are approved once: the same files removed again are held again", async () => {
    const { world } = await held();
    approveHold(world.store, world.job.rule);
    await world.run();
    expect(listHolds(world.store, [world.job.rule])).toEqual([]);
  });

  it("stay held while some of them rest: what is left of them is not few", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    for (const name of names.slice(0, 6)) world.from.put(`/in/${name}`, name);
    await world.run();
    world.advance(60_000);
    for (const name of [...names.slice(6), "stays"]) world.from.put(`/in/${name}`, name);
    await world.run();
    for (const name of names) world.from.trash(`/in/${name}`);
    await world.run();
    const [held] = listHolds(world.store, [world.job.rule]);
    const quiet = { trigger: "change", respectQuiet: true };
    expect(await world.run(quiet)).toMatchObject({ outcome: "held", steps: [] });
    expect(listHolds(world.store, [world.job.rule])).toEqual([held]);

    approveHold(world.store, world.job.rule);
    expect(await world.run(quiet)).toMatchObject({ outcome: "in-step", steps: { length: 6 } });
    world.advance(60_000);
    expect(await world.run(quiet)).toMatchObject({ outcome: "in-step", steps: { length: 6 } });
    await expectAtRest(world);
  });

  it("that were approved are held anew when they grew", async () => {
    const { world } = await held();
    approveHold(world.store, world.job.rule);
    world.from.trash("/in/stays");
    world.from.put("/in/other", "other");
    expect(await world.run()).toMatchObject({ outcome: "held" });
    expect(trees(world).to).toHaveProperty("f0");
    expect(listHolds(world.store, [world.job.rule])).toMatchObject([
      { approved: false, items: { length: 13 } },
    ]);
  });

  it("that were approved leave out what was edited since, and go on with the rest", async () => {
    const { world } = await held();
    approveHold(world.store, world.job.rule);
    world.to.put("/out/f0", "edited");
    await expectAtRest(world);
    const left = { stays: "stays", f0: "edited" };
    expect(trees(world)).toEqual({ from: left, to: left });
  });

  it("are over when the files come back by themselves", async () => {
    const { world, before } = await held();
    for (const name of names) world.from.put(`/in/${name}`, name);
    await expectAtRest(world);
    expect(trees(world)).toEqual(before);
  });

  it("are put back only as far as they are still there when they are rejected", async () => {
    const { world } = await held();
    world.to.trash("/out/f0");
    rejectHold(world.store, world.job.rule);
    await expectAtRest(world);
    const { from, to } = trees(world);
    expect(Object.keys(from).toSorted()).toEqual(["stays", ...names.slice(1)].toSorted());
    expect(to).toEqual(from);
  });
});

describe("the first run of a mirror", () => {
  async function first() {
    const world = createWorld({ rule: { mode: "mirror" } });
    world.from.put("/in/a", "a");
    world.to.put("/out/extra", "extra");
    world.to.put("/out/deep/more", "more");
    expect(await world.run()).toMatchObject({ outcome: "held" });
    expect(trees(world).to).toEqual({ a: "a", extra: "extra", "deep/": null, "deep/more": "more" });
    return world;
  }

  it("removes what the source does not have when that is approved", async () => {
    const world = await first();
    approveHold(world.store, world.job.rule);
    await expectAtRest(world);
    expect(trees(world).to).toEqual({ a: "a" });
  });

  it("brings it to the source when it is rejected", async () => {
    const world = await first();
    rejectHold(world.store, world.job.rule);
    await expectAtRest(world);
    const all = { a: "a", extra: "extra", "deep/": null, "deep/more": "more" };
    expect(trees(world)).toEqual({ from: all, to: all });
  });
});

describe("held overwrites", () => {
  async function held(mode: "two-way" | "mirror" | "copy") {
    const guard = { deletesPercent: 25, changesPercent: 50, minimumFiles: 10 };
    const world = createWorld({ rule: { mode, guard } });
    for (const name of names) world.from.put(`/in/${name}`, name);
    await world.run();
    await world.run();
    world.advance(60_000);
    for (const name of names) world.from.put(`/in/${name}`, `${name}, scrambled`);
    world.from.put("/in/new", "new");
    expect(await world.run()).toMatchObject({
      outcome: "held",
      steps: [{ do: "upload", path: "new" }],
    });
    expect(trees(world).to).toMatchObject({ f0: "f0", new: "new" });
    return world;
  }

  it.each(["two-way", "mirror", "copy"] as const)("go on when approved, under %s", async (mode) => {
    const world = await held(mode);
    approveHold(world.store, world.job.rule);
    await expectAtRest(world);
    expect(trees(world).to).toMatchObject({ f0: "f0, scrambled" });
  });

  it.each(["two-way", "mirror"] as const)(
    "take the others back when rejected, under %s",
    async (mode) => {
      const world = await held(mode);
      rejectHold(world.store, world.job.rule);
      await expectAtRest(world);
      expect(trees(world).from).toMatchObject({ f0: "f0", new: "new" });
      expect(trees(world).to).toEqual(trees(world).from);
    },
  );

  it("hold nothing for removal any more that has a new counterpart", async () => {
    const guard = { deletesPercent: 20, changesPercent: 50, minimumFiles: 2 };
    const world = createWorld({ rule: { mode: "two-way", guard } });
    for (const name of ["a", "b"]) world.from.put(`/in/${name}`, name);
    await world.run();
    for (const name of ["a", "b"]) world.from.trash(`/in/${name}`);
    expect(await world.run()).toMatchObject({ outcome: "held" });
    for (const name of ["a", "b"]) world.from.put(`/in/${name}`, `${name} anew`);
    expect(await world.run()).toMatchObject({ outcome: "held" });
    const holds = listHolds(world.store, [world.job.rule]);
    expect(holds.map(({ kind, items }) => [kind, items.length])).toEqual([["changes", 2]]);
  });

  it("leave both as they are when rejected under copy, which writes nothing at the source", async () => {
    const world = await held("copy");
    rejectHold(world.store, world.job.rule);
    await expectAtRest(world);
    expect(trees(world).from).toMatchObject({ f0: "f0, scrambled" });
    expect(trees(world).to).toMatchObject({ f0: "f0" });
  });
});
