import type { Side } from "../../../src/core/plan.ts";
import {
  bothWays,
  type Chapter,
  type Operation,
  type RulePart,
  type Scenario,
} from "../scenario.ts";
import type { Tree } from "../tree.ts";

/** What is held for a person: removals of more than a quarter and at least 10 files, and of everything. */

const rule: RulePart = { mode: "two-way" };
const many = "it counts files, and the services make no difference";
const nameOf = (n: number) => `${String(n).padStart(2, "0")}.txt`;

/** Files `01.txt` to the last; the first `without` of them are left out. */
function files(last: number, without = 0): Tree {
  const numbers = Array.from({ length: last - without }, (_, index) => without + index + 1);
  return Object.fromEntries(numbers.map((n) => [nameOf(n), `number ${n}`]));
}

const each = (count: number, operation: (name: string) => Operation): Operation[] =>
  Array.from({ length: count }, (_, index) => operation(nameOf(index + 1)));
const trash = (side: Side, count: number) => each(count, (name) => [side, "trash", name]);

const twelveOfTwenty: Chapter = {
  do: trash("from", 12),
  outcome: "held",
  from: files(20, 12),
  to: files(20),
};

const deletions: readonly Scenario[] = [
  {
    name: "12 of 20 removed: held; approved, they go",
    rule,
    given: files(20),
    chapters: [
      twelveOfTwenty,
      { do: [["approve"]], costs: { to: { trashes: 12 } }, both: files(20, 12) },
    ],
  },
  {
    name: "12 of 20 removed: held; rejected, they are put back",
    rule,
    given: files(20),
    chapters: [
      twelveOfTwenty,
      { do: [["reject"]], costs: { from: { restores: 12 } }, both: files(20) },
    ],
  },
  {
    name: "12 of 20 removed: everything else goes on",
    inMemoryOnly: many,
    rule,
    given: files(20),
    chapters: [
      {
        ...twelveOfTwenty,
        do: [
          ...trash("from", 12),
          ["from", "put", "new.txt", "new"],
          ["to", "put", "20.txt", "number twenty"],
        ],
        costs: { from: { uploads: 1 }, to: { uploads: 1 } },
        from: { ...files(20, 12), "new.txt": "new", "20.txt": "number twenty" },
        to: { ...files(20), "new.txt": "new", "20.txt": "number twenty" },
      },
    ],
  },
  {
    name: "approved, and then more is removed: held anew",
    rule,
    given: files(20),
    chapters: [
      twelveOfTwenty,
      {
        do: [["approve"], ["from", "trash", "13.txt"]],
        outcome: "held",
        from: files(20, 13),
        to: files(20),
      },
      { do: [["approve"]], costs: { to: { trashes: 13 } }, both: files(20, 13) },
    ],
  },
  {
    name: "approved, and then some of it is put back: the rest goes",
    inMemoryOnly: many,
    rule,
    given: files(20),
    chapters: [
      twelveOfTwenty,
      {
        do: [["approve"], ["from", "restore", "01.txt"]],
        costs: { to: { trashes: 11 } },
        both: { "01.txt": "number 1", ...files(20, 12) },
      },
    ],
  },
  {
    name: "what is put back until few enough are left needs no approval",
    inMemoryOnly: many,
    rule,
    given: files(20),
    chapters: [
      twelveOfTwenty,
      {
        do: each(3, (name) => ["from", "restore", name]),
        costs: { to: { trashes: 9 } },
        both: { ...files(3), ...files(20, 12) },
      },
    ],
  },
  {
    name: "12 of 20 in one folder: each file counts; approved, one request",
    rule,
    given: {
      ...Object.fromEntries(
        Object.entries(files(12)).map(([path, content]) => [`d/${path}`, content]),
      ),
      ...files(20, 12),
    },
    chapters: [
      {
        do: [["from", "trash", "d"]],
        outcome: "held",
        from: files(20, 12),
        to: {
          ...Object.fromEntries(
            Object.entries(files(12)).map(([path, content]) => [`d/${path}`, content]),
          ),
          ...files(20, 12),
        },
      },
      { do: [["approve"]], costs: { to: { trashes: 1 } }, both: files(20, 12) },
    ],
  },
  {
    name: "9 of 12 removed: fewer than 10 files are never held",
    inMemoryOnly: many,
    rule,
    given: files(12),
    chapters: [{ do: trash("from", 9), costs: { to: { trashes: 9 } }, both: files(12, 9) }],
  },
  {
    name: "10 of 40 removed: a quarter is not more than a quarter",
    inMemoryOnly: many,
    rule,
    given: files(40),
    chapters: [{ do: trash("from", 10), costs: { to: { trashes: 10 } }, both: files(40, 10) }],
  },
  {
    name: "a guard of 3 files and 10 %",
    rule: { ...rule, guard: { deletesPercent: 10, changesPercent: null, minimumFiles: 3 } },
    given: files(6),
    chapters: [{ do: trash("from", 3), outcome: "held", from: files(6, 3), to: files(6) }],
  },
  {
    name: "no guard: 12 of 20 go",
    inMemoryOnly: many,
    rule: { ...rule, guard: { deletesPercent: null, changesPercent: null, minimumFiles: 10 } },
    given: files(20),
    chapters: [{ do: trash("from", 12), costs: { to: { trashes: 12 } }, both: files(20, 12) }],
  },
  {
    name: "keeping removals: nothing to be held",
    inMemoryOnly: many,
    rule: { ...rule, deletes: "keep" },
    given: files(20),
    chapters: [{ do: trash("from", 12), from: files(20, 12), to: files(20) }],
  },
  {
    name: "a folder of 50 renamed is no removal",
    inMemoryOnly: many,
    rule,
    given: Object.fromEntries(
      Object.entries(files(50)).map(([path, content]) => [`d/${path}`, content]),
    ),
    chapters: [
      {
        do: [["from", "move", "d", "e"]],
        costs: { to: { moves: 1 } },
        both: Object.fromEntries(
          Object.entries(files(50)).map(([path, content]) => [`e/${path}`, content]),
        ),
      },
    ],
  },
  {
    name: "12 of 20 moved into a folder are no removals",
    inMemoryOnly: many,
    rule,
    given: files(20),
    chapters: [
      {
        do: each(12, (name) => ["from", "move", name, `d/${name}`]),
        costs: { to: { moves: 12, folders: 1 } },
        both: {
          ...Object.fromEntries(
            Object.entries(files(12)).map(([path, content]) => [`d/${path}`, content]),
          ),
          ...files(20, 12),
        },
      },
    ],
  },
  {
    name: "every file at once, if only three: held; rejected, they are put back",
    rule,
    given: files(3),
    chapters: [
      { do: trash("from", 3), outcome: "held", from: {}, to: files(3) },
      { do: [["reject"]], costs: { from: { restores: 3 } }, both: files(3) },
    ],
  },
  {
    name: "every file at once, in a folder: held; approved, they go",
    rule,
    given: { "d/a.txt": "one", "d/b.txt": "bee" },
    chapters: [
      {
        do: [["from", "trash", "d"]],
        outcome: "held",
        from: {},
        to: { "d/a.txt": "one", "d/b.txt": "bee" },
      },
      { do: [["approve"]], costs: { to: { trashes: 1 } }, both: {} },
    ],
  },
  {
    name: "the only file: not held",
    rule,
    given: files(1),
    chapters: [{ do: trash("from", 1), costs: { to: { trashes: 1 } }, both: {} }],
  },
];

const overwrites: readonly Scenario[] = [
  {
    name: "12 of 20 edited, and changes guarded: held; approved, they are brought over",
    rule: { ...rule, guard: { deletesPercent: 25, changesPercent: 50, minimumFiles: 10 } },
    given: files(20),
    chapters: [
      {
        do: each(12, (name) => ["from", "put", name, "scrambled beyond use"]),
        outcome: "held",
        from: {
          ...Object.fromEntries(
            Object.keys(files(12)).map((path) => [path, "scrambled beyond use"]),
          ),
          ...files(20, 12),
        },
        to: files(20),
      },
      {
        do: [["approve"]],
        costs: { to: { uploads: 12 } },
        both: {
          ...Object.fromEntries(
            Object.keys(files(12)).map((path) => [path, "scrambled beyond use"]),
          ),
          ...files(20, 12),
        },
      },
    ],
  },
  {
    name: "12 of 20 edited, and changes not guarded: brought over",
    inMemoryOnly: many,
    rule,
    given: files(20),
    chapters: [
      {
        do: each(12, (name) => ["from", "put", name, "edited with some care"]),
        costs: { to: { uploads: 12 } },
        both: {
          ...Object.fromEntries(
            Object.keys(files(12)).map((path) => [path, "edited with some care"]),
          ),
          ...files(20, 12),
        },
      },
    ],
  },
];

const roots: readonly Scenario[] = [
  {
    name: "the rule's folder at from is missing: told, and nothing is removed",
    rule,
    given: { "a.txt": "one", "d/b.txt": "bee" },
    chapters: [
      {
        do: [["from", "move", "", "/renamed"]],
        outcome: "failed",
        says: /in\b/,
        from: {},
        to: { "a.txt": "one", "d/b.txt": "bee" },
      },
      {
        do: [["from", "move", "/renamed", ""]],
        both: { "a.txt": "one", "d/b.txt": "bee" },
      },
    ],
  },
  {
    name: "mirror: the rule's folder at from is missing: told, and nothing is removed",
    rule: { mode: "mirror" },
    given: { "a.txt": "one", "d/b.txt": "bee" },
    chapters: [
      {
        do: [["from", "move", "", "/renamed"]],
        outcome: "failed",
        says: /in\b/,
        from: {},
        to: { "a.txt": "one", "d/b.txt": "bee" },
      },
    ],
  },
  {
    name: "the rule's folder at to vanished: made anew and filled, nothing is removed",
    rule,
    given: { "a.txt": "one", "d/b.txt": "bee" },
    chapters: [
      {
        do: [["to", "move", "", "/renamed"]],
        costs: { to: { folders: 2, uploads: 2 } },
        both: { "a.txt": "one", "d/b.txt": "bee" },
      },
    ],
  },
  {
    name: "mirror: the rule's folder at to vanished: made anew and filled",
    rule: { mode: "mirror" },
    given: { "a.txt": "one", "d/b.txt": "bee" },
    chapters: [
      {
        do: [["to", "move", "", "/renamed"]],
        costs: { to: { folders: 2, uploads: 2 } },
        both: { "a.txt": "one", "d/b.txt": "bee" },
      },
    ],
  },
];

const mirrors: readonly Scenario[] = [
  {
    name: "mirror: 12 of 20 removed at from: held; approved, they go",
    inMemoryOnly: many,
    rule: { mode: "mirror" },
    given: files(20),
    chapters: [
      twelveOfTwenty,
      { do: [["approve"]], costs: { to: { trashes: 12 } }, both: files(20, 12) },
    ],
  },
  {
    name: "mirror: 12 of 20 removed at from: held; rejected, they are put back there",
    rule: { mode: "mirror" },
    given: files(20),
    chapters: [
      twelveOfTwenty,
      { do: [["reject"]], costs: { from: { restores: 12 } }, both: files(20) },
    ],
  },
  {
    name: "mirror: 12 of 20 removed at to: put back, not held",
    rule: { mode: "mirror" },
    given: files(20),
    chapters: [{ do: trash("to", 12), costs: { to: { restores: 12 } } }],
  },
  {
    name: "mirror: extras count as removals",
    inMemoryOnly: many,
    rule: { mode: "mirror" },
    given: files(12),
    chapters: [
      {
        do: each(12, (name) => ["to", "put", `extra-${name}`, `extra ${name}`]),
        outcome: "held",
        from: files(12),
        to: {
          ...files(12),
          ...Object.fromEntries(
            Object.keys(files(12)).map((name) => [`extra-${name}`, `extra ${name}`]),
          ),
        },
      },
      { do: [["approve"]], costs: { to: { trashes: 12 } }, both: files(12) },
    ],
  },
  {
    name: "mirror: everything gone at from: held",
    rule: { mode: "mirror" },
    given: files(3),
    chapters: [{ do: trash("from", 3), outcome: "held", from: {}, to: files(3) }],
  },
];

/** One direction is enough for what costs many requests and differs in nothing. */
const mirrored = new Set([
  "12 of 20 removed: held; approved, they go",
  "12 of 20 removed: held; rejected, they are put back",
  "every file at once, if only three: held; rejected, they are put back",
]);

export const guards: readonly Scenario[] = [
  ...deletions.flatMap((scenario) => (mirrored.has(scenario.name) ? bothWays(scenario) : scenario)),
  ...overwrites,
  ...roots,
  ...mirrors,
];
