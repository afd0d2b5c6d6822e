import { bothWays, type RulePart, type Scenario } from "../scenario.ts";

/** What goes wrong between the engine and a service leaves no trace. */

const rule: RulePart = { mode: "two-way" };
const given = { "a.txt": "one", "stay.txt": "stay" };
const alike = "the layers above the services deal with it";
const uploaded = { ...given, "n.txt": "new" };

export const faults: readonly Scenario[] = [
  ...bothWays({
    name: "the answer to an upload is lost: one file all the same",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "new"],
          ["to", "fail", { call: "write", how: "answer lost" }],
        ],
        costs: "any",
        both: uploaded,
      },
    ],
  }),
  ...bothWays({
    name: "the answer to an update is lost: no conflict with ourselves",
    inMemoryOnly: alike,
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "two, longer"],
          ["to", "fail", { call: "write", how: "answer lost" }],
        ],
        costs: "any",
        both: { ...given, "a.txt": "two, longer" },
      },
    ],
  }),
  {
    name: "the answer to a move is lost: it is where it belongs",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "b.txt"],
          ["to", "fail", { call: "move", how: "answer lost" }],
        ],
        costs: "any",
        both: { "b.txt": "one", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "the answer to a removal is lost: it is gone at both sides",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "trash", "a.txt"],
          ["to", "fail", { call: "trash", how: "answer lost" }],
        ],
        costs: "any",
        both: { "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "the answer to a new folder is lost: one folder all the same",
    inMemoryOnly: alike,
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "d/n.txt", "new"],
          ["to", "fail", { call: "createFolder", how: "answer lost" }],
        ],
        costs: "any",
        both: { ...given, "d/n.txt": "new" },
      },
    ],
  },
  {
    name: "the answer to the step of a swap is lost",
    inMemoryOnly: alike,
    rule,
    given: { "a.txt": "first", "b.txt": "second one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["from", "move", "a.txt", "t"],
          ["from", "move", "b.txt", "a.txt"],
          ["from", "move", "t", "b.txt"],
          ["to", "fail", { call: "move", how: "answer lost" }],
        ],
        costs: "any",
        both: { "a.txt": "second one", "b.txt": "first", "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "the answer to the renaming of a conflict copy is lost: one copy all the same",
    inMemoryOnly: alike,
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "mine"],
          ["to", "put", "a.txt", "theirs, longer"],
          ["to", "fail", { call: "move", how: "answer lost" }],
        ],
        costs: "any",
        both: { "a.txt": "mine", "a (conflict).txt": "theirs, longer", "stay.txt": "stay" },
      },
    ],
  },
  ...bothWays({
    name: "the feed is refused once: nothing is taken for removed",
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "new"],
          ["from", "fail", { call: "changes", how: "refused" }],
        ],
        costs: "any",
        both: uploaded,
      },
    ],
  }),
  {
    name: "a reading is refused once",
    inMemoryOnly: alike,
    rule,
    given,
    chapters: [
      {
        do: [
          ["from", "put", "n.txt", "new"],
          ["from", "fail", { call: "read", how: "refused" }],
        ],
        costs: "any",
        both: uploaded,
      },
    ],
  },
  {
    name: "move: the answer to the removal at from is lost",
    inMemoryOnly: alike,
    rule: { mode: "move" },
    chapters: [
      {
        do: [
          ["from", "put", "a.txt", "one"],
          ["from", "fail", { call: "trash", how: "answer lost" }],
        ],
        costs: "any",
        from: {},
        to: { "a.txt": "one" },
      },
    ],
  },
  {
    name: "mirror: the answer to a file put back is lost",
    inMemoryOnly: alike,
    rule: { mode: "mirror" },
    given,
    chapters: [
      {
        do: [
          ["to", "put", "a.txt", "theirs, longer"],
          ["to", "fail", { call: "write", how: "answer lost" }],
        ],
        costs: "any",
        both: given,
      },
    ],
  },
];
