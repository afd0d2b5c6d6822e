import type { Scenario } from "../scenario.ts";

/** Rules with several destinations, and several rules in one account. */

export const severalFolders: readonly Scenario[] = [
  {
    name: "copy to two folders: each gets everything",
    rule: { mode: "copy" },
    destinations: ["/out", "/more"],
    chapters: [
      {
        do: [
          ["to", "mkdir", "/more"],
          ["from", "put", "a.txt", "one"],
          ["from", "put", "d/b.txt", "bee"],
        ],
        costs: { to: { uploads: 4, folders: 2 } },
        both: { "a.txt": "one", "d/b.txt": "bee" },
        besides: { to: { "/more": { "a.txt": "one", "d/b.txt": "bee" } } },
      },
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["from", "move", "d", "e"],
        ],
        costs: { to: { uploads: 2, moves: 2 } },
        both: { "a.txt": "two, longer", "e/b.txt": "bee" },
        besides: { to: { "/more": { "a.txt": "two, longer", "e/b.txt": "bee" } } },
      },
    ],
  },
  {
    name: "mirror to two folders: each is brought back by itself",
    rule: { mode: "mirror" },
    destinations: ["/out", "/more"],
    chapters: [
      {
        do: [
          ["to", "mkdir", "/more"],
          ["from", "put", "a.txt", "one"],
          ["from", "put", "b.txt", "bee"],
        ],
        costs: { to: { uploads: 4 } },
        both: { "a.txt": "one", "b.txt": "bee" },
        besides: { to: { "/more": { "a.txt": "one", "b.txt": "bee" } } },
      },
      {
        do: [
          ["to", "move", "/more/a.txt", "/more/c.txt"],
          ["to", "put", "b.txt", "theirs, longer"],
        ],
        costs: { to: { uploads: 1, moves: 1 } },
        both: { "a.txt": "one", "b.txt": "bee" },
        besides: { to: { "/more": { "a.txt": "one", "b.txt": "bee" } } },
      },
    ],
  },
  {
    name: "two rules into separate folders of one account",
    rule: { mode: "copy" },
    alsoRules: [{ mode: "mirror", from: "from:/in2", to: "to:/out2" }],
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "one"],
          ["from", "put", "/in2/b.txt", "bee"],
        ],
        costs: { to: { uploads: 2, folders: 1 } },
        both: { "a.txt": "one" },
        besides: { from: { "/in2": { "b.txt": "bee" } }, to: { "/out2": { "b.txt": "bee" } } },
      },
      {
        do: [
          ["from", "trash", "a.txt"],
          ["from", "move", "/in2/b.txt", "/in2/c.txt"],
        ],
        costs: { to: { moves: 1 } },
        from: {},
        to: { "a.txt": "one" },
        besides: { from: { "/in2": { "c.txt": "bee" } }, to: { "/out2": { "c.txt": "bee" } } },
      },
    ],
  },
  {
    name: "a chain of two rules settles",
    rule: { mode: "two-way" },
    alsoRules: [{ mode: "mirror", from: "to:/out", to: "from:/third" }],
    chapters: [
      {
        do: [["from", "put", "a.txt", "one"]],
        costs: { from: { uploads: 1, folders: 1 }, to: { uploads: 1 } },
        both: { "a.txt": "one" },
        besides: { from: { "/third": { "a.txt": "one" } } },
      },
      {
        do: [["from", "move", "a.txt", "b.txt"]],
        costs: { from: { moves: 1 }, to: { moves: 1 } },
        both: { "b.txt": "one" },
        besides: { from: { "/third": { "b.txt": "one" } } },
      },
    ],
  },
  {
    name: "a file that moves from one rule's folder into another's",
    rule: { mode: "two-way" },
    alsoRules: [{ mode: "two-way", from: "from:/in2", to: "to:/out2" }],
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "one"],
          ["from", "put", "stay.txt", "stay"],
          ["from", "mkdir", "/in2"],
          ["to", "mkdir", "/out2"],
        ],
        costs: { to: { uploads: 2 } },
        both: { "a.txt": "one", "stay.txt": "stay" },
        besides: { from: { "/in2": {} }, to: { "/out2": {} } },
      },
      {
        do: [["from", "move", "a.txt", "/in2/a.txt"]],
        costs: { to: { trashes: 1, uploads: 1 } },
        both: { "stay.txt": "stay" },
        besides: { from: { "/in2": { "a.txt": "one" } }, to: { "/out2": { "a.txt": "one" } } },
      },
    ],
  },
];
