import { bothWays, type Chapter, type RulePart, type Scenario } from "../scenario.ts";

/** What happens where both sides changed, by policy. */

const given = { "a.txt": "one", "stay.txt": "stay" };
const mine = { "a.txt": "mine", "stay.txt": "stay" };
const theirs = { "a.txt": "theirs, longer", "stay.txt": "stay" };
const both = { ...mine, "a (conflict).txt": "theirs, longer" };
const bothCost = { from: { uploads: 1 }, to: { uploads: 1, moves: 1 } };

/** E/E of two contents; `to` comes last. */
const clash: Chapter["do"] = [
  ["from", "put", "a.txt", "mine"],
  ["to", "put", "a.txt", "theirs, longer"],
];
const clashFromLast: Chapter["do"] = clash.toReversed();

const twoWay = (conflict: RulePart["conflict"]): RulePart =>
  conflict ? { mode: "two-way", conflict } : { mode: "two-way" };
const copy = (conflict: NonNullable<RulePart["conflict"]>): RulePart => ({
  mode: "copy",
  conflict,
});

const decided: readonly Scenario[] = [
  {
    name: "keep-both, E/E: to's is renamed, and each side gets the other's: one transfer each way",
    rule: twoWay("keep-both"),
    given,
    chapters: [{ do: clash, costs: bothCost, both }],
  },
  {
    name: "keep-both, N/N",
    rule: twoWay("keep-both"),
    given: { "stay.txt": "stay" },
    chapters: [{ do: clash, costs: bothCost, both }],
  },
  {
    name: "keep-both, again: the copies are files like others",
    rule: twoWay("keep-both"),
    given,
    chapters: [
      { do: clash, costs: bothCost, both },
      {
        do: [["from", "put", "a.txt", "mine, and more of it"]],
        costs: { to: { uploads: 1 } },
        both: { ...both, "a.txt": "mine, and more of it" },
      },
    ],
  },
  {
    name: "keep-both, E/EM: the other side's name, and two contents",
    rule: twoWay("keep-both"),
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "mine"],
          ["to", "move", "a.txt", "b.txt"],
          ["to", "put", "b.txt", "theirs, longer"],
        ],
        costs: { from: { moves: 1, uploads: 1 }, to: { moves: 1, uploads: 1 } },
        both: { "b.txt": "mine", "b (conflict).txt": "theirs, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "keep-both, EM/E: from's name, and two contents",
    rule: twoWay("keep-both"),
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["from", "put", "b.txt", "mine"],
          ["to", "put", "a.txt", "theirs, longer"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 2, uploads: 1 } },
        both: { "b.txt": "mine", "b (conflict).txt": "theirs, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "keep-both, EM/EM: from's name, and two contents",
    rule: twoWay("keep-both"),
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["from", "put", "b.txt", "mine"],
          ["to", "move", "a.txt", "c.txt"],
          ["to", "put", "c.txt", "theirs, longer"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 2, uploads: 1 } },
        both: { "b.txt": "mine", "b (conflict).txt": "theirs, longer", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "keep-both of equal size: read once to be told apart",
    rule: twoWay("keep-both"),
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "mine, long"],
          ["to", "put", "a.txt", "their long"],
        ],
        costs: { ...bothCost, compares: 1 },
        both: { "a.txt": "mine, long", "a (conflict).txt": "their long", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "newest, E/E: to's is the later one",
    rule: twoWay("newest"),
    given,
    chapters: [{ do: clash, costs: { from: { uploads: 1 } }, both: theirs }],
  },
  {
    name: "newest, E/E: from's is the later one",
    rule: twoWay("newest"),
    given,
    chapters: [{ do: clashFromLast, costs: { to: { uploads: 1 } }, both: mine }],
  },
  {
    name: "newest, N/N: to's is the later one",
    rule: twoWay("newest"),
    given: { "stay.txt": "stay" },
    chapters: [{ do: clash, costs: { from: { uploads: 1 } }, both: theirs }],
  },
  {
    name: "newest, N/N: from's is the later one",
    rule: twoWay("newest"),
    given: { "stay.txt": "stay" },
    chapters: [{ do: clashFromLast, costs: { to: { uploads: 1 } }, both: mine }],
  },
  {
    name: "from, E/E: from's overwrites to's",
    rule: twoWay("from"),
    given,
    chapters: [{ do: clash, costs: { to: { uploads: 1 } }, both: mine }],
  },
  {
    name: "from, N/N: from's overwrites to's",
    rule: twoWay("from"),
    given: { "stay.txt": "stay" },
    chapters: [{ do: clash, costs: { to: { uploads: 1 } }, both: mine }],
  },
  {
    name: "to, E/E: to's overwrites from's",
    rule: twoWay("to"),
    given,
    chapters: [{ do: clash, costs: { from: { uploads: 1 } }, both: theirs }],
  },
  {
    name: "to, N/N: to's overwrites from's",
    rule: twoWay("to"),
    given: { "stay.txt": "stay" },
    chapters: [{ do: clash, costs: { from: { uploads: 1 } }, both: theirs }],
  },
  ...bothWays({
    name: "every policy leaves an edit that meets no other alone",
    rule: twoWay("to"),
    given,
    chapters: [
      {
        do: [["from", "put", "a.txt", "mine"]],
        costs: { to: { uploads: 1 } },
        both: mine,
      },
    ],
  }),
];

const reviewed: Chapter = {
  do: clash,
  outcome: "held",
  conflicts: ["a.txt"],
  from: mine,
  to: theirs,
};

const reviews: readonly Scenario[] = [
  {
    name: "review, E/E: nothing is moved; from's is kept",
    rule: twoWay("review"),
    given,
    chapters: [
      reviewed,
      { do: [["resolve", "a.txt", "from"]], costs: { to: { uploads: 1 } }, both: mine },
    ],
  },
  {
    name: "review, E/E: to's is kept",
    rule: twoWay("review"),
    given,
    chapters: [
      reviewed,
      { do: [["resolve", "a.txt", "to"]], costs: { from: { uploads: 1 } }, both: theirs },
    ],
  },
  {
    name: "review, E/E: both are kept",
    rule: twoWay("review"),
    given,
    chapters: [reviewed, { do: [["resolve", "a.txt", "both"]], costs: bothCost, both }],
  },
  {
    name: "review, N/N: nothing is moved; to's is kept",
    rule: twoWay("review"),
    given: { "stay.txt": "stay" },
    chapters: [
      reviewed,
      { do: [["resolve", "a.txt", "to"]], costs: { from: { uploads: 1 } }, both: theirs },
    ],
  },
  {
    name: "review, N/N: both are kept",
    rule: twoWay("review"),
    given: { "stay.txt": "stay" },
    chapters: [reviewed, { do: [["resolve", "a.txt", "both"]], costs: bothCost, both }],
  },
  {
    name: "review: another edit keeps the one entry",
    rule: twoWay("review"),
    given,
    chapters: [
      reviewed,
      {
        do: [["from", "put", "a.txt", "mine, edited once more"]],
        outcome: "held",
        conflicts: ["a.txt"],
        from: { ...mine, "a.txt": "mine, edited once more" },
        to: theirs,
      },
      {
        do: [["resolve", "a.txt", "from"]],
        costs: { to: { uploads: 1 } },
        both: { ...mine, "a.txt": "mine, edited once more" },
      },
    ],
  },
  {
    name: "review: the rest of the rule goes on",
    rule: twoWay("review"),
    given,
    chapters: [
      reviewed,
      {
        do: [
          ["from", "put", "n.txt", "new"],
          ["to", "move", "stay.txt", "stays.txt"],
        ],
        costs: { from: { moves: 1 }, to: { uploads: 1 } },
        outcome: "held",
        conflicts: ["a.txt"],
        from: { "a.txt": "mine", "n.txt": "new", "stays.txt": "stay" },
        to: { "a.txt": "theirs, longer", "n.txt": "new", "stays.txt": "stay" },
      },
    ],
  },
  ...bothWays({
    name: "review: a side that is made like the other ends it",
    rule: twoWay("review"),
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "mine"],
          ["to", "put", "a.txt", "theirs, longer"],
        ],
        outcome: "held",
        conflicts: ["a.txt"],
        from: mine,
        to: theirs,
      },
      {
        do: [["from", "put", "a.txt", "theirs, longer"]],
        costs: { compares: 1 },
        both: theirs,
      },
    ],
  }),
  ...bothWays({
    name: "review: removed at one side, the other's edit stands",
    rule: twoWay("review"),
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "mine"],
          ["to", "put", "a.txt", "theirs, longer"],
        ],
        outcome: "held",
        conflicts: ["a.txt"],
        from: mine,
        to: theirs,
      },
      { do: [["from", "trash", "a.txt"]], costs: { from: { uploads: 1 } }, both: theirs },
    ],
  }),
  {
    name: "review, E/EM: the name follows at once, the content waits",
    rule: twoWay("review"),
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "mine"],
          ["to", "move", "a.txt", "b.txt"],
          ["to", "put", "b.txt", "theirs, longer"],
        ],
        costs: { from: { moves: 1 } },
        outcome: "held",
        conflicts: ["b.txt"],
        from: { "b.txt": "mine", "stay.txt": "stay" },
        to: { "b.txt": "theirs, longer", "stay.txt": "stay" },
      },
      {
        do: [["resolve", "b.txt", "from"]],
        costs: { to: { uploads: 1 } },
        both: { "b.txt": "mine", "stay.txt": "stay" },
      },
    ],
  },
];

const copies: readonly Scenario[] = [
  {
    name: "copy, newest, E/E: from's is the later one",
    rule: copy("newest"),
    given,
    chapters: [{ do: clashFromLast, costs: { to: { uploads: 1 } }, both: mine }],
  },
  {
    name: "copy, newest, E/E: to's is the later one, and stays",
    rule: copy("newest"),
    given,
    chapters: [{ do: clash, from: mine, to: theirs }],
  },
  {
    name: "copy, from, E/E: overwritten in place",
    rule: copy("from"),
    given,
    chapters: [{ do: clash, costs: { to: { uploads: 1 } }, both: mine }],
  },
  {
    name: "copy, from, N/N: overwritten in place",
    rule: copy("from"),
    given: { "stay.txt": "stay" },
    chapters: [{ do: clash, costs: { to: { uploads: 1 } }, both: mine }],
  },
  {
    name: "copy, to, E/E: to's stays, at later edits too",
    rule: copy("to"),
    given,
    chapters: [
      { do: clash, from: mine, to: theirs },
      {
        do: [["from", "put", "a.txt", "mine, edited once more"]],
        from: { ...mine, "a.txt": "mine, edited once more" },
        to: theirs,
      },
    ],
  },
  {
    name: "copy, to, N/N: to's stays",
    rule: copy("to"),
    given: { "stay.txt": "stay" },
    chapters: [{ do: clash, from: mine, to: theirs }],
  },
  {
    name: "copy, review, E/E: nothing is moved; from's is kept",
    rule: copy("review"),
    given,
    chapters: [
      reviewed,
      { do: [["resolve", "a.txt", "from"]], costs: { to: { uploads: 1 } }, both: mine },
    ],
  },
  {
    name: "copy, review, E/E: to's is kept, and nothing is written at from",
    rule: copy("review"),
    given,
    chapters: [reviewed, { do: [["resolve", "a.txt", "to"]], from: mine, to: theirs }],
  },
  {
    name: "copy, review, N/N: both are kept, at to",
    rule: copy("review"),
    given: { "stay.txt": "stay" },
    chapters: [
      reviewed,
      {
        do: [["resolve", "a.txt", "both"]],
        costs: { to: { uploads: 1, moves: 1 } },
        from: mine,
        to: both,
      },
    ],
  },
];

export const conflicts: readonly Scenario[] = [...decided, ...reviews, ...copies];
