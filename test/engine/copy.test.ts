import { describe } from "vitest";
import { driveLikeNames } from "../../providers/memory/names.ts";
import { dropboxLike } from "./harness.ts";
import { type Scenario, testScenario } from "./scenario.ts";

const driveLike = { rules: driveLikeNames, reserveIds: true, hashes: ["md5", "sha1"] as const };
const hashless = { hashes: [] as const };

const scenarios: Scenario[] = [
  {
    name: "copies files and folders, empty ones too, and nothing outside the location",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "hello"],
          ["from", "put", "/in/deep/er/b.txt", "world"],
          ["from", "mkdir", "/in/empty"],
          ["from", "put", "/elsewhere/c.txt", "not in scope"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 4 },
        out: {
          "": null,
          "a.txt": "hello",
          "deep/": null,
          "deep/er/": null,
          "deep/er/b.txt": "world",
          "empty/": null,
        },
      },
    ],
  },
  {
    name: "updates an edited file with one upload, and never removes",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "one"],
          ["from", "put", "/in/b.txt", "bee"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, "a.txt": "one", "b.txt": "bee" },
      },
      {
        do: [
          ["from", "put", "/in/a.txt", "two"],
          ["from", "trash", "/in/b.txt"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "two", "b.txt": "bee" },
      },
    ],
  },
  {
    name: "follows renames and moves of files and folders without a byte",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "one"],
          ["from", "put", "/in/deep/b.txt", "bee"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 2 },
        out: { "": null, "a.txt": "one", "deep/": null, "deep/b.txt": "bee" },
      },
      {
        do: [
          ["from", "move", "/in/a.txt", "/in/deep/c.txt"],
          ["from", "move", "/in/deep", "/in/renamed"],
        ],
        costs: { moves: 2 },
        out: { "": null, "renamed/": null, "renamed/b.txt": "bee", "renamed/c.txt": "one" },
      },
    ],
  },
  {
    name: "renames and edits at once as one move and one upload",
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["from", "move", "/in/a.txt", "/in/b.txt"],
          ["from", "put", "/in/b.txt", "two"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "b.txt": "two" },
      },
    ],
  },
  {
    name: "swaps two names through a detour",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a", "A"],
          ["from", "put", "/in/b", "B"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, a: "A", b: "B" },
      },
      {
        do: [
          ["from", "move", "/in/a", "/in/t"],
          ["from", "move", "/in/b", "/in/a"],
          ["from", "move", "/in/t", "/in/b"],
        ],
        costs: { moves: 3 },
        out: { "": null, a: "B", b: "A" },
      },
    ],
  },
  {
    name: "turns three names in a circle",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a", "A"],
          ["from", "put", "/in/b", "B"],
          ["from", "put", "/in/c", "C"],
        ],
        costs: { uploads: 3, downloads: 3, folders: 1 },
        out: { "": null, a: "A", b: "B", c: "C" },
      },
      {
        do: [
          ["from", "move", "/in/a", "/in/t"],
          ["from", "move", "/in/b", "/in/a"],
          ["from", "move", "/in/c", "/in/b"],
          ["from", "move", "/in/t", "/in/c"],
        ],
        costs: { moves: 4 },
        out: { "": null, a: "B", b: "C", c: "A" },
      },
    ],
  },
  {
    name: "swaps names where duplicates are allowed without a detour",
    to: driveLike,
    chapters: [
      {
        do: [
          ["from", "put", "/in/a", "A"],
          ["from", "put", "/in/b", "B"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, a: "A", b: "B" },
      },
      {
        do: [
          ["from", "move", "/in/a", "/in/t"],
          ["from", "move", "/in/b", "/in/a"],
          ["from", "move", "/in/t", "/in/b"],
        ],
        costs: { moves: 2 },
        out: { "": null, a: "B", b: "A" },
      },
    ],
  },
  {
    name: "turns a folder and its child inside out",
    chapters: [
      {
        do: [["from", "put", "/in/A/E/f", "f"]],
        costs: { uploads: 1, downloads: 1, folders: 3 },
        out: { "": null, "A/": null, "A/E/": null, "A/E/f": "f" },
      },
      {
        do: [
          ["from", "move", "/in/A/E", "/in/E"],
          ["from", "move", "/in/A", "/in/E/A"],
        ],
        costs: { moves: 2 },
        out: { "": null, "E/": null, "E/A/": null, "E/f": "f" },
      },
    ],
  },
  {
    name: "adopts what is equal by a hash that both report, without a byte",
    chapters: [
      {
        do: [
          ["from", "put", "/in/deep/a.txt", "same"],
          ["to", "put", "/out/deep/a.txt", "same"],
        ],
        costs: {},
        out: { "": null, "deep/": null, "deep/a.txt": "same" },
      },
      {
        do: [["from", "put", "/in/deep/a.txt", "new"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "deep/": null, "deep/a.txt": "new" },
      },
    ],
  },
  {
    name: "reads once, and uploads nothing, where no hash is shared",
    from: dropboxLike,
    to: driveLike,
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "same"],
          ["to", "put", "/out/a.txt", "same"],
          ["from", "put", "/in/b.txt", "left"],
          ["to", "put", "/out/b.txt", "rite"],
        ],
        costs: { downloads: 3, uploads: 1, moves: 1 },
        out: {
          "": null,
          "a.txt": "same",
          "b.txt": "left",
          "b (conflict, b, 2026-01-01 00-04-00, 905b4f).txt": "rite",
        },
      },
    ],
  },
  {
    name: "reads both once where neither reports a hash",
    from: hashless,
    to: hashless,
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "same"],
          ["to", "put", "/out/a.txt", "same"],
        ],
        costs: { downloads: 2 },
        out: { "": null, "a.txt": "same" },
      },
      {
        do: [["from", "put", "/in/a.txt", "same"]],
        costs: { downloads: 1 },
        out: { "": null, "a.txt": "same" },
      },
    ],
  },
];

describe("copy", () => {
  for (const scenario of scenarios) testScenario(scenario);
});
