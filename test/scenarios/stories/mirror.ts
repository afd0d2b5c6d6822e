import type { RulePart, Scenario } from "../scenario.ts";

/** `to` becomes what `from` is, and `from` is never written. Rows: from; columns: to. */

const rule: RulePart = { mode: "mirror" };
const given = { "a.txt": "one", "stay.txt": "stay" };
const edited = { "a.txt": "two, longer", "stay.txt": "stay" };
const renamed = { "b.txt": "one", "stay.txt": "stay" };
const left = { "stay.txt": "stay" };

const unchanged: readonly Scenario[] = [
  {
    name: "U/E: overwritten with from's",
    rule,
    given,
    chapters: [
      {
        do: [["to", "put", "a.txt", "theirs, longer"]],
        costs: { to: { uploads: 1 } },
        both: given,
      },
    ],
  },
  {
    name: "U/touched: nothing is transferred",
    rule,
    given,
    chapters: [{ do: [["to", "touch", "a.txt"]], costs: { looks: { to: 1 } } }],
  },
  {
    name: "U/M: moved back, without a byte",
    rule,
    given,
    chapters: [{ do: [["to", "move", "a.txt", "b.txt"]], costs: { to: { moves: 1 } } }],
  },
  {
    name: "U/M into a folder: moved back, and the folder is removed",
    rule,
    given,
    chapters: [
      { do: [["to", "move", "a.txt", "d/a.txt"]], costs: { to: { moves: 1, trashes: 1 } } },
    ],
  },
  {
    name: "U/M out of the folder: put back",
    rule,
    given,
    chapters: [
      {
        do: [["to", "move", "a.txt", "/elsewhere/a.txt"]],
        costs: { to: { restores: 1 } },
      },
    ],
  },
  {
    name: "U/EM: overwritten and moved back",
    rule,
    given,
    chapters: [
      {
        do: [
          ["to", "move", "a.txt", "b.txt"],
          ["to", "put", "b.txt", "theirs, longer"],
        ],
        costs: { to: { moves: 1, uploads: 1 } },
      },
    ],
  },
  {
    name: "U/D: put back",
    rule,
    given,
    chapters: [{ do: [["to", "trash", "a.txt"]], costs: { to: { restores: 1 } } }],
  },
  {
    name: "U/D of a folder: put back with what was in it",
    rule,
    given: { "d/a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" },
    chapters: [{ do: [["to", "trash", "d"]], costs: { to: { folders: 1, restores: 2 } } }],
  },
  {
    name: "U/D of an empty folder: put back",
    rule,
    given: { "d/": null, "stay.txt": "stay" },
    chapters: [{ do: [["to", "trash", "d"]], costs: { to: { folders: 1 } } }],
  },
  {
    name: "U/M of a folder: moved back in one request",
    rule,
    given: { "d/a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" },
    chapters: [{ do: [["to", "move", "d", "e"]], costs: { to: { moves: 1 } } }],
  },
  {
    name: "U/T: the folder that replaced the file gives way to it",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["to", "trash", "a"],
          ["to", "put", "a/x.txt", "x"],
        ],
        costs: { to: { trashes: 1, restores: 1 } },
      },
    ],
  },
  {
    name: "names swapped at to are swapped back",
    rule,
    given: { "a.txt": "first", "b.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["to", "move", "a.txt", "t"],
          ["to", "move", "b.txt", "a.txt"],
          ["to", "move", "t", "b.txt"],
        ],
        costs: { to: { moves: 2, detours: 1 } },
      },
    ],
  },
];

const extras: readonly Scenario[] = [
  {
    name: "an extra file goes to the trash",
    rule,
    given,
    chapters: [{ do: [["to", "put", "x.txt", "extra"]], costs: { to: { trashes: 1 } } }],
  },
  {
    name: "an extra folder goes to the trash in one request",
    rule,
    given,
    chapters: [
      {
        do: [
          ["to", "put", "x/1.txt", "extra"],
          ["to", "put", "x/y/2.txt", "extras"],
        ],
        costs: { to: { trashes: 1 } },
      },
    ],
  },
  {
    name: "an extra file in a linked folder goes to the trash",
    rule,
    given: { "d/a.txt": "one", "stay.txt": "stay" },
    chapters: [{ do: [["to", "put", "d/x.txt", "extra"]], costs: { to: { trashes: 1 } } }],
  },
  {
    name: "N and an equal extra: adopted",
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
    name: "N and another extra of the name: overwritten in place",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "mine"],
          ["to", "put", "n.txt", "theirs, longer"],
        ],
        costs: { to: { uploads: 1 } },
        both: { ...given, "n.txt": "mine" },
      },
    ],
  },
  {
    name: "a new folder where an extra file has its name",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n/x.txt", "x"],
          ["to", "put", "n", "extra"],
        ],
        costs: { to: { trashes: 1, folders: 1, uploads: 1 } },
        both: { ...given, "n/x.txt": "x" },
      },
    ],
  },
  {
    name: "a new file where an extra folder has its name",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n", "a file"],
          ["to", "put", "n/x.txt", "extra"],
        ],
        costs: { to: { trashes: 1, uploads: 1 } },
        both: { ...given, n: "a file" },
      },
    ],
  },
  {
    name: "M onto the name of an extra: the extra goes to the trash first",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "put", "b.txt", "extra, longer"],
        ],
        costs: { to: { trashes: 1, moves: 1 } },
        both: renamed,
      },
    ],
  },
];

const changed: readonly Scenario[] = [
  {
    name: "E/U: one upload",
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
    name: "E/E: overwritten with from's",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "put", "a.txt", "theirs"],
        ],
        costs: { to: { uploads: 1 } },
        both: edited,
      },
    ],
  },
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
    name: "E/M: the new content at from's place",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "move", "a.txt", "b.txt"],
        ],
        costs: { to: { moves: 1, uploads: 1 } },
        both: edited,
      },
    ],
  },
  {
    name: "E/D: the new content is put there",
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
    name: "M/U: one move",
    rule,
    given,
    chapters: [
      { do: [["from", "move", "a.txt", "b.txt"]], costs: { to: { moves: 1 } }, both: renamed },
    ],
  },
  {
    name: "M/E: moved and overwritten",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "put", "a.txt", "theirs, longer"],
        ],
        costs: { to: { moves: 1, uploads: 1 } },
        both: renamed,
      },
    ],
  },
  {
    name: "M/M: moved to from's place",
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
    name: "M/D: put back at from's new place",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "trash", "a.txt"],
        ],
        costs: { to: { restores: 1 } },
        both: renamed,
      },
    ],
  },
  {
    name: "D/U: trashed",
    rule,
    given,
    chapters: [{ do: [["from", "trash", "a.txt"]], costs: { to: { trashes: 1 } }, both: left }],
  },
  {
    name: "D/E and D/M: trashed all the same",
    rule,
    given: { ...given, "m.txt": "moved" },
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["from", "trash", "m.txt"],
          ["to", "put", "a.txt", "theirs, longer"],
          ["to", "move", "m.txt", "n.txt"],
        ],
        costs: { to: { trashes: 2 } },
        both: left,
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
    name: "D of a folder: one request, whatever to has put into it",
    rule,
    given: { "d/a.txt": "one", "d/e/b.txt": "bee", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "d"],
          ["to", "put", "d/x.txt", "extra"],
        ],
        costs: { to: { trashes: 1 } },
        both: left,
      },
    ],
  },
  {
    name: "T/U: the file is trashed and the folder created",
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
    name: "T/U: the folder is trashed and the file created",
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
    name: "T/E: as where it is unchanged",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a/x.txt", "x"],
          ["to", "put", "a", "theirs, longer"],
        ],
        costs: { to: { trashes: 1, folders: 1, uploads: 1 } },
        both: { "a/x.txt": "x", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/M: what was moved is trashed, the folder created",
    rule,
    given: { a: "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "trash", "a"],
          ["from", "put", "a/x.txt", "x"],
          ["to", "move", "a", "b"],
        ],
        costs: { to: { trashes: 1, folders: 1, uploads: 1 } },
        both: { "a/x.txt": "x", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "T/D: the folder is created",
    rule,
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
    name: "a folder's rename, a file's move out of it, and its removal",
    rule,
    given: { "d/a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "move", "d", "e"]],
        costs: { to: { moves: 1 } },
        both: { "e/a.txt": "one", "e/b.txt": "bee", "stay.txt": "stay" },
      },
      {
        do: [
          ["from", "move", "e/a.txt", "a.txt"],
          ["from", "trash", "e"],
        ],
        costs: { to: { moves: 1, trashes: 1 } },
        both: given,
      },
    ],
  },
];

const first: readonly Scenario[] = [
  {
    name: "the first run fills an empty folder",
    rule,
    bare: true,
    chapters: [
      {
        do: [["from", "put", "d/a.txt", "one"]],
        costs: { to: { folders: 2, uploads: 1 } },
        both: { "d/a.txt": "one" },
      },
    ],
  },
  {
    name: "the first run adopts what is equal, and overwrites what is not",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "d/a.txt", "one"],
          ["from", "put", "b.txt", "mine"],
          ["to", "put", "d/a.txt", "one"],
          ["to", "put", "b.txt", "theirs, longer"],
        ],
        costs: { to: { uploads: 1 }, compares: 1 },
        both: { "d/a.txt": "one", "b.txt": "mine" },
      },
    ],
  },
  {
    name: "the first run is held where it would remove anything; approved, it does",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "one"],
          ["to", "put", "x.txt", "extra"],
        ],
        costs: { to: { uploads: 1 } },
        outcome: "held",
        from: { "a.txt": "one" },
        to: { "a.txt": "one", "x.txt": "extra" },
      },
      { do: [["approve"]], costs: { to: { trashes: 1 } }, both: { "a.txt": "one" } },
      {
        do: [["to", "put", "y.txt", "another"]],
        costs: { to: { trashes: 1 } },
        both: { "a.txt": "one" },
      },
    ],
  },
  {
    name: "the first run is held where it would remove anything; rejected, from gets it",
    rule,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "one"],
          ["to", "put", "x.txt", "extra"],
        ],
        costs: { to: { uploads: 1 } },
        outcome: "held",
        from: { "a.txt": "one" },
        to: { "a.txt": "one", "x.txt": "extra" },
      },
      {
        do: [["reject"]],
        costs: { from: { uploads: 1 } },
        both: { "a.txt": "one", "x.txt": "extra" },
      },
    ],
  },
  {
    name: "keeping removals: extras and what is gone at from stay at to",
    rule: { mode: "mirror", deletes: "keep" },
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "put", "x.txt", "extra"],
        ],
        from: left,
        to: { ...given, "x.txt": "extra" },
      },
      {
        do: [["from", "put", "a.txt", "two, longer"]],
        costs: { to: { uploads: 1 } },
        from: edited,
        to: { ...edited, "x.txt": "extra" },
      },
    ],
  },
];

export const mirror: readonly Scenario[] = [...unchanged, ...extras, ...changed, ...first];
