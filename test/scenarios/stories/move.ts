import type { RulePart, Scenario } from "../scenario.ts";
import { someExport } from "../tree.ts";

/** Copied, proven, and then trashed at `from`. */

const rule: RulePart = { mode: "move" };

export const move: readonly Scenario[] = [
  {
    name: "a file is uploaded and then trashed at from",
    rule,
    chapters: [
      {
        do: [["from", "put", "a.txt", "one"]],
        costs: { from: { trashes: 1 }, to: { uploads: 1 } },
        from: {},
        to: { "a.txt": "one" },
      },
    ],
  },
  {
    name: "folders stay at from",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "d/e/a.txt", "one"],
          ["from", "put", "d/b.txt", "bee"],
        ],
        costs: { from: { trashes: 2 }, to: { folders: 2, uploads: 2 } },
        from: { "d/e/": null },
        to: { "d/e/a.txt": "one", "d/b.txt": "bee" },
      },
    ],
  },
  {
    name: "what is at to already is not uploaded again, and trashed at from",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "the same"],
          ["to", "put", "a.txt", "the same"],
        ],
        costs: { from: { trashes: 1 }, compares: 1 },
        from: {},
        to: { "a.txt": "the same" },
      },
    ],
  },
  {
    name: "a file that is put back is moved again, without a byte",
    rule,
    chapters: [
      {
        do: [["from", "put", "a.txt", "one"]],
        costs: { from: { trashes: 1 }, to: { uploads: 1 } },
        from: {},
        to: { "a.txt": "one" },
      },
      {
        do: [["from", "put", "a.txt", "one"]],
        costs: { from: { trashes: 1 }, looks: { from: 1 } },
        from: {},
        to: { "a.txt": "one" },
      },
    ],
  },
  {
    name: "a file that is put back in its folder is moved again, without a byte",
    rule,
    chapters: [
      {
        do: [["from", "put", "d/a.txt", "one"]],
        costs: { from: { trashes: 1 }, to: { uploads: 1, folders: 1 } },
        from: { "d/": null },
        to: { "d/a.txt": "one" },
      },
      {
        do: [["from", "put", "d/a.txt", "one"]],
        costs: { from: { trashes: 1 }, looks: { from: 1 } },
        from: { "d/": null },
        to: { "d/a.txt": "one" },
      },
    ],
  },
  {
    name: "another file of the name meets the first one as a stranger",
    rule,
    chapters: [
      {
        do: [["from", "put", "a.txt", "one"]],
        costs: { from: { trashes: 1 }, to: { uploads: 1 } },
        from: {},
        to: { "a.txt": "one" },
      },
      {
        do: [["from", "put", "a.txt", "two, longer"]],
        costs: { from: { trashes: 1 }, to: { uploads: 1, moves: 1 } },
        from: {},
        to: { "a.txt": "two, longer", "a (conflict).txt": "one" },
      },
    ],
  },
  {
    name: "what people do with it at to afterwards is their affair",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "one"],
          ["from", "put", "b.txt", "bee"],
          ["from", "put", "c.txt", "sea"],
        ],
        costs: { from: { trashes: 3 }, to: { uploads: 3 } },
        from: {},
        to: { "a.txt": "one", "b.txt": "bee", "c.txt": "sea" },
      },
      {
        do: [
          ["to", "trash", "a.txt"],
          ["to", "move", "b.txt", "d/b.txt"],
          ["to", "put", "c.txt", "sea and more"],
        ],
        from: {},
        to: { "d/b.txt": "bee", "c.txt": "sea and more" },
      },
    ],
  },
  {
    name: "what to keeps of its own is not proof: the source stays",
    rule: { mode: "move", conflict: "to" },
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "mine"],
          ["to", "put", "a.txt", "theirs, longer"],
        ],
        from: { "a.txt": "mine" },
        to: { "a.txt": "theirs, longer" },
      },
    ],
  },
  {
    name: "what the filters leave out stays",
    rule: { mode: "move", include: ["**/*.pdf"] },
    chapters: [
      {
        do: [
          ["from", "put", "a.pdf", "one"],
          ["from", "put", "b.txt", "bee"],
        ],
        costs: { from: { trashes: 1 }, to: { uploads: 1 } },
        from: { "b.txt": "bee" },
        to: { "a.pdf": "one" },
      },
      {
        do: [["from", "move", "b.txt", "b.pdf"]],
        costs: { from: { trashes: 1 }, to: { uploads: 1 } },
        from: {},
        to: { "a.pdf": "one", "b.pdf": "bee" },
      },
    ],
  },
  {
    name: "many files, and no guard",
    rule,
    chapters: [
      {
        do: Array.from(
          { length: 14 },
          (_, n) => ["from", "put", `${n}.txt`, `number ${n}`] as const,
        ),
        costs: { from: { trashes: 14 }, to: { uploads: 14 } },
        from: {},
        to: Object.fromEntries(Array.from({ length: 14 }, (_, n) => [`${n}.txt`, `number ${n}`])),
      },
    ],
  },
  {
    name: "documents are exported, and never trashed",
    rule,
    on: { from: ["drive"] },
    chapters: [
      {
        do: [
          ["from", "document", "Plan"],
          ["from", "put", "a.txt", "one"],
        ],
        costs: { from: { trashes: 1 }, to: { uploads: 2 } },
        from: { Plan: null },
        to: { "Plan.docx": someExport, "a.txt": "one" },
      },
      {
        do: [["from", "document", "Plan"]],
        costs: { to: { uploads: 1 } },
      },
    ],
  },
  {
    name: "to two folders: trashed when both have it",
    rule,
    destinations: ["/out", "/more"],
    chapters: [
      {
        do: [
          ["to", "mkdir", "/more"],
          ["from", "put", "a.txt", "one"],
        ],
        costs: { from: { trashes: 1 }, to: { uploads: 2 } },
        from: {},
        to: { "a.txt": "one" },
        besides: { to: { "/more": { "a.txt": "one" } } },
      },
    ],
  },
];
