import { describe } from "vitest";
import { driveLike, dropboxLike } from "./harness.ts";
import { type Scenario, testScenario } from "./scenario.ts";

/** What the simulation found, each in its shortest form. */
const scenarios: Scenario[] = [
  {
    name: "moves a folder into a new folder that has its old name",
    chapters: [
      {
        do: [["from", "put", "/in/e/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "e/": null, "e/a.txt": "one" },
      },
      {
        do: [
          ["from", "move", "/in/e", "/elsewhere/e"],
          ["from", "move", "/elsewhere/e", "/in/e/e"],
        ],
        costs: { moves: 2, folders: 1 },
        out: { "": null, "e/": null, "e/e/": null, "e/e/a.txt": "one" },
      },
    ],
  },
  {
    name: "brings back an edited file that was left under a passing name, and takes it out of that",
    rule: { mode: "two-way" },
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["to", "move", "/out/a.txt", "/out/.syncline-swap-123456"],
          ["to", "put", "/out/.syncline-swap-123456", "edited"],
          ["from", "trash", "/in/a.txt"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "a.txt": "edited" },
      },
    ],
  },
  {
    name: "leaves a folder under its name where another that goes elsewhere would hold it and lie in it",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a/x", "one"],
          ["from", "put", "/in/b/y", "two"],
          ["from", "put", "/in/c/z", "three"],
        ],
        costs: { uploads: 3, downloads: 3, folders: 4 },
        out: {
          "": null,
          "a/": null,
          "a/x": "one",
          "b/": null,
          "b/y": "two",
          "c/": null,
          "c/z": "three",
        },
      },
      {
        do: [
          ["to", "move", "/out/a", "/out/b/a"],
          ["from", "move", "/in/c", "/in/a/c"],
          ["from", "move", "/in/b", "/in/a/c/b"],
        ],
        costs: { moves: 1 },
        out: {
          "": null,
          "b/": null,
          "b/a/": null,
          "b/a/c/": null,
          "b/a/c/z": "three",
          "b/a/x": "one",
          "b/y": "two",
        },
      },
    ],
  },
  {
    name: "renames a file to the name of a folder that is gone at the source",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a/x", "one"],
          ["from", "put", "/in/b", "two"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 2 },
        out: { "": null, "a/": null, "a/x": "one", b: "two" },
      },
      {
        do: [
          ["from", "trash", "/in/a"],
          ["from", "move", "/in/b", "/in/a"],
        ],
        costs: { moves: 2 },
        out: {
          "": null,
          a: "two",
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/": null,
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/x": "one",
        },
      },
    ],
  },
  {
    name: "moves a folder beside one of a person's that has its name",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a/x", "one"],
          ["to", "put", "/out/b/y", "theirs"],
        ],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a/": null, "a/x": "one", "b/": null, "b/y": "theirs" },
      },
      {
        do: [["from", "move", "/in/a", "/in/b"]],
        costs: { moves: 1 },
        out: { "": null, "b (2)/": null, "b (2)/x": "one", "b/": null, "b/y": "theirs" },
      },
    ],
  },
  {
    name: "gives two sources of one name a counterpart each, where one of a person's has it",
    from: driveLike,
    to: driveLike,
    rule: { conflict: "to" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "one"],
          ["from", "another", "/in/a.txt", "two"],
          ["to", "put", "/out/a.txt", "theirs"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "theirs", "a.txt#i4": "two" },
      },
    ],
  },
  {
    name: "makes a folder that `as` asks for beside a file of its name",
    rule: { as: "{path}/{name}" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/d/a.txt", "one"],
          ["from", "put", "/in/d/b.txt", "two"],
          ["to", "put", "/out/d", "theirs"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, d: "theirs", "d (2)/": null, "d (2)/a.txt": "one", "d (2)/b.txt": "two" },
      },
      {
        do: [["from", "put", "/in/d/c.txt", "three"]],
        costs: { uploads: 1, downloads: 1 },
        out: {
          "": null,
          d: "theirs",
          "d (2)/": null,
          "d (2)/a.txt": "one",
          "d (2)/b.txt": "two",
          "d (2)/c.txt": "three",
        },
      },
    ],
  },
  {
    name: "takes what is in a restored folder back from where its folder was set aside",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a/x", "one"],
          ["from", "put", "/in/b", "two"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 2 },
        out: { "": null, "a/": null, "a/x": "one", b: "two" },
      },
      {
        do: [
          ["from", "move", "/in/a", "/in/c"],
          ["from", "trash", "/in/c"],
          ["from", "move", "/in/b", "/in/a"],
        ],
        costs: { moves: 2 },
        out: {
          "": null,
          a: "two",
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/": null,
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/x": "one",
        },
      },
      {
        do: [["from", "restore", "/in/c"]],
        costs: { moves: 1, folders: 1 },
        out: {
          "": null,
          a: "two",
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/": null,
          "c/": null,
          "c/x": "one",
        },
      },
    ],
  },
  {
    name: "gives a name that becomes free to one of the two that want it",
    from: driveLike,
    chapters: [
      {
        do: [
          ["from", "put", "/in/c", "three"],
          ["from", "put", "/in/a", "one"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, a: "one", c: "three" },
      },
      {
        do: [
          ["from", "another", "/in/a", "two"],
          ["from", "move", "/in/a", "/in/d"],
          ["from", "move", "/in/c", "/in/t"],
          ["from", "move", "/in/d", "/in/c"],
          ["from", "move", "/in/t", "/in/a"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 3 },
        out: { "": null, a: "three", "a (2)": "two", c: "one" },
      },
    ],
  },
  {
    name: "keeps two folders apart that swap names which are one to the destination",
    to: dropboxLike,
    chapters: [
      {
        do: [["from", "put", "/in/D/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "D/": null, "D/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/D", "/in/t"],
          ["from", "mkdir", "/in/D"],
          ["from", "move", "/in/t", "/in/d"],
        ],
        costs: { moves: 1, folders: 1 },
        out: { "": null, "D (2)/": null, "d/": null, "d/a": "one" },
      },
    ],
  },
  {
    name: "leaves a copy where a person moved it, however often its source is edited and renamed",
    chapters: [
      {
        do: [["from", "put", "/in/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, a: "one" },
      },
      {
        do: [
          ["to", "move", "/out/a", "/out/mine/a"],
          ["from", "put", "/in/a", "two"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "mine/": null, "mine/a": "two" },
      },
      {
        do: [
          ["from", "move", "/in/a", "/in/b"],
          ["from", "put", "/in/b", "three"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "mine/": null, "mine/a": "three" },
      },
    ],
  },
  {
    name: "makes one folder for a file that goes into a folder of its own old name",
    to: driveLike,
    chapters: [
      {
        do: [["from", "put", "/in/A", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, A: "one" },
      },
      {
        do: [
          ["from", "move", "/in/A", "/elsewhere/A"],
          ["from", "put", "/in/A/b", "two"],
          ["from", "move", "/elsewhere/A", "/in/A/d"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1, folders: 1 },
        out: { "": null, "A/": null, "A/b": "two", "A/d": "one" },
      },
    ],
  },
  {
    name: "ends when a folder comes back whose copy a person has removed",
    chapters: [
      {
        do: [["from", "put", "/in/d/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/elsewhere/d"],
          ["to", "trash", "/out/d"],
        ],
        costs: {},
        out: { "": null },
      },
      {
        do: [["from", "move", "/elsewhere/d", "/in/d"]],
        costs: {},
        out: { "": null },
      },
    ],
  },
];

describe("found by simulation", () => {
  for (const scenario of scenarios) testScenario(scenario);
});
