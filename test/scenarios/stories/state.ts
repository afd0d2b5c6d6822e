import { bothWays, type RulePart, type Scenario } from "../scenario.ts";

/** The state is lost, or an old one is brought back, or the services forget what they told: no resync. */

const rule: RulePart = { mode: "two-way" };
const given = { "a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" };
const edited = { ...given, "a.txt": "two, longer" };

const lost: readonly Scenario[] = [
  {
    name: "state lost: everything is adopted, and nothing is transferred",
    rule,
    given,
    chapters: [{ do: [["state", "lose"]], costs: { compares: 3 } }],
  },
  {
    name: "copy, state lost: everything is adopted, and nothing is transferred",
    rule: { mode: "copy" },
    given,
    chapters: [{ do: [["state", "lose"]], costs: { compares: 3 } }],
  },
  {
    name: "mirror, state lost: everything is adopted, and an extra waits for a person",
    rule: { mode: "mirror" },
    given,
    chapters: [
      {
        do: [
          ["state", "lose"],
          ["to", "put", "x.txt", "extra"],
        ],
        costs: { compares: 3 },
        outcome: "held",
        from: given,
        to: { ...given, "x.txt": "extra" },
      },
    ],
  },
  {
    name: "state lost, and a file differs: both versions are kept",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["state", "lose"],
        ],
        costs: { from: { uploads: 1 }, to: { uploads: 1, moves: 1 }, compares: 2 },
        both: { ...edited, "a (conflict).txt": "one" },
      },
    ],
  },
  ...bothWays({
    name: "state lost, and a file is gone: it comes back",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["state", "lose"],
        ],
        costs: { from: { uploads: 1 }, compares: 2 },
        both: given,
      },
    ],
  }),
  {
    name: "state lost, and a folder has another name: both have all of it, nothing is removed",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["state", "lose"],
        ],
        costs: { from: { folders: 1, uploads: 1 }, to: { folders: 1, uploads: 1 }, compares: 2 },
        both: { ...given, "e/b.txt": "bee" },
      },
    ],
  },
];

const old: readonly Scenario[] = [
  ...bothWays({
    name: "an old state: a file that came since is adopted",
    rule,
    given,
    chapters: [
      {
        do: [
          ["state", "keep"],
          ["from", "put", "n.txt", "new"],
        ],
        costs: { to: { uploads: 1 } },
        both: { ...given, "n.txt": "new" },
      },
      { do: [["state", "bring back"]], costs: { compares: 1 } },
    ],
  }),
  ...bothWays({
    name: "an old state: an edit since is seen at both sides, and is equal",
    rule,
    given,
    chapters: [
      {
        do: [
          ["state", "keep"],
          ["from", "put", "a.txt", "two, longer"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
      { do: [["state", "bring back"]], costs: { compares: 1 } },
    ],
  }),
  {
    name: "an old state: a rename since is seen at both sides",
    rule,
    given,
    chapters: [
      {
        do: [
          ["state", "keep"],
          ["from", "move", "a.txt", "n.txt"],
          ["from", "move", "d", "e"],
        ],
        costs: { to: { moves: 2 } },
        both: { "e/b.txt": "bee", "n.txt": "one", "stay.txt": "stay" },
      },
      { do: [["state", "bring back"]] },
    ],
  },
  {
    name: "an old state: a removal since is seen at both sides",
    rule,
    given,
    chapters: [
      {
        do: [
          ["state", "keep"],
          ["from", "trash", "a.txt"],
        ],
        costs: { to: { trashes: 1 } },
        both: { "d/b.txt": "bee", "stay.txt": "stay" },
      },
      { do: [["state", "bring back"]] },
    ],
  },
  ...bothWays({
    name: "an old state, and a file that came since was removed since: that is a new file's absence",
    rule,
    given,
    chapters: [
      {
        do: [
          ["state", "keep"],
          ["from", "put", "n.txt", "new"],
        ],
        costs: { to: { uploads: 1 } },
        both: { ...given, "n.txt": "new" },
      },
      {
        do: [
          ["state", "bring back"],
          ["from", "trash", "n.txt"],
        ],
        costs: { from: { uploads: 1 } },
        both: { ...given, "n.txt": "new" },
      },
    ],
  }),
  {
    name: "mirror, an old state: an edit since is seen at both sides, and is equal",
    rule: { mode: "mirror" },
    given,
    chapters: [
      {
        do: [
          ["state", "keep"],
          ["from", "put", "a.txt", "two, longer"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
      { do: [["state", "bring back"]], costs: { compares: 1 } },
    ],
  },
];

const cursors: readonly Scenario[] = [
  {
    name: "cursors expire at both sides: nothing to do",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "reset cursors"],
          ["to", "reset cursors"],
        ],
      },
    ],
  },
  ...bothWays({
    name: "cursors expire while things change: all of it is found",
    rule,
    given: { ...given, "c.txt": "sea", "m.txt": "moved" },
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["from", "trash", "c.txt"],
          ["from", "move", "m.txt", "e/n.txt"],
          ["from", "put", "new.txt", "new"],
          ["from", "reset cursors"],
        ],
        costs: { to: { uploads: 2, trashes: 1, moves: 1, folders: 1 } },
        both: { ...edited, "e/n.txt": "moved", "new.txt": "new" },
      },
    ],
  }),
  {
    name: "mirror: cursors expire while things change",
    rule: { mode: "mirror" },
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "trash", "d"],
          ["from", "reset cursors"],
          ["to", "reset cursors"],
        ],
        costs: { to: { trashes: 1, folders: 1, restores: 1 } },
        both: { "d/b.txt": "bee", "stay.txt": "stay" },
      },
    ],
  },
];

export const states: readonly Scenario[] = [...lost, ...old, ...cursors];
