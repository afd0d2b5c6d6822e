import { bothWays, type RulePart, type Scenario } from "../scenario.ts";
import { bothUnique } from "./unique.ts";

/** Folders and shapes under `two-way`. */

const rule: RulePart = { mode: "two-way" };
const given = {
  "d/a.txt": "aaa",
  "d/b.txt": "bbbb",
  "d/sub/c.txt": "ccccc",
  "stay.txt": "stay",
};
const left = { "stay.txt": "stay" };
const moved = {
  "e/a.txt": "aaa",
  "e/b.txt": "bbbb",
  "e/sub/c.txt": "ccccc",
  "stay.txt": "stay",
};

const symmetric: readonly Scenario[] = [
  {
    name: "D/U: one request trashes the folder with all that is in it",
    rule,
    given,
    chapters: [{ do: [["from", "trash", "d"]], costs: { to: { trashes: 1 } }, both: left }],
  },
  {
    name: "D of a folder below: one request for it alone",
    rule,
    given,
    chapters: [
      {
        do: [["from", "trash", "d/sub"]],
        costs: { to: { trashes: 1 } },
        both: { "d/a.txt": "aaa", "d/b.txt": "bbbb", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D of an empty folder",
    rule,
    given: { "d/": null, "stay.txt": "stay" },
    chapters: [{ do: [["from", "trash", "d"]], costs: { to: { trashes: 1 } }, both: left }],
  },
  {
    name: "D/E inside: the folder survives as a shell with the edited file alone",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["to", "put", "d/a.txt", "edited, longer"],
        ],
        costs: { from: { folders: 1, uploads: 1 }, to: { trashes: 2 } },
        both: { "d/a.txt": "edited, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/E deep inside: the folders above it survive",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["to", "put", "d/sub/c.txt", "edited, longer"],
        ],
        costs: { from: { folders: 2, uploads: 1 }, to: { trashes: 2 } },
        both: { "d/sub/c.txt": "edited, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/N inside: the folder survives as a shell with the new file alone",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["to", "put", "d/new.txt", "new"],
        ],
        costs: { from: { folders: 1, uploads: 1 }, to: { trashes: 3 } },
        both: { "d/new.txt": "new", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/M of a child: it survives at its new place, the rest goes",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["to", "move", "d/a.txt", "a.txt"],
        ],
        costs: { from: { restores: 1 }, to: { trashes: 1 } },
        both: { "a.txt": "aaa", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M of a child, then D: the child is moved before the one removal",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d/a.txt", "a.txt"],
          ["from", "trash", "d"],
        ],
        costs: { to: { moves: 1, trashes: 1 } },
        both: { "a.txt": "aaa", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/M: the folder's move wins with all that is in it",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["to", "move", "d", "e"],
        ],
        costs: { from: { folders: 2, restores: 3 } },
        both: moved,
      },
    ],
  },
  {
    name: "M/U: a folder is renamed in one request",
    rule,
    given,
    chapters: [{ do: [["from", "move", "d", "e"]], costs: { to: { moves: 1 } }, both: moved }],
  },
  {
    name: "M/E inside: the folder is moved, the edit goes to where it is now",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["to", "put", "d/a.txt", "edited, longer"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 1 } },
        both: { ...moved, "e/a.txt": "edited, longer" },
      },
    ],
  },
  {
    name: "M/N inside: the folder is moved, the new file goes to where it is now",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["to", "put", "d/sub/new.txt", "new"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 1 } },
        both: { ...moved, "e/sub/new.txt": "new" },
      },
    ],
  },
  {
    name: "M/M inside: the folder and what is in it are renamed, each once",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["to", "move", "d/a.txt", "d/z.txt"],
        ],
        costs: { from: { moves: 1 }, to: { moves: 1 } },
        both: { "e/z.txt": "aaa", "e/b.txt": "bbbb", "e/sub/c.txt": "ccccc", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/M out of it: the folder is renamed, and what left it stays outside",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["to", "move", "d/a.txt", "a.txt"],
        ],
        costs: { from: { moves: 1 }, to: { moves: 1 } },
        both: { "a.txt": "aaa", "e/b.txt": "bbbb", "e/sub/c.txt": "ccccc", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/D inside: the folder is moved, the removal goes on",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["to", "trash", "d/a.txt"],
        ],
        costs: { from: { trashes: 1 }, to: { moves: 1 } },
        both: { "e/b.txt": "bbbb", "e/sub/c.txt": "ccccc", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a folder and its child change places",
    rule,
    given: { "A/E/f.txt": "f", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "A/E", "E"],
          ["from", "move", "A", "E/A"],
        ],
        costs: { to: { moves: 2 } },
        both: { "E/f.txt": "f", "E/A/": null, "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a swap of two files' names",
    rule,
    given: { "a.txt": "first", "b.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "t"],
          ["from", "move", "b.txt", "a.txt"],
          ["from", "move", "t", "b.txt"],
        ],
        costs: { to: { moves: 2, detours: 1 } },
        both: { "a.txt": "second one", "b.txt": "first", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a swap of two folders' names",
    rule,
    given: { "x/1.txt": "first", "y/2.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "x", "t"],
          ["from", "move", "y", "x"],
          ["from", "move", "t", "y"],
        ],
        costs: { to: { moves: 2, detours: 1 } },
        both: { "y/1.txt": "first", "x/2.txt": "second one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a swap across folders",
    rule,
    given: { "x/f.txt": "first", "y/f.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "x/f.txt", "t"],
          ["from", "move", "y/f.txt", "x/f.txt"],
          ["from", "move", "t", "y/f.txt"],
        ],
        costs: { to: { moves: 2, detours: 1 } },
        both: { "y/f.txt": "first", "x/f.txt": "second one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "three names in a circle",
    rule,
    given: { "a.txt": "1", "b.txt": "22", "c.txt": "333", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "t"],
          ["from", "move", "b.txt", "a.txt"],
          ["from", "move", "c.txt", "b.txt"],
          ["from", "move", "t", "c.txt"],
        ],
        costs: { to: { moves: 3, detours: 1 } },
        both: { "a.txt": "22", "b.txt": "333", "c.txt": "1", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a swap, while the other side edits one of the two",
    rule,
    given: { "a.txt": "first", "b.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "t"],
          ["from", "move", "b.txt", "a.txt"],
          ["from", "move", "t", "b.txt"],
          ["to", "put", "a.txt", "first, edited"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 2, detours: 1 } },
        both: { "a.txt": "second one", "b.txt": "first, edited", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a folder moves into a new folder of its old name",
    on: { from: ["plain", "dropbox", "drive", "onedrive"] },
    rule,
    given: { "d/a.txt": "aaa", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "d", "t"],
          ["from", "mkdir", "d"],
          ["from", "move", "t", "d/d"],
        ],
        costs: { to: { folders: 1, moves: 1, detours: 1 } },
        both: { "d/d/a.txt": "aaa", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a local folder that has its place is the same one: what was in it is moved",
    rule,
    on: { from: ["local"] },
    given: { "d/a.txt": "aaa", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "d", "t"],
          ["from", "mkdir", "d"],
          ["from", "move", "t", "d/d"],
        ],
        costs: { to: { folders: 1, moves: 1 } },
        both: { "d/d/a.txt": "aaa", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a folder is moved out of the rule's folder, and in again",
    rule,
    given,
    chapters: [
      {
        do: [["from", "move", "d", "/elsewhere/d"]],
        costs: { to: { trashes: 1 } },
        both: left,
      },
      {
        do: [["from", "move", "/elsewhere/d", "d"]],
        costs: { to: { folders: 2, restores: 3 } },
        both: given,
      },
    ],
  },
  {
    name: "a folder with all that is in it is moved in from elsewhere",
    rule,
    given: left,
    chapters: [
      {
        do: [
          ["from", "put", "/elsewhere/d/a.txt", "aaa"],
          ["from", "put", "/elsewhere/d/sub/c.txt", "ccccc"],
        ],
      },
      {
        do: [["from", "move", "/elsewhere/d", "d"]],
        costs: { to: { folders: 2, uploads: 2 } },
        both: { ...left, "d/a.txt": "aaa", "d/sub/c.txt": "ccccc" },
      },
    ],
  },
  {
    name: "a folder that was removed and made anew with equal files is the same",
    rule,
    given: { "d/a.txt": "aaa", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["from", "put", "d/a.txt", "aaa"],
        ],
        costs: { looks: { from: 1 } },
      },
    ],
  },
  {
    name: "a deep tree, and a rename at its top and its bottom",
    rule,
    given: { "1/2/3/4/5/6/7/8/deep.txt": "deep", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "1/2/3/4/5/6/7/8/deep.txt", "1/2/3/4/5/6/7/8/deeper.txt"],
          ["from", "move", "1", "one"],
        ],
        costs: { to: { moves: 2 } },
        both: { "one/2/3/4/5/6/7/8/deeper.txt": "deep", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "two folders are joined: what is in one is moved to the other, and it is removed",
    rule,
    given: { "x/1.txt": "first", "y/2.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "x/1.txt", "y/1.txt"],
          ["from", "trash", "x"],
        ],
        costs: { to: { moves: 1, trashes: 1 } },
        both: { "y/1.txt": "first", "y/2.txt": "second one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/M into it: what the other side moved into the removed folder survives in it",
    rule,
    given: { "d/a.txt": "aaa", "b.txt": "bbbb", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["to", "move", "b.txt", "d/b.txt"],
        ],
        costs: { from: { folders: 1, moves: 1 }, to: { trashes: 1 } },
        both: { "d/b.txt": "bbbb", "stay.txt": "stay" },
      },
    ],
  },
];

const sided: readonly Scenario[] = [
  {
    name: "M/M to one place: nothing is left to do",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["to", "move", "d", "e"],
        ],
        both: moved,
      },
    ],
  },
  {
    name: "M/M to two names: from's wins, in one move",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "d", "e"],
          ["to", "move", "d", "f"],
        ],
        costs: { to: { moves: 1 } },
        both: moved,
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
          ["from", "trash", "d"],
          ["to", "trash", "d"],
        ],
        both: left,
      },
    ],
  },
  {
    name: "x moves into y while y moves into x: from's move wins, the other is undone",
    rule,
    given: { "x/x.txt": "ex", "y/y.txt": "why", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "x", "y/x"],
          ["to", "move", "y", "x/y"],
        ],
        costs: { to: { moves: 2 } },
        both: { "y/x/x.txt": "ex", "y/y.txt": "why", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "y moves into x while x moves into y: from's move wins, the other is undone",
    rule,
    given: { "x/x.txt": "ex", "y/y.txt": "why", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "y", "x/y"],
          ["to", "move", "x", "y/x"],
        ],
        costs: { to: { moves: 2 } },
        both: { "x/x.txt": "ex", "x/y/y.txt": "why", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "both sides swap the same two names: nothing is left to do",
    rule,
    given: { "a.txt": "first", "b.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "t"],
          ["from", "move", "b.txt", "a.txt"],
          ["from", "move", "t", "b.txt"],
          ["to", "move", "a.txt", "t"],
          ["to", "move", "b.txt", "a.txt"],
          ["to", "move", "t", "b.txt"],
        ],
        both: { "a.txt": "second one", "b.txt": "first", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "two files are moved onto one name: from's keeps it, the other takes the conflict name",
    on: bothUnique,
    rule,
    given: { "a.txt": "aaa", "b.txt": "bbbb", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "c.txt"],
          ["to", "move", "b.txt", "c.txt"],
        ],
        costs: { from: { moves: 1 }, to: { moves: 2 } },
        both: { "c.txt": "aaa", "c (conflict).txt": "bbbb", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "from moves onto a name that to created: from's keeps it",
    rule,
    given: { "a.txt": "aaa", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "n.txt"],
          ["to", "put", "n.txt", "new one"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 2 } },
        both: { "n.txt": "aaa", "n (conflict).txt": "new one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "to moves onto a name that from created: from's keeps it",
    on: bothUnique,
    rule,
    given: { "a.txt": "aaa", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "new one"],
          ["to", "move", "a.txt", "n.txt"],
        ],
        costs: { from: { moves: 1 }, to: { moves: 1, uploads: 1 } },
        both: { "n.txt": "new one", "n (conflict).txt": "aaa", "stay.txt": "stay" },
      },
    ],
  },
];

export const folders: readonly Scenario[] = [...symmetric.flatMap(bothWays), ...sided];
