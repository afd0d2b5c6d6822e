import { bothWays, type RulePart, type Scenario } from "../scenario.ts";
import { uniqueNames } from "./unique.ts";

/** Names that one side takes for others. */

const rule: RulePart = { mode: "two-way" };
const given = { "a.txt": "one", "stay.txt": "stay" };
/** Services where names that differ in case, or in Unicode form, live side by side. */
const tellsCase = ["plain", "local", "drive"] as const;
/** Services that take such names for one; all but Dropbox tell when the spelling changes. */
const caseless = ["dropbox", "onedrive"] as const;
const tellsSpelling = [...tellsCase, "onedrive"] as const;

export const names: readonly Scenario[] = [
  ...bothWays({
    name: "a rename that changes only the case is one move",
    rule,
    on: { from: tellsSpelling },
    given,
    chapters: [
      {
        do: [["from", "move", "a.txt", "A.txt"]],
        costs: { to: { moves: 1 } },
        both: { "A.txt": "one", "stay.txt": "stay" },
      },
    ],
  }),
  {
    name: "a folder's rename that changes only the case is one move",
    rule,
    on: { from: tellsSpelling },
    given: { "docs/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "move", "docs", "Docs"]],
        costs: { to: { moves: 1 } },
        both: { "Docs/a.txt": "one", "stay.txt": "stay" },
      },
    ],
  },
  ...bothWays({
    name: "Dropbox tells no change of case: the next listing shows it",
    rule,
    on: { from: ["dropbox"] },
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "A.txt"],
          ["from", "reset cursors"],
        ],
        costs: { to: { moves: 1 } },
        both: { "A.txt": "one", "stay.txt": "stay" },
      },
    ],
  }),
  ...bothWays({
    name: "two names that one side takes for one: the second gets an alias, which stays",
    rule,
    on: { from: tellsCase, to: caseless },
    given,
    chapters: [
      {
        do: [["from", "put", "A.txt", "another"]],
        costs: { to: { uploads: 1 } },
        from: { ...given, "A.txt": "another" },
        to: { ...given, "A (2).txt": "another" },
      },
      {
        do: [["from", "put", "A.txt", "another, edited"]],
        costs: { to: { uploads: 1 } },
        from: { ...given, "A.txt": "another, edited" },
        to: { ...given, "A (2).txt": "another, edited" },
      },
      {
        do: [["to", "put", "A (2).txt", "edited there"]],
        costs: { from: { uploads: 1 } },
        from: { ...given, "A.txt": "edited there" },
        to: { ...given, "A (2).txt": "edited there" },
      },
      {
        do: [["to", "trash", "A (2).txt"]],
        costs: { from: { trashes: 1 } },
        both: given,
      },
    ],
  }),
  ...bothWays({
    name: "a decomposed name is stored composed where it has to be, and stays as it is elsewhere",
    rule,
    on: { from: tellsCase, to: ["dropbox"] },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "put", "cafe\u0301.txt", "one"]],
        costs: { to: { uploads: 1 } },
        from: { "cafe\u0301.txt": "one", "stay.txt": "stay" },
        to: { "caf\u00e9.txt": "one", "stay.txt": "stay" },
      },
      {
        do: [["to", "put", "caf\u00e9.txt", "edited there"]],
        costs: { from: { uploads: 1 } },
        from: { "cafe\u0301.txt": "edited there", "stay.txt": "stay" },
        to: { "caf\u00e9.txt": "edited there", "stay.txt": "stay" },
      },
    ],
  }),
  {
    name: "a composed and a decomposed name side by side: the second gets an alias",
    rule,
    on: { from: tellsCase, to: ["dropbox"] },
    given: { "caf\u00e9.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "put", "cafe\u0301.txt", "another"]],
        costs: { to: { uploads: 1 } },
        from: { "caf\u00e9.txt": "one", "cafe\u0301.txt": "another", "stay.txt": "stay" },
        to: { "caf\u00e9.txt": "one", "caf\u00e9 (2).txt": "another", "stay.txt": "stay" },
      },
    ],
  },
  ...bothWays({
    name: "OneDrive keeps a decomposed name as it is, and takes a composed one beside it for the same",
    rule,
    on: { from: tellsCase, to: ["onedrive"] },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "put", "cafe\u0301.txt", "one"]],
        costs: { to: { uploads: 1 } },
        both: { "cafe\u0301.txt": "one", "stay.txt": "stay" },
      },
      {
        do: [["from", "put", "caf\u00e9.txt", "another"]],
        costs: { to: { uploads: 1 } },
        from: { "cafe\u0301.txt": "one", "caf\u00e9.txt": "another", "stay.txt": "stay" },
        to: { "cafe\u0301.txt": "one", "caf\u00e9 (2).txt": "another", "stay.txt": "stay" },
      },
    ],
  }),
  ...bothWays({
    name: "duplicates of one name on Drive: the second gets an alias, which survives the first",
    rule,
    on: { from: ["drive"], to: uniqueNames },
    given,
    chapters: [
      {
        do: [["from", "another", "a.txt", "the second"]],
        costs: { to: { uploads: 1 } },
        from: { ...given, "a.txt#2": "the second" },
        to: { ...given, "a (2).txt": "the second" },
      },
      {
        do: [["from", "trash", "a.txt"]],
        costs: { to: { trashes: 1 } },
        from: { "a.txt": "the second", "stay.txt": "stay" },
        to: { "a (2).txt": "the second", "stay.txt": "stay" },
      },
      {
        do: [["from", "put", "a.txt", "the second, edited"]],
        costs: { to: { uploads: 1 } },
        from: { "a.txt": "the second, edited", "stay.txt": "stay" },
        to: { "a (2).txt": "the second, edited", "stay.txt": "stay" },
      },
    ],
  }),
  {
    name: "mirror: duplicates of one name on Drive",
    rule: { mode: "mirror" },
    on: { from: ["drive"], to: uniqueNames },
    given,
    chapters: [
      {
        do: [["from", "another", "a.txt", "the second"]],
        costs: { to: { uploads: 1 } },
        from: { ...given, "a.txt#2": "the second" },
        to: { ...given, "a (2).txt": "the second" },
      },
    ],
  },
  ...bothWays({
    name: "a name that the other side refuses: an alias follows edits, a rename ends it",
    rule,
    on: { from: tellsCase, to: caseless },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "put", "what\\if.txt", "one"]],
        costs: { to: { uploads: 1 } },
        from: { "what\\if.txt": "one", "stay.txt": "stay" },
        to: { "what＼if.txt": "one", "stay.txt": "stay" },
      },
      {
        do: [["to", "put", "what＼if.txt", "edited there"]],
        costs: { from: { uploads: 1 } },
        from: { "what\\if.txt": "edited there", "stay.txt": "stay" },
        to: { "what＼if.txt": "edited there", "stay.txt": "stay" },
      },
      {
        do: [["to", "move", "what＼if.txt", "plain.txt"]],
        costs: { from: { moves: 1 } },
        both: { "plain.txt": "edited there", "stay.txt": "stay" },
      },
    ],
  }),
  ...bothWays({
    name: "names that OneDrive keeps for itself get aliases, also of folders",
    rule,
    on: { from: [...tellsCase, "dropbox"], to: ["onedrive"] },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "put", "10:30?.txt", "one"],
          ["from", "put", "ends.", "two"],
          ["from", "put", "Con/.lock", "three"],
        ],
        costs: { to: { uploads: 3, folders: 1 } },
        from: {
          "10:30?.txt": "one",
          "ends.": "two",
          "Con/.lock": "three",
          "stay.txt": "stay",
        },
        to: {
          "10：30？.txt": "one",
          "ends．": "two",
          "Con_/.lock_": "three",
          "stay.txt": "stay",
        },
      },
      {
        do: [
          ["to", "put", "Con_/.lock_", "edited there"],
          ["from", "move", "10:30?.txt", "Con/noon.txt"],
        ],
        costs: { from: { uploads: 1 }, to: { moves: 1 } },
        from: {
          "Con/noon.txt": "one",
          "ends.": "two",
          "Con/.lock": "edited there",
          "stay.txt": "stay",
        },
        to: {
          "Con_/noon.txt": "one",
          "ends．": "two",
          "Con_/.lock_": "edited there",
          "stay.txt": "stay",
        },
      },
    ],
  }),
  ...bothWays({
    name: "a folder that needs an alias, and what happens in it",
    rule,
    on: { from: tellsCase, to: caseless },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "put", "either\\or/a.txt", "one"]],
        costs: { to: { folders: 1, uploads: 1 } },
        from: { "either\\or/a.txt": "one", "stay.txt": "stay" },
        to: { "either＼or/a.txt": "one", "stay.txt": "stay" },
      },
      {
        do: [["to", "put", "either＼or/b.txt", "bee"]],
        costs: { from: { uploads: 1 } },
        from: { "either\\or/a.txt": "one", "either\\or/b.txt": "bee", "stay.txt": "stay" },
        to: { "either＼or/a.txt": "one", "either＼or/b.txt": "bee", "stay.txt": "stay" },
      },
    ],
  }),
];
