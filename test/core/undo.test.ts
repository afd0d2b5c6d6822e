import { describe, expect, it } from "vitest";
import { driveLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { ItemState, StepEffect } from "../../src/core/effect.ts";
import type { Entry, ItemId, Kind, Revision, TreeView } from "../../src/core/entry.ts";
import { type NameRules, sameName } from "../../src/core/names.ts";
import { type DoneStep, planUndo, type UndoSide } from "../../src/core/undo.ts";

const id = (text: string) => text as ItemId;
const rev = (text: string) => text as Revision;

/** `a` in folder `root`, or `n/a` in folder `n`, at a revision; folders end in `/`. */
function entry(path: string, item: string, revision = "1"): Entry {
  const isFolder = path.endsWith("/");
  const names = path.split("/").filter((name) => name !== "");
  const parent = names.length > 1 ? names.at(-2) : "root";
  return {
    id: id(item),
    parent: parent === undefined ? null : id(parent),
    name: names.at(-1) ?? "",
    kind: isFolder ? "folder" : "file",
    sizeBytes: isFolder ? null : 1,
    revision: isFolder ? null : rev(revision),
    hashes: {},
    modifiedAt: null,
    createdAt: null,
  };
}

/** What is at `to` now; ids of folders are their names. */
function sideOf(entries: readonly Entry[], names: NameRules = plainNames): UndoSide {
  const all = [{ ...entry("/", "root"), parent: null }, ...entries];
  const tree: TreeView = {
    get: (item) => all.find((each) => each.id === item) ?? null,
    children: (parent) => all.filter((each) => each.parent === parent),
    named: (parent, name) =>
      all.filter((each) => each.parent === parent && sameName(each.name, name, names)),
  };
  return {
    tree,
    names,
    folderAt: (path) => {
      const name = path.at(-1) ?? "root";
      return all.find((each) => each.kind === "folder" && each.id === name)?.id ?? null;
    },
    version: (_, revision) =>
      revision === "lost"
        ? "its former version is no longer kept"
        : { sizeBytes: 7, modifiedAt: null },
  };
}

const at = (path: string, revision: string | null = "1"): ItemState => {
  const { parent, name } = entry(path, "any");
  return { parent, name, revision: path.endsWith("/") || revision === null ? null : rev(revision) };
};

let count = 0;
function did(
  item: string,
  before: ItemState | null,
  after: ItemState | null,
  path: string,
  from: string | null = null,
): DoneStep {
  const kind: Kind = path.endsWith("/") ? "folder" : "file";
  const effect: StepEffect = { side: "to", id: id(item), kind, before, after };
  return { id: ++count, path: path.replace(/\/$/, ""), from, unit: null, effect };
}
const made = (item: string, path: string, revision = "1") =>
  did(item, null, at(path, revision), path);
const removed = (item: string, path: string) => did(item, at(path), null, path);
const edited = (item: string, path: string, before: string, after: string) =>
  did(item, at(path, before), at(path, after), path);
const moved = (item: string, from: string, path: string) =>
  did(item, at(from), at(path), path, from);

function plan(now: readonly Entry[], done: readonly DoneStep[], names?: NameRules) {
  const steps = planUndo(done, { from: sideOf([]), to: sideOf(now, names) }, 17);
  const number = new Map(steps.map((step, index) => [step.id, index]));
  return {
    steps,
    /** What is done, and after which others, by their numbers; skips with their reasons. */
    told: steps.map(({ do: verb, path, from, after, why }) => {
      const waits = after.map((each) => number.get(each)).filter((each) => each !== undefined);
      const where = from === undefined ? path : `${from} -> ${path}`;
      if (verb === "skip") return `skip ${where}: ${why}`;
      return `${verb} ${where}${waits.length > 0 ? ` after ${waits.join(", ")}` : ""}`;
    }),
  };
}

describe("an undo is planned", () => {
  it("from the last step to the first", () => {
    const { told, steps } = plan(
      [entry("new", "x"), entry("a", "a", "2")],
      [edited("a", "a", "1", "2"), made("x", "new"), removed("r", "r")],
    );
    expect(told).toEqual(["restore r", "trash new", "update a"]);
    expect(steps.map(({ why }) => why)).toEqual([
      "run 17 removed it",
      "run 17 made it",
      "run 17 overwrote it",
    ]);
    expect(steps[2]).toMatchObject({
      bytes: 7,
      action: { type: "revert", target: "a", targetRevision: "2", revision: "1", sizeBytes: 7 },
    });
  });

  it("with one request for a folder that was made with all in it", () => {
    const now = [entry("n/", "n"), entry("n/x", "x"), entry("n/m/", "m"), entry("m/y", "y")];
    const done = [made("n", "n/"), made("m", "n/m/"), made("x", "n/x"), made("y", "m/y")];
    const { told, steps } = plan(now, done);
    expect(told).toEqual(["trash n"]);
    expect(steps[0]?.action).toMatchObject({
      files: 2,
      holds: expect.arrayContaining(["n", "m", "x", "y"]),
    });
    expect(steps[0]?.undoes?.toSorted()).toEqual(done.map((step) => step.id).toSorted());
  });

  it("step by step where a made folder holds other things", () => {
    const now = [entry("n/", "n"), entry("n/x", "x"), entry("n/mine", "mine")];
    expect(plan(now, [made("n", "n/"), made("x", "n/x")]).told).toEqual([
      "trash n/x",
      "skip n: it holds other things by now",
    ]);
  });

  it("so that what was moved into a new folder leaves it first", () => {
    const now = [entry("n/", "n"), entry("n/a", "a")];
    expect(plan(now, [made("n", "n/"), moved("a", "a", "n/a")]).told).toEqual([
      "move n/a -> a",
      "trash n after 0",
    ]);
  });

  it("so that a name is free before it is taken", () => {
    const now = [entry("a", "new"), entry("a (conflict)", "old")];
    const done = [moved("old", "a", "a (conflict)"), made("new", "a")];
    expect(plan(now, done).told).toEqual(["trash a", "rename a (conflict) -> a after 0"]);
    expect(plan(now, done, driveLikeNames).told).toEqual(["trash a", "rename a (conflict) -> a"]);
  });

  it("as the swap was, backwards", () => {
    const now = [entry("b", "x"), entry("a", "y")];
    const done = [moved("x", "a", "tmp"), moved("y", "b", "a"), moved("x", "tmp", "b")];
    expect(plan(now, done).told).toEqual([
      "rename b -> tmp",
      "rename a -> b after 0",
      "rename tmp -> a after 1, 0",
    ]);
  });

  it("so that a folder is back before what left it, and bytes before their place", () => {
    const now = [entry("a", "a", "3")];
    const done = [moved("a", "d/a", "a"), edited("a", "a", "1", "3"), removed("d", "d/")];
    const { told, steps } = plan(now, done);
    expect(told).toEqual(["restore d", "update a", "move a -> d/a after 0, 1"]);
    expect(steps[2]?.action).toMatchObject({ to: { parent: { step: steps[0]?.id }, name: "a" } });
  });

  it("so that what came back below a folder is there before that moves", () => {
    const now = [entry("e/", "e")];
    const done = [did("e", at("d/"), at("e/"), "e/", "d"), removed("x", "e/x")];
    expect(plan(now, done).told).toEqual(["restore e/x", "rename e -> d after 0"]);
  });

  it("with the first of several former contents", () => {
    const done = [edited("a", "a", "1", "2"), edited("a", "a", "2", "3")];
    const { told, steps } = plan([entry("a", "a", "3")], done);
    expect(told).toEqual(["update a"]);
    expect(steps[0]).toMatchObject({ action: { revision: "1", targetRevision: "3" } });
    expect(steps[0]?.undoes).toHaveLength(2);
  });

  it("into the folder that has the path by now, where the former one is gone", () => {
    const before = { ...at("a"), parent: id("gone") };
    const { steps } = plan(
      [entry("d/", "d"), entry("a", "a")],
      [did("a", before, at("a"), "a", "d/a")],
    );
    expect(steps[0]?.action).toMatchObject({ to: { parent: { id: "d" }, name: "a" } });
  });

  it("without what is already as it was", () => {
    const now = [entry("a", "a", "1"), entry("b", "b"), entry("r", "r")];
    const done = [
      edited("a", "a", "1", "2"),
      moved("b", "b", "c"),
      removed("r", "r"),
      made("x", "x"),
    ];
    expect(plan(now, done).steps).toEqual([]);
  });

  it("without what the run itself made and removed", () => {
    expect(plan([], [made("x", "x"), removed("x", "x")]).steps).toEqual([]);
  });

  it.each<[string, Entry[], DoneStep[], string]>([
    [
      "a made file that was edited",
      [entry("x", "x", "2")],
      [made("x", "x")],
      "x: it was edited since run 17",
    ],
    [
      "a made file that was moved",
      [entry("y", "x")],
      [made("x", "x")],
      "x: it was moved since run 17",
    ],
    [
      "content that was edited over",
      [entry("a", "a", "9")],
      [edited("a", "a", "1", "2")],
      "a: it was edited since run 17",
    ],
    [
      "content that nobody keeps",
      [entry("a", "a", "2")],
      [edited("a", "a", "lost", "2")],
      "a: its former version is no longer kept",
    ],
    ["content of what is gone", [], [edited("a", "a", "1", "2")], "a: it is gone"],
    ["a place of what is gone", [], [moved("a", "a", "b")], "b: it is gone"],
    [
      "a place that was left again",
      [entry("c", "a")],
      [moved("a", "a", "b")],
      "b: it was moved since run 17",
    ],
    [
      "a place that is taken",
      [entry("b", "a"), entry("a", "z")],
      [moved("a", "a", "b")],
      "b: something else has its name by now",
    ],
    [
      "a place whose folder is gone",
      [entry("a", "a")],
      [moved("a", "d/a", "a")],
      "a: its folder is gone",
    ],
    [
      "a removal whose place is taken",
      [entry("r", "z")],
      [removed("r", "r")],
      "r: something else has its name by now",
    ],
    ["a removal whose folder is gone", [], [removed("r", "d/r")], "d/r: its folder is gone"],
  ])("with a reason for %s", (_, now, done, reason) => {
    expect(plan(now, done).told).toEqual([`skip ${reason}`]);
  });
});
