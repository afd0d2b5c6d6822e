import { describe, expect, it } from "vitest";
import { driveLikeNames } from "../../providers/memory/names.ts";
import type { Mode, Rule } from "../../src/core/rule.ts";
import { type ApplyReport, applyJob } from "../../src/engine/apply.ts";
import { type ReviewedPlan, reviewedPlanOf } from "../../src/engine/reviewed.ts";
import { createUndoWorld, didIn, expectRest, type UndoWorld } from "./undo-world.ts";

/** The plan as a file keeps it. */
async function reviewed(world: UndoWorld): Promise<ReviewedPlan> {
  const { planned } = await world.plan();
  return JSON.parse(JSON.stringify(reviewedPlanOf(world.job, planned, world.context)));
}

const apply = ({ job, context }: UndoWorld, plan: ReviewedPlan): Promise<ApplyReport> =>
  applyJob(job, context, plan, {
    signal: new AbortController().signal,
    apiCalls: () => ({}),
  });

/** Something of every kind, on one or both sides. */
function change(world: UndoWorld, mode: Mode): void {
  world.advance(60_000);
  world.from.put("/in/a", "A2");
  world.from.move("/in/b", "/in/n/b");
  world.from.put("/in/new/x", "X");
  world.from.trash("/in/d");
  world.from.move("/in/s", "/in/tmp");
  world.from.move("/in/t", "/in/s");
  world.from.move("/in/tmp", "/in/t");
  if (mode === "two-way") {
    world.to.put("/out/c", "C2");
    world.to.put("/out/fresh", "F");
    world.from.put("/in/q", "mine");
    world.to.put("/out/q", "theirs");
  }
}

async function startedWorld(mode: Mode, options: { rule?: Partial<Rule>; to?: object } = {}) {
  const world = createUndoWorld({ ...options, rule: { mode, ...options.rule } });
  for (const name of ["a", "b", "c", "q", "s", "t", "d/1", "d/2", "k/1"]) {
    world.from.put(`/in/${name}`, name.toUpperCase());
  }
  await world.run();
  await world.run();
  return world;
}

describe.each([
  ["one name a place", {}],
  ["names that may repeat", { rules: driveLikeNames, reserveIds: true }],
])("a reviewed plan, %s", (_, to) => {
  it.each(["copy", "mirror", "two-way"] as const)("%s: is carried out as it was", async (mode) => {
    const [world, twin] = [await startedWorld(mode, { to }), await startedWorld(mode, { to })];
    for (const each of [world, twin]) change(each, mode);
    const plan = await reviewed(world);
    const shown = didIn(await world.plan());
    const report = await apply(world, plan);
    // The copy of a conflict is a new item: the next run brings it to the other side.
    const left = mode === "two-way" ? [expect.stringMatching(/^from upload q \(conflict/)] : [];
    const outcome = left.length > 0 ? "changes" : "in-step";
    expect(report).toMatchObject({ outcome, movedOn: [], errors: [] });
    expect(didIn(report)).toEqual(shown);
    expect(didIn(await world.run())).toEqual(left);
    expect(await twin.run()).toMatchObject({ errors: [] });
    expect(world.both()).toEqual(twin.both());
    await expectRest(world);
  });

  it("is a run like any other: it can be undone", async () => {
    const world = await startedWorld("two-way", { to });
    world.from.put("/in/a", "A2");
    world.to.move("/out/b", "/out/k/b");
    const before = world.both();
    await apply(world, await reviewed(world));
    expect(didIn(await world.undo())).toEqual(
      ["from rename b", "to update a"].map((s) => s.replace("rename", "move")),
    );
    expect(world.both()).toEqual(before);
    await expectRest(world);
  });

  it("is carried out once", async () => {
    const world = await startedWorld("mirror", { to });
    change(world, "mirror");
    const plan = await reviewed(world);
    await apply(world, plan);
    const done = world.both();
    expect(await apply(world, plan)).toMatchObject({ outcome: "held", steps: [] });
    expect(world.both()).toEqual(done);
  });
});

describe("a reviewed plan", () => {
  it("removes what a guard held: a person has seen it", async () => {
    const world = await startedWorld("mirror", {
      rule: { guard: { deletesPercent: 0, changesPercent: null, minimumFiles: 1 } },
    });
    world.from.trash("/in/d");
    expect(await world.run()).toMatchObject({ outcome: "held" });
    const report = await apply(world, await reviewed(world));
    expect(report.outcome).toBe("in-step");
    expect(didIn(report)).toEqual(["to trash d"]);
    expect(world.store.holds.of(world.job.destination.id)).toEqual([]);
    await expectRest(world);
  });

  it("puts what a person is to decide into the queue", async () => {
    const world = await startedWorld("two-way", { rule: { conflict: "review" } });
    world.from.put("/in/a", "mine");
    world.to.put("/out/a", "theirs");
    const report = await apply(world, await reviewed(world));
    expect(report).toMatchObject({ outcome: "held", movedOn: [], conflicts: [{ path: "a" }] });
  });

  it("leaves what a comparison means to the next plan", async () => {
    const world = createUndoWorld({
      rule: { mode: "two-way" },
      from: { hashes: ["md5"] },
      to: { hashes: ["sha1"] },
    });
    world.from.put("/in/a", "same");
    world.to.put("/out/a", "same");
    expect(await apply(world, await reviewed(world))).toMatchObject({
      outcome: "changes",
      errors: [],
    });
    expect(didIn(await world.run())).toEqual(["to link a"]);
  });

  it("tells what fails, and does the rest", async () => {
    const world = await startedWorld("copy");
    world.from.put("/in/a", "A2");
    world.from.put("/in/new", "N");
    const plan = await reviewed(world);
    world.to.fail({ method: "write", how: "too-large" });
    const report = await apply(world, plan);
    expect(report).toMatchObject({ outcome: "failed", errors: [{ message: expect.any(String) }] });
    expect(report.steps).toHaveLength(1);
    expect(await world.run()).toMatchObject({ outcome: "in-step", steps: { length: 1 } });
  });

  const surprises: readonly [what: string, act: (world: UndoWorld) => void, told: string][] = [
    ["a source was edited", ({ from }) => from.put("/in/a", "A3"), '"a" was edited'],
    ["a target was edited", ({ to }) => to.put("/out/a", "mine"), '"a" was edited'],
    ["a source was moved", ({ from }) => from.move("/in/a", "/in/k/a"), '"a" was moved'],
    ["a source was renamed", ({ from }) => from.move("/in/a", "/in/aa"), '"a" was renamed to "aa"'],
    ["a target is gone", ({ to }) => to.trash("/out/a"), '"a" is gone'],
    ["a new folder is gone", ({ from }) => from.trash("/in/new"), '"new" is gone'],
    [
      "a folder of a source was renamed",
      ({ from }) => from.move("/in/n", "/in/m"),
      '"n" was renamed to "m"',
    ],
    [
      "a name was taken",
      ({ to }) => to.put("/out/new/x", "mine"),
      'something else has the name "new" by now',
    ],
    [
      "something came into what goes",
      ({ to }) => to.put("/out/d/3", "3"),
      '"3" is new in what would be removed',
    ],
    ["what goes was edited", ({ to }) => to.put("/out/d/1", "mine"), '"1" was edited'],
    ["what was removed came back", ({ from }) => from.restore(removed), '"d" came back'],
    [
      "the rule's folder was renamed",
      ({ to }) => to.move("/out", "/other"),
      '"out" was renamed to "other"',
    ],
  ];
  let removed: Parameters<UndoWorld["from"]["restore"]>[0];

  it.each(surprises)("is refused whole when %s", async (_, act, told) => {
    const world = await startedWorld("mirror");
    const d = world.from.look("/in/d");
    if (d) removed = d.id;
    change(world, "mirror");
    const plan = await reviewed(world);
    world.advance(1_000);
    act(world);
    const before = [world.from.tree(), world.to.tree()];
    const report = await apply(world, plan);
    expect(report).toMatchObject({ outcome: "held", steps: [], errors: [] });
    expect(report.movedOn).toContain(told);
    expect([world.from.tree(), world.to.tree()]).toEqual(before);
  });

  it("is not refused for what it does not touch", async () => {
    const world = await startedWorld("mirror");
    change(world, "mirror");
    const plan = await reviewed(world);
    world.from.put("/in/other", "O");
    world.from.put("/in/c", "C2");
    expect(await apply(world, plan)).toMatchObject({ outcome: "changes", errors: [] });
    expect(didIn(await world.run())).toEqual(["to update c", "to upload other"]);
  });

  it("is refused when the rule was made another one", async () => {
    const world = await startedWorld("mirror");
    change(world, "mirror");
    const plan = await reviewed(world);
    const rule = { ...world.job.rule, exclude: ["**/*.tmp"] };
    const report = await applyJob({ ...world.job, rule }, world.context, plan, {
      signal: new AbortController().signal,
      apiCalls: () => ({}),
    });
    expect(report).toMatchObject({
      outcome: "held",
      movedOn: ['rule "docs" was made another one'],
    });
  });

  it("is refused when somebody else is signed in", async () => {
    const world = await startedWorld("mirror");
    change(world, "mirror");
    const plan = await reviewed(world);
    const report = await apply(world, { ...plan, accounts: { ...plan.accounts, to: "another" } });
    expect(report.movedOn).toEqual(['somebody else is signed in as "b"']);
  });
});
