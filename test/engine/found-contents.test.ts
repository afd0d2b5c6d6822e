import { describe } from "vitest";
import { driveLike, dropboxLike, hashless } from "./harness.ts";
import { type Scenario, testScenario } from "./scenario.ts";

/** What the simulation found, each in its shortest form. */
const scenarios: Scenario[] = [
  {
    name: "learns what an edited copy holds where only the source reports a hash",
    to: hashless,
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one, and more"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one, and more" },
      },
      {
        do: [
          ["from", "put", "/in/a.txt", "two"],
          ["to", "put", "/out/a.txt", "six, and more"],
        ],
        costs: { uploads: 1, downloads: 2, moves: 1 },
        out: {
          "": null,
          "a.txt": "two",
          "a (conflict, b, 2026-01-01 00-03-00, b21873).txt": "six, and more",
        },
      },
    ],
  },
  {
    name: "keeps the destination's file at every later edit too, where the policy is `to`",
    rule: { conflict: "to" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "one"],
          ["to", "put", "/out/a.txt", "theirs"],
        ],
        costs: {},
        out: { "": null, "a.txt": "theirs" },
      },
      {
        do: [["from", "put", "/in/a.txt", "two"]],
        costs: {},
        out: { "": null, "a.txt": "theirs" },
      },
    ],
  },
  {
    name: "updates a file in a folder that goes back to its place, although the filters leave it out there",
    rule: { mode: "mirror", include: ["d*/**", "*.txt"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/a.txt": "one" },
      },
      {
        do: [
          ["from", "put", "/in/d/a.txt", "two"],
          ["to", "move", "/out/d", "/out/c.bak"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "d/": null, "d/a.txt": "two" },
      },
    ],
  },
  {
    name: "looks at what a folder brings into scope when it follows a rename",
    rule: { mode: "two-way", include: ["d/**", "*.txt"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/b.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/b.txt": "one" },
      },
      {
        do: [["from", "move", "/in/d", "/in/e.txt"]],
        costs: { moves: 1 },
        out: { "": null, "e.txt/": null, "e.txt/b.txt": "one" },
      },
      {
        do: [
          ["from", "put", "/in/e.txt/c.txt", "two"],
          ["to", "move", "/out/e.txt", "/out/d"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "d/": null, "d/b.txt": "one", "d/c.txt": "two" },
      },
    ],
  },
  {
    name: "looks at what a rename brings into scope in the same run",
    rule: { include: ["d/**"] },
    chapters: [
      { do: [["from", "put", "/in/e/a.txt", "one"]], costs: {}, out: {} },
      {
        do: [["from", "move", "/in/e", "/in/d"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/a.txt": "one" },
      },
    ],
  },
  {
    name: "looks at what a rename brings into scope below folders that were there already",
    rule: { include: ["d/**"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/sub/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 3 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a.txt": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/in/e"],
          ["from", "put", "/in/e/sub/b.txt", "two"],
        ],
        costs: { moves: 1 },
        out: { "": null, "e/": null, "e/sub/": null, "e/sub/a.txt": "one" },
      },
      {
        do: [["from", "move", "/in/e", "/in/d"]],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a.txt": "one", "d/sub/b.txt": "two" },
      },
    ],
  },
  {
    name: "keeps a copy that somebody restored after its source was gone too",
    chapters: [
      {
        do: [["from", "put", "/in/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, a: "one" },
      },
      {
        do: [
          ["to", "trash", "/out/a"],
          ["from", "trash", "/in/a"],
        ],
        costs: {},
        out: { "": null },
      },
      { do: [["to", "restore", "/out/a"]], costs: {}, out: { "": null, a: "one" } },
      {
        do: [["from", "put", "/in/a", "two"]],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, a: "two", "a (conflict, b, 2026-01-01 00-01-00, 7692c3)": "one" },
      },
    ],
  },
  {
    name: "keeps a copy that somebody restored after its source had got another one",
    rule: { conflict: "to" },
    chapters: [
      {
        do: [["from", "put", "/in/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, a: "one" },
      },
      {
        do: [
          ["to", "trash", "/out/a"],
          ["from", "move", "/in/a", "/in/b"],
          ["from", "put", "/in/b", "two"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, b: "two" },
      },
      {
        do: [
          ["from", "put", "/in/a", "three"],
          ["to", "restore", "/out/a"],
        ],
        costs: {},
        out: { "": null, a: "one", b: "two" },
      },
      {
        do: [["from", "put", "/in/b", "four"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, a: "one", b: "four" },
      },
    ],
  },
  {
    name: "takes the place of a file that was renamed out of scope, as programs save that keep a backup",
    rule: { exclude: ["**/*.bak"] },
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["from", "move", "/in/a.txt", "/in/a.bak"],
          ["from", "put", "/in/a.txt", "two"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "two" },
      },
    ],
  },
  {
    name: "looks at what changed in a folder while it was outside the location",
    chapters: [
      {
        do: [["from", "put", "/in/d/sub/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 3 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/elsewhere/d"],
          ["from", "put", "/elsewhere/d/sub/a", "two"],
        ],
        costs: {},
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [["from", "move", "/elsewhere/d", "/in/d"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "two" },
      },
    ],
  },
  {
    name: "looks at what changed in a folder while a filter left it out",
    rule: { exclude: ["x"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/sub/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 3 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/in/x"],
          ["from", "put", "/in/x/sub/a", "two"],
        ],
        costs: {},
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [["from", "move", "/in/x", "/in/d"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "two" },
      },
    ],
  },
  {
    name: "reads a copy of which the service reports other hashes than the source",
    from: dropboxLike,
    to: { ...driveLike, hashes: ["md5", "sha256"] },
    rule: { conflict: "to" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/a", "one"],
          ["to", "put", "/out/a", "their"],
        ],
        costs: {},
        out: { "": null, a: "their" },
      },
      {
        do: [
          ["from", "put", "/in/a", "three"],
          ["to", "put", "/out/a", "its"],
        ],
        costs: { downloads: 1 },
        out: { "": null, a: "its" },
      },
    ],
  },
  {
    name: "keeps both where the source has gone, when both were edited and the source was moved",
    chapters: [
      {
        do: [["from", "put", "/in/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, a: "one" },
      },
      {
        do: [
          ["from", "put", "/in/a", "two"],
          ["from", "move", "/in/a", "/in/d/b"],
          ["to", "put", "/out/a", "theirs"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 2, folders: 1 },
        out: {
          "": null,
          "d/": null,
          "d/b": "two",
          "d/b (conflict, b, 2026-01-01 00-04-00, 4c55a8)": "theirs",
        },
      },
    ],
  },
];

describe("found by simulation", () => {
  for (const scenario of scenarios) testScenario(scenario);
});
