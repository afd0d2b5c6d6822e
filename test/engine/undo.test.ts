import { describe, expect, it } from "vitest";
import { driveLikeNames } from "../../providers/memory/names.ts";
import type { Mode } from "../../src/core/rule.ts";
import { verifyJob } from "../../src/engine/verify.ts";
import { createUndoWorld, didIn, expectRest, killedAt, type UndoWorld } from "./undo-world.ts";

/** A run with one kind of step, and its undo. */
interface Case {
  readonly name: string;
  readonly mode: Mode;
  /** What both sides have when they are in step. */
  readonly base?: (world: UndoWorld) => void;
  /** What people do before the run that is undone. */
  readonly change: (world: UndoWorld) => void;
  /** The steps of the undo. */
  readonly steps: readonly string[];
  /** What the next run does, and nothing after it. Default: nothing. */
  readonly next?: readonly string[];
}

const put = (side: "from" | "to", path: string, text: string) => (world: UndoWorld) =>
  void world[side].put(`/${side === "from" ? "in" : "out"}/${path}`, text);
const trash = (side: "from" | "to", path: string) => (world: UndoWorld) =>
  world[side].trash(`/${side === "from" ? "in" : "out"}/${path}`);
const move = (side: "from" | "to", path: string, to: string) => (world: UndoWorld) => {
  const root = side === "from" ? "/in" : "/out";
  world[side].move(`${root}/${path}`, `${root}/${to}`);
};
const all =
  (...acts: ((world: UndoWorld) => void)[]) =>
  (world: UndoWorld) =>
    acts.forEach((act) => {
      world.advance(60_000);
      act(world);
    });

/** Enough beside what is removed that no guard holds it. */
const others = all(put("from", "o/1", "1"), put("from", "o/2", "2"), put("from", "o/3", "3"));
const a = all(others, put("from", "a", "A"));
const folder = all(others, put("from", "d/x", "X"), put("from", "d/e/y", "Y"));

const cases: readonly Case[] = [
  ...(["copy", "mirror", "two-way"] as const).flatMap((mode): Case[] => [
    {
      name: "an upload",
      mode,
      base: others,
      change: put("from", "a", "A"),
      steps: ["to trash a"],
    },
    {
      name: "a new folder with files",
      mode,
      base: others,
      change: all(put("from", "d/x", "X"), put("from", "d/e/y", "Y")),
      steps: ["to trash d"],
    },
    {
      name: "an update",
      mode,
      base: a,
      change: put("from", "a", "A2"),
      steps: ["to update a"],
    },
    { name: "a rename", mode, base: a, change: move("from", "a", "b"), steps: ["to rename a"] },
    {
      name: "a move and an edit at once",
      mode,
      base: folder,
      change: all(move("from", "d/x", "o/x"), put("from", "o/x", "X2")),
      steps: ["to move d/x", "to update o/x"],
    },
    {
      name: "a swap of names",
      mode,
      base: all(a, put("from", "b", "B")),
      change: all(move("from", "a", "c"), move("from", "b", "a"), move("from", "c", "b")),
      steps: expect.arrayContaining(["to rename a", "to rename b"]),
    },
    {
      name: "a folder's rename",
      mode,
      base: folder,
      change: move("from", "d", "f"),
      steps: ["to rename d"],
    },
    {
      name: "a file moved out of a folder that is new, and back",
      mode,
      base: a,
      change: all(put("from", "n/z", "Z"), move("from", "a", "n/a")),
      steps: ["to move a", "to trash n"],
    },
  ]),
  {
    name: "a removal",
    mode: "mirror",
    base: a,
    change: trash("from", "a"),
    steps: ["to restore a"],
  },
  {
    name: "a folder's removal",
    mode: "mirror",
    base: folder,
    change: trash("from", "d"),
    steps: ["to restore d"],
  },
  {
    name: "the removal of an extra",
    mode: "mirror",
    base: a,
    change: put("to", "x", "X"),
    steps: ["to restore x"],
  },
  {
    name: "an overwritten edit of the destination",
    mode: "mirror",
    base: a,
    change: put("to", "a", "mine"),
    steps: ["to update a"],
  },
  {
    name: "a rename that was taken back",
    mode: "mirror",
    base: a,
    change: move("to", "a", "mine"),
    steps: ["to rename mine"],
  },
  {
    name: "a file that came back to the destination",
    mode: "mirror",
    base: a,
    change: trash("to", "a"),
    steps: ["to trash a"],
  },
  {
    name: "a removal",
    mode: "two-way",
    base: a,
    change: trash("from", "a"),
    steps: ["to restore a"],
    next: ["from upload a"],
  },
  {
    name: "a removal of the other side",
    mode: "two-way",
    base: a,
    change: trash("to", "a"),
    steps: ["from restore a"],
    next: ["to upload a"],
  },
  {
    name: "a folder's removal",
    mode: "two-way",
    base: folder,
    change: trash("from", "d"),
    steps: ["to restore d"],
    next: [
      "from create-folder d",
      "from create-folder d/e",
      "from upload d/e/y",
      "from upload d/x",
    ],
  },
  {
    name: "a removal of a folder that something left before",
    mode: "two-way",
    base: folder,
    change: all(move("from", "d/e/y", "y"), trash("from", "d")),
    steps: ["to move d/e/y", "to restore d"],
    // Both sides are to have the folder again, and what left it at one of them is not in it there.
    next: ["from create-folder d", "from create-folder d/e", "from upload d/x", "to move y"],
  },
  {
    name: "an upload to the source",
    mode: "two-way",
    base: others,
    change: put("to", "b", "B"),
    steps: ["from trash b"],
  },
  {
    name: "an update of the source",
    mode: "two-way",
    base: a,
    change: put("to", "a", "A2"),
    steps: ["from update a"],
  },
  {
    name: "a rename of the source",
    mode: "two-way",
    base: a,
    change: move("to", "a", "b"),
    steps: ["from rename a"],
  },
  {
    name: "a conflict of which both versions were kept",
    mode: "two-way",
    base: a,
    change: all(put("from", "a", "mine"), put("to", "a", "theirs")),
    steps: [expect.stringMatching(/^from trash a \(conflict/), "to rename a", "to trash a"],
  },
  {
    name: "what was moved away",
    mode: "move",
    change: all(put("from", "a", "A"), put("from", "d/x", "X")),
    steps: ["from restore a", "from restore d/x", "to trash "],
  },
];

describe.each([
  ["one name a place", {}],
  ["names that may repeat", { rules: driveLikeNames, reserveIds: true }],
])("undo, %s", (_, cloud) => {
  it.each(cases)("$mode: $name", async ({ mode, base = () => {}, change, steps, next = [] }) => {
    const world = createUndoWorld({ rule: { mode }, to: cloud });
    base(world);
    await world.run();
    await world.run();
    world.advance(60_000);
    change(world);
    const before = world.both();
    const report = await world.run();
    expect(report).toMatchObject({ errors: [], outcome: "in-step" });
    const done = world.both();
    const run = world.lastRun();

    const shown = await world.preview();
    expect(shown).toMatchObject({ undoes: run, run: null, outcome: "changes" });
    expect(world.both()).toEqual(done);
    const undone = await world.undo();
    expect(undone.errors).toEqual([]);
    expect(didIn(undone)).toEqual(steps);
    expect(didIn(shown)).toEqual(didIn(undone));
    expect(world.both()).toEqual(before);
    expect(world.store.runs.get(undone.run ?? 0)).toMatchObject({ trigger: "undo", undoes: run });

    if (next.length > 0) {
      expect(didIn(await world.run())).toEqual(next);
      const { in: from, out } = world.both();
      expect(from).toEqual(out);
    }
    await expectRest(world);
  });
});

/** A world where the change of a case was brought to the other side. */
async function changed({ mode, base = () => {}, change }: Case, cloud: object) {
  const world = createUndoWorld({ rule: { mode }, to: cloud });
  base(world);
  await world.run();
  await world.run();
  world.advance(60_000);
  change(world);
  const before = world.both();
  await world.run();
  return { world, before, run: world.lastRun() };
}

describe("an undo of an undo", () => {
  it.each(cases)("$mode: $name", async (given) => {
    const { world, before, run } = await changed(given, {});
    const done = world.both();
    await world.undo(run);
    const again = await world.undo(world.lastRun());
    expect(again.errors).toEqual([]);
    expect(again.steps.filter((step) => step.do === "skip")).toEqual([]);
    expect(world.both()).toEqual(done);
    await expectRest(world);
    // What was done again can be undone once more.
    await world.undo(again.run ?? 0);
    expect(world.both()).toEqual(before);
  });
});

describe("an undo that is killed", () => {
  const all = cases.flatMap((given) =>
    (["before", "after"] as const).map((when) => ({ ...given, when })),
  );
  it.each(all)("$mode: $name, $when a change", async ({ when, ...given }) => {
    for (let count = 1; ; count++) {
      const { world, before, run } = await changed(given, { reserveIds: true });
      const { wrap, signal } = killedAt(count, when);
      const killed = world.restarted(wrap).undo(run, signal);
      const outcome = await killed.catch((error: Error) => error.message);
      const next = world.restarted();
      if (outcome !== "killed") {
        expect(count).toBeGreaterThan(1);
        return;
      }
      const report = await next.undo(run);
      expect(report.errors).toEqual([]);
      expect(report.steps.filter((step) => step.do === "skip")).toEqual([]);
      expect(next.both()).toEqual(before);
      if (!given.next) await expectRest(next);
    }
  });
});

/** `to` holds what `from` does, and one run that does `change` can be undone. */
async function afterRun(mode: Mode, change: (world: UndoWorld) => void, options = {}) {
  const world = createUndoWorld({ rule: { mode }, ...options });
  folder(world);
  put("from", "a", "A")(world);
  await world.run();
  await world.run();
  world.advance(60_000);
  change(world);
  await world.run();
  return world;
}

const skips = (report: { steps: readonly { do: string; path: string; why: string }[] }) =>
  report.steps.filter((step) => step.do === "skip").map(({ path, why }) => `${path}: ${why}`);

describe("what can't be put back", () => {
  type Act = (world: UndoWorld) => void;
  const surprises: readonly [what: string, change: Act, since: Act, why: string][] = [
    [
      "a copy that was edited",
      put("from", "new", "N"),
      put("to", "new", "mine"),
      "new: it was edited since run 3",
    ],
    [
      "a copy that was moved",
      put("from", "new", "N"),
      move("to", "new", "o/new"),
      "new: it was moved since run 3",
    ],
    [
      "a new folder that holds other things",
      put("from", "n/x", "X"),
      put("to", "n/mine", "mine"),
      "n: it holds other things by now",
    ],
    [
      "an update that was edited over",
      put("from", "a", "A2"),
      put("to", "a", "mine"),
      "a: it was edited since run 3",
    ],
    ["an update that is gone", put("from", "a", "A2"), trash("to", "a"), "a: it is gone"],
    [
      "a rename that was renamed again",
      move("from", "a", "b"),
      move("to", "b", "c"),
      "b: it was moved since run 3",
    ],
    ["a move that is gone", move("from", "a", "o/a"), trash("to", "o/a"), "o/a: it is gone"],
    [
      "a rename whose former name is taken",
      move("from", "a", "b"),
      put("to", "a", "mine"),
      "b: something else has its name by now",
    ],
    [
      "a move out of a folder that is gone",
      move("from", "d/x", "o/x"),
      trash("to", "d"),
      "o/x: its folder is gone",
    ],
    [
      "a removal whose name is taken",
      trash("from", "a"),
      put("to", "a", "mine"),
      "a: something else has its name by now",
    ],
    [
      "a removal out of a folder that is gone",
      trash("from", "d/x"),
      trash("to", "d"),
      "d/x: its folder is gone",
    ],
  ];

  it.each(surprises)("%s is skipped, with the reason", async (_, change, since, why) => {
    const world = await afterRun("mirror", all(change, put("from", "beside", "B")));
    since(world);
    const before = world.both();
    const report = await world.undo(3);
    expect(report).toMatchObject({ errors: [], outcome: "in-step" });
    expect(skips(report)).toContain(why);
    expect(didIn(report)).toContain("to trash beside");
    const { beside: _beside, ...out } = world.both().out;
    const { beside: _was, ...outBefore } = before.out;
    expect(out).toMatchObject(why.startsWith("n:") ? { "n/": null, "n/mine": "mine" } : outBefore);
    const recorded = world.store.runs.ofRun(report.run ?? 0);
    expect(recorded.filter((step) => step.do === "skip").map(({ why }) => why)).toContain(
      why.slice(why.indexOf(": ") + 2),
    );
  });

  it("is refused when nothing of a run can be: nothing is done, and no run is recorded", async () => {
    const world = await afterRun("copy", put("from", "new", "N"));
    world.to.put("/out/new", "mine");
    const before = world.both();
    const last = world.lastRun();
    const report = await world.undo();
    expect(report).toMatchObject({ outcome: "held", run: null, errors: [] });
    expect(skips(report)).toEqual(["new: it was edited since run 3"]);
    expect(world.both()).toEqual(before);
    expect(world.lastRun()).toBe(last);
    expect(await world.preview(3)).toMatchObject({ outcome: "held" });
  });

  it("is refused when it was undone already", async () => {
    const world = await afterRun("copy", put("from", "new", "N"));
    await world.undo(3);
    expect(await world.undo(3)).toMatchObject({ outcome: "held", steps: [], run: null });
  });

  it("are former contents where the service keeps none", async () => {
    const world = await afterRun("copy", put("from", "a", "A2"), { to: { revisions: false } });
    expect(skips(await world.undo(3))).toEqual(["a: the service keeps no former versions"]);
  });

  it("is told when the trash has it no more, and the rest is done", async () => {
    const world = await afterRun("mirror", all(trash("from", "a"), put("from", "new", "N")));
    world.to.fail({ method: "restore", how: "not-found" });
    const report = await world.undo(3);
    expect(report).toMatchObject({
      outcome: "failed",
      errors: [{ path: "a", message: expect.stringContaining("can't be put back any more") }],
    });
    expect(didIn(report)).toEqual(["to trash new"]);
    expect(didIn(await world.run())).toEqual([]);
    // The trash may give it after all.
    expect(didIn(await world.undo(3))).toEqual(["to restore a"]);
  });
});

describe("an undo", () => {
  it("takes back the first run with the folder that it made, which is not made again", async () => {
    const world = createUndoWorld({ rule: { mode: "mirror" } });
    folder(world);
    await world.run();
    const done = world.both();
    const undone = await world.undo();
    expect(didIn(undone)).toEqual(["to trash "]);
    expect(world.to.tree()).toEqual({});
    await expectRest(world);
    await world.undo(undone.run ?? 0);
    expect(world.both()).toEqual(done);
    await expectRest(world);
    world.from.put("/in/new", "N");
    expect(didIn(await world.run())).toEqual(["to upload new"]);
  });

  it("lets the rule go on with what somebody changes after it", async () => {
    const world = await afterRun("two-way", all(put("from", "a", "A2"), put("from", "new", "N")));
    await world.undo(3);
    world.advance(60_000);
    world.to.put("/out/a", "A3");
    world.from.put("/in/new", "N2");
    expect(didIn(await world.run())).toEqual(["from update a", "to upload new"]);
    await expectRest(world);
  });

  it("hides nothing that was changed before it", async () => {
    const world = await afterRun("two-way", all(put("from", "a", "A2"), put("from", "new", "N")));
    world.advance(60_000);
    world.from.put("/in/a", "A3");
    world.from.put("/in/new", "N2");
    await world.undo(3);
    expect(world.both().out).toMatchObject({ a: "A" });
    expect(didIn(await world.run())).toEqual(["to update a", "to upload new"]);
    expect(world.both().out).toMatchObject({ a: "A3", new: "N2" });
    await expectRest(world);
  });

  it("goes from the newest run to older ones", async () => {
    const world = await afterRun("copy", put("from", "a", "A2"));
    put("from", "a", "A3")(world);
    await world.run();
    expect(await world.undo()).toMatchObject({ undoes: 4 });
    expect(world.both().out).toMatchObject({ a: "A2" });
    const second = await world.undo();
    expect(second).toMatchObject({ undoes: 3, outcome: "held" });
  });

  it("shows in a verification that both sides differ", async () => {
    const world = await afterRun("copy", put("from", "a", "A2"));
    const verify = () =>
      verifyJob(world.job, world.context, { read: 1, signal: new AbortController().signal });
    expect(await verify()).toMatchObject({ agrees: true });
    await world.undo();
    expect(await verify()).toMatchObject({ differences: [{ path: "a", kind: "content" }] });
  });

  it("keeps a mirror from removing again what came back, also when its folder is looked at", async () => {
    const world = await afterRun("mirror", trash("from", "d"));
    await world.undo();
    await expectRest(world);
    put("from", "d/z", "Z")(world);
    const report = await world.run();
    expect(didIn(report).filter((step) => step.includes("trash"))).toEqual([]);
    expect(world.both().out).toMatchObject({ "d/x": "X", "d/e/y": "Y", "d/z": "Z" });
  });

  it("does not repeat a request whose answer was lost", async () => {
    const world = await afterRun(
      "mirror",
      all(put("from", "a", "A2"), trash("from", "d"), move("from", "o/1", "one")),
    );
    for (const method of ["write", "move", "restore"] as const)
      world.to.fail({ method, how: "lost-answer" });
    const report = await world.undo();
    expect(report).toMatchObject({ outcome: "in-step", errors: [] });
    expect(world.both().out).toMatchObject({ a: "A", "d/x": "X", "o/1": "1" });
    expect(world.to.calls.restore).toBe(2);
    await expectRest(world);
  });

  it("waits for a feed that lags before it says what came back with a folder", async () => {
    const world = await afterRun("two-way", trash("from", "d"));
    world.to.lag();
    await world.undo();
    world.to.settle();
    await world.run();
    expect(world.both().in).toEqual(world.both().out);
    expect(world.both().in).toMatchObject({ "d/x": "X" });
    await expectRest(world);
  });
});
