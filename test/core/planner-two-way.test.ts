import { describe, expect, it } from "vitest";
import { otherSide, refKey, type Side, sides } from "../../src/core/plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import { become, expectBoth, type State } from "./cases.ts";
import type { Trees } from "./planned.ts";

const atBoth = (act: (trees: Trees, side: Side) => void) => (trees: Trees) => {
  for (const side of sides) act(trees, side);
};

describe("two-way: what became of a file at either side, and what is done", () => {
  it.each<[State, State, string[]]>([
    ["U", "U", []],
    ["U", "E", ["update from a"]],
    ["U", "M", ["rename from a -> taken"]],
    ["U", "EM", ["rename from a -> taken", "update from taken"]],
    ["U", "D", ["trash from a"]],
    ["U", "T", ["trash from a", "create-folder from a"]],
    ["E", "U", ["update to a"]],
    ["E", "E", ["conflict to a -> a (conflict)", "upload to a", "upload from a (conflict)"]],
    ["E", "M", ["rename from a -> taken", "update to taken"]],
    [
      "E",
      "EM",
      [
        "rename from a -> taken",
        "conflict to taken -> taken (conflict)",
        "upload to taken",
        "upload from taken (conflict)",
      ],
    ],
    ["E", "D", ["upload to a"]],
    [
      "E",
      "T",
      ["conflict from a -> a (conflict)", "create-folder from a", "upload to a (conflict)"],
    ],
    ["M", "U", ["rename to a -> moved"]],
    ["M", "E", ["rename to a -> moved", "update from moved"]],
    ["M", "M", ["rename to taken -> moved"]],
    ["M", "EM", ["rename to taken -> moved", "update from moved"]],
    ["M", "D", ["upload to moved"]],
    ["M", "T", ["create-folder from a", "upload to moved"]],
    ["EM", "U", ["rename to a -> moved", "update to moved"]],
    [
      "EM",
      "E",
      [
        "rename to a -> moved",
        "conflict to a -> moved (conflict)",
        "upload to moved",
        "upload from moved (conflict)",
      ],
    ],
    ["EM", "M", ["rename to taken -> moved", "update to moved"]],
    [
      "EM",
      "EM",
      [
        "rename to taken -> moved",
        "conflict to taken -> moved (conflict)",
        "upload to moved",
        "upload from moved (conflict)",
      ],
    ],
    ["EM", "D", ["upload to moved"]],
    ["EM", "T", ["create-folder from a", "upload to moved"]],
    ["D", "U", ["trash to a"]],
    ["D", "E", ["upload from a"]],
    ["D", "M", ["upload from taken"]],
    ["D", "EM", ["upload from taken"]],
    ["D", "D", []],
    ["D", "T", ["create-folder from a"]],
    ["T", "U", ["trash to a", "create-folder to a"]],
    ["T", "E", ["conflict to a -> a (conflict)", "create-folder to a", "upload from a (conflict)"]],
    ["T", "M", ["create-folder to a", "upload from taken"]],
    ["T", "EM", ["create-folder to a", "upload from taken"]],
    ["T", "D", ["create-folder to a"]],
    ["T", "T", ["link to a"]],
  ])("%s, %s: %j", (from, to, expected) => {
    expectBoth((trees) => {
      become[from](trees, "from");
      become[to](trees, "to");
    }, expected);
  });

  it("links what was edited alike", () => {
    expectBoth(
      atBoth(({ put }, side) => put(side, "a", "same")),
      ["link to a"],
    );
  });

  it("does nothing for what was renamed alike, or has new revisions of the same bytes", () => {
    expectBoth(
      atBoth(({ move }, side) => move(side, "a", "moved")),
      [],
    );
    expectBoth(
      atBoth(({ put }, side) => put(side, "a", "a")),
      [],
    );
  });

  it("reads once where the two services share no hash", () => {
    const apart = { hashes: "apart" } as const;
    expectBoth(({ put }) => put("to", "a", "b"), ["update from a"], ["a"], apart);
    expectBoth(
      atBoth(({ put }, side) => put(side, "new", "same")),
      ["link to new", "link to new"],
      [],
      apart,
    );
  });
});

describe.each(sides)("two-way: what is new at %s", (side) => {
  const other = otherSide(side);

  it.each<[string, (trees: Trees) => void, string[]]>([
    ["a file", ({ put }) => put(side, "new", "new"), [`upload ${other} new`]],
    ["a folder", ({ mkdir }) => mkdir(side, "new"), [`create-folder ${other} new`]],
    [
      "a file in a folder",
      ({ put }) => put(side, "new/x", "new"),
      [`create-folder ${other} new`, `upload ${other} new/x`],
    ],
    [
      "a file that takes the place of a folder",
      (trees) => {
        trees.drop(side, "d");
        trees.put(side, "d", "file");
      },
      [`trash ${other} d`, `upload ${other} d`],
    ],
    [
      "the same file, deleted and put back",
      (trees) => {
        trees.drop(side, "d/x");
        trees.put(side, "d/x", "d/x");
      },
      [`link ${other} d/x`],
    ],
    [
      "another file in place of a deleted one",
      (trees) => {
        trees.drop(side, "d/x");
        trees.put(side, "d/x", "other bytes");
      },
      [`update ${other} d/x`],
    ],
    [
      "a file where the other side has a folder",
      (trees) => {
        trees.put(side, "new", "file");
        trees.mkdir(other, "new");
      },
      [
        `conflict ${side} new -> new (conflict)`,
        `create-folder ${side} new`,
        `upload ${other} new (conflict)`,
      ],
    ],
  ])("%s", (_, story, expected) => {
    expectBoth(story, expected, ["d/x"]);
  });
});

describe("two-way: new at both sides under one name", () => {
  const meet = (from: string | null, to: string | null) => (trees: Trees) => {
    trees.create("from", "new", from);
    trees.create("to", "new", to);
  };

  it("adopts what is equal", () => {
    expectBoth(meet("same", "same"), ["link to new"]);
    expectBoth(meet(null, null), ["link to new"]);
  });

  it("keeps both of two files", () => {
    const trees = expectBoth(meet("ours", "theirs"), [
      "conflict to new -> new (conflict)",
      "upload to new",
      "upload from new (conflict)",
    ]);
    expect(Object.values(trees.tree("from")).sort()).toEqual(["a", "ours", "theirs"]);
  });
});

describe("two-way: both changed, and the policy", () => {
  const edit = (order: readonly Side[]) => (trees: Trees) => {
    for (const side of order) become.E(trees, side);
  };

  it.each<[Rule["conflict"], Side, string[]]>([
    ["newest", "from", ["update to a"]],
    ["newest", "to", ["update from a"]],
    ["from", "to", ["update to a"]],
    ["to", "from", ["update from a"]],
  ])("%s, when %s was edited last: %j", (conflict, last, expected) => {
    const story = edit([otherSide(last), last]);
    expectBoth(story, expected, ["a"], { rule: { conflict } });
  });

  it("newest keeps both where the times are equal", () => {
    const expected = ["conflict to a -> a (conflict)", "upload to a", "upload from a (conflict)"];
    const at = new Date(Date.UTC(2026, 1, 1));
    const story = ({ from, to, find }: Trees) => {
      from.edit(find("from", "a")?.id ?? from.root, "ours", at);
      to.edit(find("to", "a")?.id ?? to.root, "theirs", at);
    };
    expectBoth(story, expected, ["a"], { rule: { conflict: "newest" } });
  });

  it.each<["from" | "to" | "both", string[]]>([
    ["from", ["update to a"]],
    ["to", ["update from a"]],
    ["both", ["conflict to a -> a (conflict)", "upload to a", "upload from a (conflict)"]],
  ])("review asks a person, who says %s", (decision, expected) => {
    const rule = { conflict: "review" } as const;
    const story = (trees: Trees) => {
      edit(sides)(trees);
      const plan = trees.plan();
      expect(plan.steps.map(({ action }) => action.type)).toEqual(["review"]);
      for (const { unit } of plan.steps) {
        expect(refKey(unit)).toBe(`from:${trees.find("from", "a")?.id}`);
        trees.decide(unit, decision);
      }
    };
    expectBoth(story, expected, ["a"], { rule });
  });
});
