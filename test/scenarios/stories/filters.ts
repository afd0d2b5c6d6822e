import { bothWays, type RulePart, type Scenario } from "../scenario.ts";

/** What comes into a rule's scope and leaves it. */

const twoWay: RulePart = { mode: "two-way" };
const noBackups: RulePart = { mode: "two-way", exclude: ["**/*.bak"] };
const given = { "a.txt": "one", "stay.txt": "stay" };
const left = { "stay.txt": "stay" };

const symmetric: readonly Scenario[] = [
  {
    name: "renamed out of scope is gone, renamed back it returns",
    rule: noBackups,
    given,
    chapters: [
      {
        do: [["from", "move", "a.txt", "a.bak"]],
        costs: { to: { trashes: 1 } },
        from: { "a.bak": "one", "stay.txt": "stay" },
        to: left,
      },
      { do: [["from", "move", "a.bak", "a.txt"]], costs: { to: { restores: 1 } }, both: given },
    ],
  },
  {
    name: "renamed into scope is new",
    rule: noBackups,
    given,
    chapters: [
      {
        do: [["from", "put", "n.bak", "new"]],
        from: { ...given, "n.bak": "new" },
        to: given,
      },
      {
        do: [["from", "move", "n.bak", "n.txt"]],
        costs: { to: { uploads: 1 } },
        both: { ...given, "n.txt": "new" },
      },
    ],
  },
  {
    name: "moved into a folder that is left out: gone",
    rule: { mode: "two-way", exclude: ["tmp/**"] },
    given: { "d/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "move", "d", "tmp/d"]],
        costs: { to: { trashes: 1 } },
        from: { "tmp/d/a.txt": "one", "stay.txt": "stay" },
        to: left,
      },
    ],
  },
  {
    name: "a removed folder in which the other side has something that is left out: it stays as a shell",
    rule: noBackups,
    given: { "d/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [["to", "put", "d/mine.bak", "left out"]],
        from: { "d/a.txt": "one", "stay.txt": "stay" },
        to: { "d/a.txt": "one", "d/mine.bak": "left out", "stay.txt": "stay" },
      },
      {
        do: [["from", "trash", "d"]],
        costs: { from: { folders: 1 }, to: { trashes: 1 } },
        from: { "d/": null, "stay.txt": "stay" },
        to: { "d/mine.bak": "left out", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a folder is moved with what is left out in it",
    rule: noBackups,
    given: { "d/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "put", "d/mine.bak", "left out"],
          ["to", "put", "d/theirs.bak", "left out too"],
          ["from", "move", "d", "e"],
        ],
        costs: { to: { moves: 1 } },
        from: { "e/a.txt": "one", "e/mine.bak": "left out", "stay.txt": "stay" },
        to: { "e/a.txt": "one", "e/theirs.bak": "left out too", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "a file that has grown too large is left as it is, until it shrinks",
    rule: { mode: "two-way", where: { smallerThanBytes: 12 } },
    given,
    chapters: [
      {
        do: [["from", "put", "a.txt", "much too large now"]],
        from: { ...given, "a.txt": "much too large now" },
        to: given,
      },
      {
        do: [["from", "put", "a.txt", "small"]],
        costs: { to: { uploads: 1 } },
        both: { ...given, "a.txt": "small" },
      },
    ],
  },
  {
    name: "only what the filters let in, at either side",
    rule: { mode: "two-way", include: ["**/*.txt"] },
    given,
    chapters: [
      {
        do: [
          ["from", "put", "d/n.txt", "new"],
          ["from", "put", "d/n.md", "not in scope"],
          ["from", "mkdir", "empty"],
        ],
        costs: { to: { folders: 1, uploads: 1 } },
        from: { ...given, "d/n.txt": "new", "d/n.md": "not in scope", "empty/": null },
        to: { ...given, "d/n.txt": "new" },
      },
    ],
  },
];

const changes: readonly Scenario[] = [
  {
    name: "two-way: a filter that leaves out more removes nothing, and what it leaves out is forgotten",
    rule: twoWay,
    given: { "x.log": "lines", "stay.txt": "stay" },
    chapters: [
      { do: [["rule", { mode: "two-way", exclude: ["**/*.log"] }]] },
      {
        do: [["from", "put", "x.log", "lines and lines"]],
        from: { "x.log": "lines and lines", "stay.txt": "stay" },
        to: { "x.log": "lines", "stay.txt": "stay" },
      },
      {
        do: [["from", "trash", "x.log"]],
        from: left,
        to: { "x.log": "lines", "stay.txt": "stay" },
      },
      {
        do: [["rule", twoWay]],
        costs: { from: { uploads: 1 } },
        both: { "x.log": "lines", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "two-way: a filter that is taken back finds equal files equal",
    rule: twoWay,
    given: { "x.log": "lines", "stay.txt": "stay" },
    chapters: [
      { do: [["rule", { mode: "two-way", exclude: ["**/*.log"] }]] },
      { do: [["rule", twoWay]] },
    ],
  },
  {
    name: "two-way: a filter change in the same breath as a removal does not pass it on",
    rule: twoWay,
    given: { "x.log": "lines", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["rule", { mode: "two-way", exclude: ["**/*.log"] }],
          ["from", "trash", "x.log"],
        ],
        from: left,
        to: { "x.log": "lines", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "mirror: a filter that leaves out more removes nothing",
    rule: { mode: "mirror" },
    given: { "x.log": "lines", "d/y.log": "more", "stay.txt": "stay" },
    chapters: [
      { do: [["rule", { mode: "mirror", exclude: ["**/*.log"] }]] },
      {
        do: [["from", "trash", "x.log"]],
        from: { "d/y.log": "more", "stay.txt": "stay" },
        to: { "x.log": "lines", "d/y.log": "more", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "mirror: what is out of scope at to is not touched",
    rule: { mode: "mirror", exclude: ["**/*.bak"] },
    given,
    chapters: [
      {
        do: [
          ["to", "put", "x.bak", "theirs"],
          ["to", "put", "d/y.bak", "theirs too"],
        ],
        from: given,
        to: { ...given, "x.bak": "theirs", "d/y.bak": "theirs too" },
      },
    ],
  },
  {
    name: "mirror: a removed folder with something out of scope stays with that alone",
    rule: { mode: "mirror", exclude: ["**/*.bak"] },
    given: { "d/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["to", "put", "d/x.bak", "theirs"],
          ["from", "trash", "d"],
        ],
        costs: { to: { trashes: 1 } },
        from: left,
        to: { "d/x.bak": "theirs", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "copy: a filter that lets in more brings it over",
    rule: { mode: "copy", include: ["**/*.pdf"] },
    chapters: [
      {
        do: [
          ["from", "put", "a.pdf", "one"],
          ["from", "put", "d/b.txt", "bee"],
        ],
        costs: { to: { uploads: 1 } },
        from: { "a.pdf": "one", "d/b.txt": "bee" },
        to: { "a.pdf": "one" },
      },
      {
        do: [["rule", { mode: "copy", include: ["**/*.pdf", "**/*.txt"] }]],
        costs: { to: { uploads: 1, folders: 1 } },
        both: { "a.pdf": "one", "d/b.txt": "bee" },
      },
    ],
  },
  {
    name: "copy: a filter that leaves out more removes nothing",
    rule: { mode: "copy" },
    given: { "x.log": "lines", "stay.txt": "stay" },
    chapters: [
      { do: [["rule", { mode: "copy", exclude: ["**/*.log"] }]] },
      {
        do: [["from", "put", "x.log", "lines and lines"]],
        from: { "x.log": "lines and lines", "stay.txt": "stay" },
        to: { "x.log": "lines", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "copy: what is old enough, and not before",
    inMemoryOnly: "time has to pass",
    rule: { mode: "copy", where: { olderThanMs: 3_600_000 } },
    chapters: [
      { do: [["from", "put", "a.txt", "young"]], from: { "a.txt": "young" }, to: {} },
      { do: [["wait", 3_600_000]], costs: { to: { uploads: 1 } }, both: { "a.txt": "young" } },
    ],
  },
  {
    name: "from copy to two-way: nothing is removed, and what to has comes over",
    rule: { mode: "copy" },
    given,
    chapters: [
      { do: [["to", "put", "x.txt", "theirs"]], from: given, to: { ...given, "x.txt": "theirs" } },
      {
        do: [["rule", twoWay]],
        costs: { from: { uploads: 1 } },
        both: { ...given, "x.txt": "theirs" },
      },
    ],
  },
  {
    name: "from copy to two-way: a copy that was removed long ago is no removal now",
    rule: { mode: "copy" },
    given,
    chapters: [
      { do: [["to", "trash", "a.txt"]], from: given, to: left },
      { do: [["rule", twoWay]], costs: { to: { restores: 1 } }, both: given },
    ],
  },
  {
    name: "from copy to mirror: what to has of its own waits for a person",
    rule: { mode: "copy" },
    given,
    chapters: [
      { do: [["to", "put", "x.txt", "theirs"]], from: given, to: { ...given, "x.txt": "theirs" } },
      { do: [["rule", { mode: "mirror" }]], outcome: "held" },
      { do: [["approve"]], costs: { to: { trashes: 1 } }, both: given },
    ],
  },
];

const kept: readonly Scenario[] = [
  {
    name: "keeping removals: the other side's file stays, and is not copied back",
    rule: { mode: "two-way", deletes: "keep" },
    given,
    chapters: [{ do: [["from", "trash", "a.txt"]], from: left, to: given }],
  },
  {
    name: "keeping removals: once edited, the file comes back",
    rule: { mode: "two-way", deletes: "keep" },
    given,
    chapters: [
      { do: [["from", "trash", "a.txt"]], from: left, to: given },
      {
        do: [["to", "put", "a.txt", "two, longer"]],
        costs: { from: { uploads: 1 } },
        both: { ...given, "a.txt": "two, longer" },
      },
    ],
  },
  {
    name: "keeping removals: a whole folder stays",
    rule: { mode: "two-way", deletes: "keep" },
    given: { "d/a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "trash", "d"]],
        from: left,
        to: { "d/a.txt": "one", "d/b.txt": "bee", "stay.txt": "stay" },
      },
    ],
  },
];

export const filters: readonly Scenario[] = [...symmetric.flatMap(bothWays), ...changes];
export const keptRemovals: readonly Scenario[] = kept.flatMap(bothWays);
