import { describe, expect, it } from "vitest";
import type { Rule } from "../../src/core/rule.ts";
import { agreed, become, expectAlike, expectSteps, type State } from "./cases.ts";
import type { Trees } from "./planned.ts";

const mirror = { mode: "mirror" } as const satisfies Partial<Rule>;
const start = () => agreed({ rule: mirror });

function expectMirrored(story: (trees: Trees) => void, expected: readonly string[]): Trees {
  const trees = expectSteps(start, story, expected);
  expectAlike(trees);
  expect(trees.done.from).toEqual({ uploads: 0, moves: 0, detours: 0, trashes: 0, folders: 0 });
  return trees;
}

describe("mirror: what became of a file at the source, at the destination, and what is done", () => {
  it.each<[State, State, string[]]>([
    ["U", "U", []],
    ["U", "E", ["update to a"]],
    ["U", "M", ["rename to taken -> a"]],
    ["U", "EM", ["rename to taken -> a", "update to a"]],
    ["U", "D", ["upload to a"]],
    ["U", "T", ["trash to a", "upload to a"]],
    ["E", "U", ["update to a"]],
    ["E", "E", ["update to a"]],
    ["E", "M", ["rename to taken -> a", "update to a"]],
    ["E", "EM", ["rename to taken -> a", "update to a"]],
    ["E", "D", ["upload to a"]],
    ["E", "T", ["trash to a", "upload to a"]],
    ["M", "U", ["rename to a -> moved"]],
    ["M", "E", ["rename to a -> moved", "update to moved"]],
    ["M", "M", ["rename to taken -> moved"]],
    ["M", "EM", ["rename to taken -> moved", "update to moved"]],
    ["M", "D", ["upload to moved"]],
    ["M", "T", ["trash to a", "upload to moved"]],
    ["EM", "U", ["rename to a -> moved", "update to moved"]],
    ["EM", "E", ["rename to a -> moved", "update to moved"]],
    ["EM", "M", ["rename to taken -> moved", "update to moved"]],
    ["EM", "EM", ["rename to taken -> moved", "update to moved"]],
    ["EM", "D", ["upload to moved"]],
    ["EM", "T", ["trash to a", "upload to moved"]],
    ["D", "U", ["trash to a"]],
    ["D", "E", ["trash to a"]],
    ["D", "M", ["trash to taken"]],
    ["D", "EM", ["trash to taken"]],
    ["D", "D", []],
    ["D", "T", ["trash to a"]],
    ["T", "U", ["trash to a", "create-folder to a"]],
    ["T", "E", ["trash to a", "create-folder to a"]],
    ["T", "M", ["trash to taken", "create-folder to a"]],
    ["T", "EM", ["trash to taken", "create-folder to a"]],
    ["T", "D", ["create-folder to a"]],
    ["T", "T", ["link to a"]],
  ])("%s, %s: %j", (from, to, expected) => {
    expectMirrored((trees) => {
      become[from](trees, "from");
      become[to](trees, "to");
    }, expected);
  });
});

describe("mirror: what is new", () => {
  it.each<[string, (trees: Trees) => void, string[]]>([
    ["a file", ({ put }) => put("from", "new", "new"), ["upload to new"]],
    ["a folder", ({ mkdir }) => mkdir("from", "new"), ["create-folder to new"]],
    ["an extra file", ({ put }) => put("to", "new", "new"), ["trash to new"]],
    ["an extra folder, as one", ({ put }) => put("to", "new/x/y", "new"), ["trash to new"]],
  ])("%s", (_, story, expected) => {
    expectMirrored(story, expected);
  });

  const meet = (from: string | null, to: string | null) => (trees: Trees) => {
    trees.create("from", "new", from);
    trees.create("to", "new", to);
  };

  it.each<[string, (trees: Trees) => void, string[]]>([
    ["equal files", meet("same", "same"), ["link to new"]],
    ["other bytes", meet("ours", "theirs"), ["update to new"]],
    ["two folders", meet(null, null), ["link to new"]],
    ["a file for a folder", meet("ours", null), ["trash to new", "upload to new"]],
    ["a folder for a file", meet(null, "theirs"), ["trash to new", "create-folder to new"]],
  ])("where the name is taken: %s", (_, story, expected) => {
    expectMirrored(story, expected);
  });

  it("takes the place of one that was deleted: updates it, and trashes nothing", () => {
    const replace = (text: string) => (trees: Trees) => {
      trees.drop("from", "a");
      trees.put("from", "a", text);
    };
    expectMirrored(replace("a"), ["link to a"]);
    expectMirrored(replace("new bytes"), ["update to a"]);
  });
});

describe("mirror: folders", () => {
  const paths = ["d/x", "d/y", "d/e/z", "other/"];
  const expectFolders = (story: (trees: Trees) => void, expected: readonly string[]) => {
    const trees = expectSteps(() => agreed({ rule: mirror }, paths), story, expected);
    expectAlike(trees);
    return trees;
  };

  it("goes with one request, edits and additions below it included", () => {
    expectFolders(
      ({ drop, put }) => {
        drop("from", "d");
        put("to", "d/x", "edited");
        put("to", "d/new", "new");
      },
      ["trash to d"],
    );
  });

  it("comes back whole where the destination dropped it", () => {
    expectFolders(
      ({ drop }) => drop("to", "d"),
      [
        "create-folder to d",
        "upload to d/x",
        "upload to d/y",
        "create-folder to d/e",
        "upload to d/e/z",
      ],
    );
  });

  it("moves back what was moved about, without a byte", () => {
    expectFolders(
      ({ move }) => {
        move("to", "d/x", "other/x");
        move("to", "d/e", "e");
      },
      ["move to other/x -> d/x", "move to e -> d/e"],
    );
  });

  it("lets a child leave before its folder goes", () => {
    expectFolders(
      ({ move, drop }) => {
        move("from", "d/x", "x");
        drop("from", "d");
      },
      ["move to d/x -> x", "trash to d"],
    );
  });

  it("takes its own out of an extra folder before that goes", () => {
    expectFolders(
      ({ move, put }) => {
        put("to", "mine/new", "new");
        move("to", "d/x", "mine/x");
      },
      ["move to mine/x -> d/x", "trash to mine"],
    );
  });
});

describe("mirror with `deletes: keep`", () => {
  const keep = () => agreed({ rule: { ...mirror, deletes: "keep" } });

  it("leaves what the source dropped, and what it never had", () => {
    const trees = expectSteps(
      keep,
      ({ drop, put }) => {
        drop("from", "a");
        put("to", "extra", "extra");
      },
      [],
    );
    expect(trees.paths("to")).toEqual(["a", "extra"]);
  });
});
