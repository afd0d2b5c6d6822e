import type { Scenario } from "../scenario.ts";

/** `to` is added to and updated, never removed from; `from` is never written. Rows: from; columns: to. */

const given = { "a.txt": "one", "stay.txt": "stay" };
const edited = { "a.txt": "two, longer", "stay.txt": "stay" };
const renamed = { "b.txt": "one", "stay.txt": "stay" };
const left = { "stay.txt": "stay" };

export const copyCells: readonly Scenario[] = [
  {
    name: "U/E: an edit of the copy is left",
    given,
    chapters: [
      {
        do: [["to", "put", "a.txt", "theirs, longer"]],
        to: { ...given, "a.txt": "theirs, longer" },
      },
    ],
  },
  {
    name: "U/M: a copy that was renamed is left where it is",
    given,
    chapters: [{ do: [["to", "move", "a.txt", "b.txt"]], to: renamed }],
  },
  {
    name: "U/D: a copy that was removed stays away",
    given,
    chapters: [{ do: [["to", "trash", "a.txt"]], to: left }],
  },
  {
    name: "N: a new file is created",
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
    name: "N: a new folder with what is in it, empty ones too",
    given,
    chapters: [
      {
        do: [
          ["from", "put", "d/e/n.txt", "new"],
          ["from", "mkdir", "empty"],
        ],
        costs: { to: { uploads: 1, folders: 3 } },
        both: { ...given, "d/e/n.txt": "new", "empty/": null },
      },
    ],
  },
  {
    name: "N/N equal: adopted",
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
    name: "N/N different: the other file makes room under the conflict name, at to alone",
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "mine"],
          ["to", "put", "n.txt", "theirs, longer"],
        ],
        costs: { to: { uploads: 1, moves: 1 } },
        from: { ...given, "n.txt": "mine" },
        to: { ...given, "n.txt": "mine", "n (conflict).txt": "theirs, longer" },
      },
    ],
  },
  {
    name: "E/U: an edit is one download and one upload",
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
    name: "E/E: the other edit makes room under the conflict name, at to alone",
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "put", "a.txt", "theirs"],
        ],
        costs: { to: { uploads: 1, moves: 1 } },
        from: edited,
        to: { ...edited, "a (conflict).txt": "theirs" },
      },
    ],
  },
  {
    name: "E/E equal: adopted",
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
    name: "E/M: the copy is updated where it was put",
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "move", "a.txt", "d/b.txt"],
        ],
        costs: { to: { uploads: 1 } },
        from: edited,
        to: { "d/b.txt": "two, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "E/D: an edit brings the copy back",
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
    name: "touched: the same bytes again are not transferred",
    given,
    chapters: [{ do: [["from", "touch", "a.txt"]], costs: { looks: { from: 1 } } }],
  },
  {
    name: "M/U: a rename is one move and no byte",
    given,
    chapters: [
      { do: [["from", "move", "a.txt", "b.txt"]], costs: { to: { moves: 1 } }, both: renamed },
    ],
  },
  {
    name: "M/U: a move into a new folder",
    given,
    chapters: [
      {
        do: [["from", "move", "a.txt", "d/a.txt"]],
        costs: { to: { moves: 1, folders: 1 } },
        both: { "d/a.txt": "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/E: the copy is moved with its bytes",
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "put", "a.txt", "theirs, longer"],
        ],
        costs: { to: { moves: 1 } },
        from: renamed,
        to: { "b.txt": "theirs, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/M: the copy stays where it was put",
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "move", "a.txt", "c.txt"],
        ],
        from: renamed,
        to: { "c.txt": "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "M/D: the copy stays away",
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "trash", "a.txt"],
        ],
        from: renamed,
        to: left,
      },
    ],
  },
  {
    name: "D/U: the copy stays",
    given,
    chapters: [{ do: [["from", "trash", "a.txt"]], from: left, to: given }],
  },
  {
    name: "D/E and D/M: the copies stay as they are",
    given: { ...given, "m.txt": "moved" },
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["from", "trash", "m.txt"],
          ["to", "put", "a.txt", "theirs, longer"],
          ["to", "move", "m.txt", "n.txt"],
        ],
        from: left,
        to: { "a.txt": "theirs, longer", "n.txt": "moved", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D/D: nothing is left to do",
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
    name: "D: a folder that is gone leaves its copy",
    given: { "d/a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "trash", "d"]],
        from: left,
        to: { "d/a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "D, then restored: nothing is transferred",
    given,
    chapters: [
      { do: [["from", "trash", "a.txt"]], from: left, to: given },
      { do: [["from", "restore", "a.txt"]], both: given },
    ],
  },
  {
    name: "T/U: the file makes room for the folder that replaced it",
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a/x.txt", "x"],
        ],
        costs: { to: { moves: 1, folders: 1, uploads: 1 } },
        from: { "a/x.txt": "x", "stay.txt": "stay" },
        to: { "a (conflict)": "one", "a/x.txt": "x", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/U: the folder makes room for the file that replaced it",
    given: { "a/x.txt": "x", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a", "one"],
        ],
        costs: { to: { moves: 1, uploads: 1 } },
        from: { a: "one", "stay.txt": "stay" },
        to: { a: "one", "a (conflict)/x.txt": "x", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/D: the folder is created",
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a/x.txt", "x"],
          ["to", "trash", "a"],
        ],
        costs: { to: { folders: 1, uploads: 1 } },
        both: { "a/x.txt": "x", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "what only to has stays, whatever it is",
    given,
    chapters: [
      {
        do: [["to", "put", "theirs/x.txt", "x"]],
        from: given,
        to: { ...given, "theirs/x.txt": "x" },
      },
    ],
  },
  {
    name: "a folder is renamed with all that is in it",
    given: { "d/a.txt": "one", "d/e/b.txt": "bee", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "move", "d", "f"]],
        costs: { to: { moves: 1 } },
        both: { "f/a.txt": "one", "f/e/b.txt": "bee", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a swap of names",
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
    name: "a file that leaves the folder and comes back changed is the same file",
    given,
    chapters: [
      { do: [["from", "move", "a.txt", "/elsewhere/a.txt"]], from: left, to: given },
      {
        do: [
          ["from", "put", "/elsewhere/a.txt", "two, longer"],
          ["from", "move", "/elsewhere/a.txt", "a.txt"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
    ],
  },
];
