import { describe, expect, it } from "vitest";
import { driveLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import { agreed, become, expectSteps, type State } from "./cases.ts";
import { createTrees, type Trees } from "./planned.ts";

/** A person's file has the name that the source's change leads to, and the copy is gone. */
function takeNames({ drop, put, paths }: Trees): void {
  const names = ["new", "moved", "a"].filter((name) => paths("from").includes(name));
  if (names.includes("a")) drop("to", "a");
  for (const name of names) put("to", name, "a person's");
}

describe("copy: what became of a file at the source, at the destination, and what is done", () => {
  it.each<[State | "N", State | "N", string[]]>([
    ["U", "U", []],
    ["U", "E", []],
    ["U", "M", []],
    ["U", "D", []],
    ["U", "T", []],
    ["N", "U", ["upload to new"]],
    ["N", "N", ["conflict to new -> new (conflict)", "upload to new"]],
    ["E", "U", ["update to a"]],
    ["E", "E", ["conflict to a -> a (conflict)", "upload to a"]],
    ["E", "M", ["update to taken"]],
    ["E", "EM", ["upload to a"]],
    ["E", "D", ["upload to a"]],
    ["E", "T", ["upload to a (2)"]],
    ["E", "N", ["conflict to a -> a (conflict)", "upload to a"]],
    ["M", "U", ["rename to a -> moved"]],
    ["M", "E", ["rename to a -> moved"]],
    ["M", "M", []],
    ["M", "D", []],
    ["M", "N", ["conflict to moved -> moved (conflict)", "rename to a -> moved"]],
    ["EM", "U", ["rename to a -> moved", "update to moved"]],
    ["EM", "E", ["rename to a -> moved", "conflict to a -> moved (conflict)", "upload to moved"]],
    ["EM", "M", ["update to taken"]],
    ["EM", "EM", ["upload to moved"]],
    ["EM", "D", ["upload to moved"]],
    ["D", "U", []],
    ["D", "E", []],
    ["D", "M", []],
    ["D", "D", []],
    ["T", "U", ["conflict to a -> a (conflict)", "create-folder to a"]],
    ["T", "E", ["conflict to a -> a (conflict)", "create-folder to a"]],
    ["T", "M", ["create-folder to a"]],
    ["T", "D", ["create-folder to a"]],
    ["T", "T", ["link to a"]],
    ["T", "N", ["conflict to a -> a (conflict)", "create-folder to a"]],
  ])("%s, %s: %j", (from, to, expected) => {
    const story = (trees: Trees) => {
      if (from === "N") trees.put("from", "new", "new");
      else become[from](trees, "from");
      if (to === "N") takeNames(trees);
      else become[to](trees, "to");
    };
    const { done } = expectSteps(() => agreed({}), story, expected);
    expect(done.from).toEqual({ uploads: 0, moves: 0, detours: 0, trashes: 0, folders: 0 });
  });

  const expectCopied = (story: (trees: Trees) => void, expected: string[]) =>
    expectSteps(() => agreed({}), story, expected);

  it("adopts an equal file without a transfer", () => {
    expectCopied(
      ({ put }) => {
        put("from", "new", "same");
        put("to", "new", "same");
      },
      ["link to new"],
    );
  });

  it("adopts the same edit on both sides", () => {
    expectCopied(
      ({ put }) => {
        put("from", "a", "same");
        put("to", "a", "same");
      },
      ["link to a"],
    );
  });

  it("does nothing for a new revision of the same bytes", () => {
    const trees = agreed({});
    trees.put("from", "a", "a");
    const plan = trees.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.refreshed).toHaveLength(1);
  });

  it.each<[Rule["conflict"], Side, string[]]>([
    ["newest", "from", ["update to a"]],
    ["newest", "to", ["conflict to a"]],
    ["from", "to", ["update to a"]],
    ["to", "from", ["conflict to a"]],
    ["keep-both", "from", ["conflict to a -> a (conflict)", "upload to a"]],
  ])("conflict: %s, when %s was edited last: %j", (conflict, last, expected) => {
    const story = (trees: Trees) => {
      become.E(trees, last === "from" ? "to" : "from");
      become.E(trees, last);
    };
    expectSteps(() => agreed({ rule: { conflict } }), story, expected);
  });

  it("gives each of two that share a name a name of its own", () => {
    const names = { from: driveLikeNames, to: plainNames };
    const twice = ({ create }: Trees) => {
      create("from", "new", "one");
      create("from", "new", "two");
    };
    expectSteps(() => agreed({ names }), twice, ["upload to new", "upload to new (2)"]);
  });
});

describe("move: the source goes once its copy is proven", () => {
  const move = { mode: "move" } as const satisfies Partial<Rule>;

  it.each<[string, (trees: Trees) => void, string[]]>([
    ["a file", ({ put }) => put("from", "a", "a"), ["upload to a", "trash from a"]],
    [
      "a file in a folder, which stays",
      ({ put }) => put("from", "d/a", "a"),
      ["create-folder to d", "upload to d/a", "trash from d/a"],
    ],
    [
      "a file that is there already",
      ({ put }) => {
        put("from", "a", "a");
        put("to", "a", "a");
      },
      ["link to a", "trash from a"],
    ],
    [
      "a file whose name is taken",
      ({ put }) => {
        put("from", "a", "ours");
        put("to", "a", "theirs");
      },
      ["conflict to a -> a (conflict)", "upload to a", "trash from a"],
    ],
  ])("%s", (_, story, expected) => {
    expectSteps(() => createTrees({ rule: move }), story, expected);
  });

  it.each<[string, (trees: Trees) => void]>([
    [
      "a file that was copied before",
      ({ mark, find, from }) => mark("from", find("from", "a")?.id ?? from.root),
    ],
    ["also at a new revision of the same bytes", ({ put }) => put("from", "a", "a")],
  ])("%s", (_, story) => {
    expectSteps(() => agreed({ rule: move }), story, ["trash from a"]);
  });

  it("but not before all other destinations have it too", () => {
    const elsewhere = { rule: move, isCopiedElsewhere: false };
    expectSteps(
      () => createTrees(elsewhere),
      ({ put }) => put("from", "a", "a"),
      ["upload to a"],
    );
  });

  it("nor when the copy is another one by now", () => {
    const trees = agreed({ rule: move });
    become.E(trees, "to");
    expect(trees.plan().steps).toEqual([]);
  });

  it("nor when the policy left the destination's in its place", () => {
    const story = ({ put }: Trees) => {
      put("from", "a", "ours");
      put("to", "a", "theirs");
    };
    const rule = { ...move, conflict: "to" } as const;
    expectSteps(() => createTrees({ rule }), story, ["conflict to a"]);
  });
});
