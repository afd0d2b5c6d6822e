import { bothWays, type RulePart, type Scenario } from "../scenario.ts";
import { bothUnique } from "./unique.ts";

/** Files under `two-way`: each cell of row and column, where the first state is that of `from`. */

const rule: RulePart = { mode: "two-way" };
const given = { "a.txt": "one", "stay.txt": "stay" };
const edited = { "a.txt": "two, longer", "stay.txt": "stay" };
const renamed = { "b.txt": "one", "stay.txt": "stay" };
const left = { "stay.txt": "stay" };

const symmetric: readonly Scenario[] = [
  {
    name: "E/U: an edit is one download and one upload",
    rule,
    given,
    chapters: [
      {
        do: [["from", "put", "a.txt", "two, longer"]],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
    ],
  },
  {
    name: "touched: the same bytes again are not transferred",
    rule,
    given,
    chapters: [{ do: [["from", "touch", "a.txt"]], costs: { looks: { from: 1 } } }],
  },
  {
    name: "E/M: both apply",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "move", "a.txt", "b.txt"],
        ],
        costs: { from: { moves: 1 }, to: { uploads: 1 } },
        both: { "b.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "E/D: the edit wins and is put back",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "trash", "a.txt"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
    ],
  },
  {
    name: "E/D: its folders are put back too",
    rule,
    given: { "d/e/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "put", "d/e/a.txt", "two, longer"],
          ["to", "trash", "d"],
        ],
        costs: { to: { uploads: 1, folders: 2 } },
        both: { "d/e/a.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "E/T: the folder keeps the name, the edit becomes a conflict copy",
    on: bothUnique,
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "put", "a", "two, longer"],
          ["to", "trash", "a"],
          ["to", "put", "a/x.txt", "x"],
        ],
        costs: { from: { moves: 1, folders: 1, uploads: 1 }, to: { uploads: 1 } },
        both: { "a/x.txt": "x", "a (conflict)": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/U: a rename is one move and no byte",
    rule,
    given,
    chapters: [
      { do: [["from", "move", "a.txt", "b.txt"]], costs: { to: { moves: 1 } }, both: renamed },
    ],
  },
  {
    name: "M/U: a move into a new folder",
    rule,
    given,
    chapters: [
      {
        do: [["from", "move", "a.txt", "d/e/b.txt"]],
        costs: { to: { moves: 1, folders: 2 } },
        both: { "d/e/b.txt": "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/U: a move into a folder that only the other side has",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "d/a.txt"],
          ["to", "mkdir", "d"],
        ],
        costs: { to: { moves: 1 } },
        both: { "d/a.txt": "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "EM/U: a move and an upload",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["from", "put", "b.txt", "two, longer"],
        ],
        costs: { to: { moves: 1, uploads: 1 } },
        both: { "b.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/U: trashed at the other side",
    rule,
    given,
    chapters: [{ do: [["from", "trash", "a.txt"]], costs: { to: { trashes: 1 } }, both: left }],
  },
  {
    name: "D/U, then restored: it comes back",
    rule,
    given,
    chapters: [
      { do: [["from", "trash", "a.txt"]], costs: { to: { trashes: 1 } }, both: left },
      { do: [["from", "restore", "a.txt"]], costs: { to: { restores: 1 } }, both: given },
    ],
  },
  {
    name: "D undone before the run: nothing happens",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["from", "restore", "a.txt"],
        ],
      },
    ],
  },
  {
    name: "D/M: the move wins, and the file is back at its new place",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "move", "a.txt", "b.txt"],
        ],
        costs: { from: { restores: 1 } },
        both: renamed,
      },
    ],
  },
  {
    name: "D/M: it is back in a folder that is new",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "move", "a.txt", "d/b.txt"],
        ],
        costs: { from: { restores: 1, folders: 1 } },
        both: { "d/b.txt": "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/EM: the new version is put at its new place",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "move", "a.txt", "b.txt"],
          ["to", "put", "b.txt", "two, longer"],
        ],
        costs: { from: { uploads: 1 } },
        both: { "b.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/T: what replaced it is created",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["to", "trash", "a"],
          ["to", "put", "a/x.txt", "x"],
        ],
        costs: { from: { folders: 1, uploads: 1 } },
        both: { "a/x.txt": "x", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/T: the moved one lives at its new name, what replaced it at the old one",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a", "b"],
          ["to", "trash", "a"],
          ["to", "put", "a/x.txt", "x"],
        ],
        costs: { from: { folders: 1, uploads: 1 }, to: { restores: 1 } },
        both: { "a/x.txt": "x", b: "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "EM/T: the moved one lives at its new name with its new content",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a", "b"],
          ["from", "put", "b", "two, longer"],
          ["to", "trash", "a"],
          ["to", "put", "a/x.txt", "x"],
        ],
        costs: { from: { folders: 1, uploads: 1 }, to: { uploads: 1 } },
        both: { "a/x.txt": "x", b: "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/U: a folder replaces the file",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a/x.txt", "x"],
        ],
        costs: { to: { trashes: 1, folders: 1, uploads: 1 } },
        both: { "a/x.txt": "x", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/U: a file replaces the folder",
    rule,
    given: { "a/x.txt": "x", "a/y.txt": "why", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a", "one"],
        ],
        costs: { to: { trashes: 1, uploads: 1 } },
        both: { a: "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/U and back: the folder gives way to a file again",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a/x.txt", "x"],
        ],
        costs: { to: { trashes: 1, folders: 1, uploads: 1 } },
        both: { "a/x.txt": "x", "stay.txt": "stay" },
      },
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a", "three, longest"],
        ],
        costs: { to: { trashes: 1, uploads: 1 } },
        both: { a: "three, longest", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "N: a new file",
    rule,
    given,
    chapters: [
      {
        do: [["from", "put", "n.txt", "new"]],
        costs: { to: { uploads: 1 } },
        both: { ...given, "n.txt": "new" },
      },
    ],
  },
  {
    name: "N: an empty file",
    rule,
    given,
    chapters: [
      {
        do: [["from", "put", "n.txt", ""]],
        costs: { to: { uploads: 1 } },
        both: { ...given, "n.txt": "" },
      },
    ],
  },
  {
    name: "N and D before any run: nothing happens",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "new"],
          ["from", "trash", "n.txt"],
        ],
      },
    ],
  },
  {
    name: "N/N of two kinds: the folder keeps the name, the file takes the conflict name",
    on: bothUnique,
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n", "a file"],
          ["to", "put", "n/x.txt", "x"],
        ],
        costs: { from: { moves: 1, folders: 1, uploads: 1 }, to: { uploads: 1 } },
        both: { ...given, "n/x.txt": "x", "n (conflict)": "a file" },
      },
    ],
  },
  {
    name: "D and N of one name, equal: linked, and nothing is moved",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["from", "put", "a.txt", "one"],
        ],
        costs: { looks: { from: 1 } },
      },
    ],
  },
  {
    name: "D and N of one name, other bytes: one update in place",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["from", "put", "a.txt", "two, longer"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
    ],
  },
  {
    name: "saved as programs do that write another file and rename it",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt.tmp", "two, longer"],
          ["from", "trash", "a.txt"],
          ["from", "move", "a.txt.tmp", "a.txt"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
    ],
  },
  {
    name: "saved as programs do that keep the old version under another name",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "a.txt.bak"],
          ["from", "put", "a.txt", "two, longer"],
        ],
        costs: { to: { moves: 1, uploads: 1 } },
        both: { ...edited, "a.txt.bak": "one" },
      },
    ],
  },
  {
    name: "moved out of the folder: trashed at the other side; moved in again: it comes back",
    rule,
    given,
    chapters: [
      {
        do: [["from", "move", "a.txt", "/elsewhere/a.txt"]],
        costs: { to: { trashes: 1 } },
        both: left,
      },
      {
        do: [["from", "move", "/elsewhere/a.txt", "a.txt"]],
        costs: { to: { restores: 1 } },
        both: given,
      },
    ],
  },
  {
    name: "moved out of the folder while the other side edits it: the edit wins",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "/elsewhere/a.txt"],
          ["to", "put", "a.txt", "two, longer"],
        ],
        costs: { from: { uploads: 1 } },
        both: edited,
      },
    ],
  },
  {
    name: "a move onto the name of a file that is gone",
    rule,
    given: { "a.txt": "one", "b.txt": "bee, longer", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "b.txt"],
          ["from", "move", "a.txt", "b.txt"],
        ],
        costs: { to: { trashes: 1, moves: 1 } },
        both: renamed,
      },
    ],
  },
  {
    name: "edits, renames, news and removals at both sides at once",
    rule,
    given: { "a.txt": "one", "b.txt": "bee", "c.txt": "sea", "d.txt": "dee", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "one and more"],
          ["to", "move", "b.txt", "bees/b.txt"],
          ["from", "trash", "c.txt"],
          ["to", "put", "d.txt", "dee and more"],
          ["from", "put", "e.txt", "new"],
          ["to", "put", "f.txt", "newer"],
        ],
        costs: {
          from: { uploads: 2, moves: 1, folders: 1 },
          to: { uploads: 2, trashes: 1 },
        },
        both: {
          "a.txt": "one and more",
          "bees/b.txt": "bee",
          "d.txt": "dee and more",
          "e.txt": "new",
          "f.txt": "newer",
          "stay.txt": "stay",
        },
      },
    ],
  },
];

/** Where both sides do the same, or the rule's first side decides. */
const sided: readonly Scenario[] = [
  {
    name: "E/E equal: adopted",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "put", "a.txt", "two, longer"],
        ],
        costs: { compares: 1 },
        both: edited,
      },
    ],
  },
  {
    name: "touched at both sides: nothing is transferred",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "touch", "a.txt"],
          ["to", "touch", "a.txt"],
        ],
        costs: { looks: { from: 1, to: 1 } },
      },
    ],
  },
  {
    name: "M/M to one place: nothing is left to do",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "move", "a.txt", "b.txt"],
        ],
        both: renamed,
      },
    ],
  },
  {
    name: "M/M to two names: from's wins",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "move", "a.txt", "c.txt"],
        ],
        costs: { to: { moves: 1 } },
        both: renamed,
      },
    ],
  },
  {
    name: "M/M to two folders: from's wins",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "d/a.txt"],
          ["to", "move", "a.txt", "e/a.txt"],
        ],
        costs: { from: { folders: 1 }, to: { moves: 1, folders: 1 } },
        both: { "d/a.txt": "one", "e/": null, "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/EM: from's name, to's content",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "move", "a.txt", "c.txt"],
          ["to", "put", "c.txt", "two, longer"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 1 } },
        both: { "b.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "EM/M: from's name and content",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["from", "put", "b.txt", "two, longer"],
          ["to", "move", "a.txt", "c.txt"],
        ],
        costs: { to: { moves: 1, uploads: 1 } },
        both: { "b.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "EM/EM of equal bytes: from's name, nothing is transferred",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["from", "put", "b.txt", "two, longer"],
          ["to", "move", "a.txt", "c.txt"],
          ["to", "put", "c.txt", "two, longer"],
        ],
        costs: { to: { moves: 1 }, compares: 1 },
        both: { "b.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/D: nothing is left to do",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "trash", "a.txt"],
        ],
        both: left,
      },
    ],
  },
  {
    name: "D/D, then N of the name: it is new",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "trash", "a.txt"],
          ["from", "put", "a.txt", "two, longer"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
    ],
  },
  {
    name: "T/T alike: folders link, equal files are adopted",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a/x.txt", "the same"],
          ["to", "trash", "a"],
          ["to", "put", "a/x.txt", "the same"],
        ],
        costs: { compares: 1 },
        both: { "a/x.txt": "the same", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/T: two files that replaced the folder, and differ",
    rule,
    given: { "a/x.txt": "x", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a", "mine"],
          ["to", "trash", "a"],
          ["to", "put", "a", "theirs, longer"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 1, uploads: 1 } },
        both: { a: "mine", "a (conflict)": "theirs, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "N/N equal: adopted",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "the same"],
          ["to", "put", "n.txt", "the same"],
        ],
        costs: { compares: 1 },
        both: { ...given, "n.txt": "the same" },
      },
    ],
  },
  {
    name: "N/N equal and empty: adopted without a reading",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", ""],
          ["to", "put", "n.txt", ""],
        ],
        both: { ...given, "n.txt": "" },
      },
    ],
  },
  {
    name: "N/N folders: linked, and what is in them is joined",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "d/x.txt", "x"],
          ["to", "put", "d/y.txt", "why"],
        ],
        costs: { from: { uploads: 1 }, to: { uploads: 1 } },
        both: { ...given, "d/x.txt": "x", "d/y.txt": "why" },
      },
    ],
  },
  {
    name: "two trees that were alike before the first run are adopted",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "d/x.txt", "x"],
          ["from", "put", "d/e/y.txt", "why"],
          ["from", "mkdir", "empty"],
          ["to", "put", "d/x.txt", "x"],
          ["to", "put", "d/e/y.txt", "why"],
          ["to", "mkdir", "empty"],
        ],
        costs: { compares: 2 },
        both: { "d/x.txt": "x", "d/e/y.txt": "why", "empty/": null },
      },
    ],
  },
  {
    name: "two trees that were apart before the first run are joined, and nothing is removed",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "d/x.txt", "x"],
          ["from", "put", "a.txt", "one"],
          ["to", "put", "d/y.txt", "why"],
          ["to", "put", "b.txt", "bee"],
        ],
        costs: { from: { uploads: 2 }, to: { uploads: 2 } },
        both: { "a.txt": "one", "b.txt": "bee", "d/x.txt": "x", "d/y.txt": "why" },
      },
    ],
  },
];

export const twoWayCells: readonly Scenario[] = [...symmetric.flatMap(bothWays), ...sided];
