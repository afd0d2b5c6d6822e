import { describe, expect, it } from "vitest";
import { driveLikeNames, dropboxLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { NameRules } from "../../src/core/names.ts";
import { otherSide, type Side, sides } from "../../src/core/plan.ts";
import { agreed, expectBoth, twoWay } from "./cases.ts";
import type { Trees } from "./planned.ts";
import { bring } from "./settle.ts";

describe.each(sides)("two-way: folders, changed at %s", (side) => {
  const other = otherSide(side);
  const paths = ["d/x", "d/y", "d/e/z", "other/"];
  const expectFolders = (story: (trees: Trees) => void, expected: readonly string[]) =>
    expectBoth(story, expected, paths);

  it("one that is gone goes with one request", () => {
    expectFolders(({ drop }) => drop(side, "d"), [`trash ${other} d`]);
  });

  it("one that is gone survives as a shell of what was edited or added inside", () => {
    expectFolders(
      ({ drop, put }) => {
        drop(side, "d");
        put(other, "d/x", "edited");
        put(other, "d/e/new", "new");
      },
      [
        `create-folder ${side} d`,
        `upload ${side} d/x`,
        `create-folder ${side} d/e`,
        `upload ${side} d/e/new`,
        `trash ${other} d/y`,
        `trash ${other} d/e/z`,
      ],
    );
  });

  it("one that is gone lets go first what was moved out of it", () => {
    expectFolders(
      ({ move, drop }) => {
        move(side, "d/x", "x");
        drop(side, "d");
      },
      [`move ${other} d/x -> x`, `trash ${other} d`],
    );
  });

  it("one that is gone leaves what the other side moved out of it", () => {
    expectFolders(
      ({ move, drop }) => {
        move(other, "d/x", "x");
        drop(side, "d");
      },
      [`upload ${side} x`, `trash ${other} d`],
    );
  });

  it("one that is gone, and moved at the other side, comes back whole", () => {
    expectFolders(
      ({ move, drop }) => {
        move(other, "d", "moved");
        drop(side, "d");
      },
      [
        `create-folder ${side} moved`,
        `upload ${side} moved/x`,
        `upload ${side} moved/y`,
        `create-folder ${side} moved/e`,
        `upload ${side} moved/e/z`,
      ],
    );
  });

  it("one that moved takes along what changed inside", () => {
    expectFolders(
      ({ move, put, drop }) => {
        move(side, "d", "other/d");
        put(other, "d/x", "edited");
        put(other, "d/new", "new");
        move(other, "d/y", "d/e/y");
        drop(other, "d/e/z");
      },
      [
        `move ${other} d -> other/d`,
        `update ${side} other/d/x`,
        `upload ${side} other/d/new`,
        `move ${side} other/d/y -> other/d/e/y`,
        `trash ${side} other/d/e/z`,
      ],
    );
  });

  it("parent and child change places without a byte", () => {
    const trees = expectFolders(
      ({ move }) => {
        move(side, "d/e", "e");
        move(side, "d", "e/d");
      },
      [`move ${other} d/e -> e`, `move ${other} d -> e/d`],
    );
    expect(trees.paths("to").sort()).toEqual(["e", "e/d", "e/d/x", "e/d/y", "e/z", "other"]);
  });
});

describe("two-way: one place, two wishes", () => {
  it("a folder moved to two places goes where `from` says", () => {
    expectBoth(
      ({ move }) => {
        move("from", "d", "one");
        move("to", "d", "two");
      },
      ["rename to two -> one"],
      ["d/x"],
    );
  });

  it("two folders moved into each other: the move of `from` stands", () => {
    const trees = expectBoth(
      ({ move }) => {
        move("from", "x", "y/x");
        move("to", "y", "x/y");
      },
      ["move to x/y -> y", "move to x -> y/x"],
      ["x/1", "y/2"],
    );
    expect(trees.paths("from").sort()).toEqual(["y", "y/2", "y/x", "y/x/1"]);
  });

  it("two files moved to one name: that of `from` keeps it, and no byte moves", () => {
    const trees = expectBoth(
      ({ move }) => {
        move("from", "a", "c");
        move("to", "b", "c");
      },
      ["rename to a -> c", "conflict to c -> c (conflict)", "rename from b -> c (conflict)"],
      ["a", "b"],
    );
    expect(trees.tree("to").c).toBe("a");
  });

  it("a file moved to a name that the other side gave to a new one", () => {
    expectBoth(
      ({ move, put }) => {
        move("from", "a", "c");
        put("to", "c", "new");
      },
      ["conflict to c -> c (conflict)", "rename to a -> c", "upload from c (conflict)"],
    );
  });
});

/** Each takes the name of the one before it, the first that of the last. */
function turn({ move }: Trees, side: Side, names: readonly string[]): void {
  const [first = ""] = names;
  move(side, first, "aside");
  let free = first;
  for (const name of names.slice(1)) {
    move(side, name, free);
    free = name;
  }
  move(side, "aside", free);
}

describe.each<[string, NameRules, number]>([
  ["once where names are unique", plainNames, 1],
  ["not where they may repeat", driveLikeNames, 0],
])("two-way: names in a circle, which step aside %s", (_, names, detours) => {
  it.each(sides)("turned at %s", (side) => {
    for (const around of [
      ["a", "b"],
      ["a", "b", "c"],
      ["d/", "e"],
    ]) {
      const trees = agreed({ rule: twoWay, names }, around);
      turn(
        trees,
        side,
        around.map((name) => name.replace("/", "")),
      );
      const wanted = trees.tree(side);
      bring(trees);
      const moves = around.length + detours;
      const done = { uploads: 0, moves, detours, trashes: 0, folders: 0 };
      expect(trees.done[otherSide(side)]).toEqual(done);
      expect(trees.tree(otherSide(side))).toEqual(wanted);
    }
  });
});

describe("two-way: names that only one side tells apart", () => {
  const names = { from: plainNames, to: dropboxLikeNames };

  it("stand for each other, and no alias is taken for a rename", () => {
    const trees = expectBoth(({ put }) => put("from", "A", "upper"), ["upload to A (2)"], ["a"], {
      names,
    });
    expect(trees.paths("from").sort()).toEqual(["A", "a"]);
  });

  it("keep their alias when the other one goes", () => {
    expectBoth(({ drop }) => drop("from", "a"), ["trash to a"], ["a", "A"], { names });
  });

  it("a rename of case alone is a rename", () => {
    const both = { names: dropboxLikeNames };
    expectBoth(({ move }) => move("from", "a", "A"), ["rename to a -> A"], ["a"], both);
    expectBoth(({ move }) => move("to", "a", "A"), ["rename from a -> A"], ["a"], both);
  });
});

describe("two-way with `deletes: keep`", () => {
  it.each(sides)("leaves what %s dropped", (side) => {
    const other = otherSide(side);
    const trees = agreed({ rule: { ...twoWay, deletes: "keep" } });
    const id = trees.find(other, "a")?.id ?? trees[other].root;
    trees.drop(side, "a");
    bring(trees);
    expect(trees.paths(side)).toEqual([]);
    expect(trees.paths(other)).toEqual(["a"]);
    expect(trees.linkOf(other, id)).toBeNull();
    trees.put(other, "a", "edited");
    bring(trees);
    expect(trees.tree(side)).toEqual({ a: "edited" });
  });
});
