import { describe } from "vitest";
import { driveLike, dropboxLike } from "./harness.ts";
import { type Scenario, testScenario } from "./scenario.ts";

const filters: Scenario[] = [
  {
    name: "takes only what the filters let in, with the folders that it needs",
    rule: { include: ["**/*.pdf"], exclude: ["**/draft*/**"] },
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.pdf", "a"],
          ["from", "put", "/in/b.txt", "b"],
          ["from", "put", "/in/deep/c.pdf", "c"],
          ["from", "put", "/in/drafts/d.pdf", "d"],
          ["from", "mkdir", "/in/empty"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 2 },
        out: { "": null, "a.pdf": "a", "deep/": null, "deep/c.pdf": "c" },
      },
      {
        do: [["from", "move", "/in/b.txt", "/in/deep/b.pdf"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.pdf": "a", "deep/": null, "deep/b.pdf": "b", "deep/c.pdf": "c" },
      },
      {
        do: [["from", "move", "/in/drafts", "/in/final"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: {
          "": null,
          "a.pdf": "a",
          "deep/": null,
          "deep/b.pdf": "b",
          "deep/c.pdf": "c",
          "final/": null,
          "final/d.pdf": "d",
        },
      },
    ],
  },
  {
    name: "finds what is moved into the location, whatever its dates",
    chapters: [
      {
        do: [
          ["from", "put", "/elsewhere/tree/a.txt", "old"],
          ["from", "mkdir", "/in"],
        ],
        costs: {},
        out: {},
      },
      {
        do: [["from", "move", "/elsewhere/tree", "/in/tree"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "tree/": null, "tree/a.txt": "old" },
      },
    ],
  },
  {
    name: "takes a file when it has grown old enough, and not before",
    rule: { where: { olderThanMs: 3_600_000 } },
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "young"]],
        costs: {},
        out: {},
      },
      {
        do: [["wait", 3_600_000]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "young" },
      },
    ],
  },
  {
    name: "leaves out what is too large or too small",
    rule: { where: { largerThanBytes: 2, smallerThanBytes: 5 } },
    chapters: [
      {
        do: [
          ["from", "put", "/in/1", "1"],
          ["from", "put", "/in/3", "333"],
          ["from", "put", "/in/9", "999999999"],
        ],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "3": "333" },
      },
    ],
  },
  {
    name: "puts files where the template says, and follows a rename",
    rule: { as: "{yyyy}/{mm}/{name}" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/deep/a.txt", "a"],
          ["from", "put", "/in/b.txt", "b"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 3 },
        out: {
          "": null,
          "2026/": null,
          "2026/01/": null,
          "2026/01/a.txt": "a",
          "2026/01/b.txt": "b",
        },
      },
      {
        do: [
          ["from", "move", "/in/deep/a.txt", "/in/deep/c.txt"],
          ["from", "put", "/in/b.txt", "bb"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: {
          "": null,
          "2026/": null,
          "2026/01/": null,
          "2026/01/b.txt": "bb",
          "2026/01/c.txt": "a",
        },
      },
    ],
  },
  {
    name: "numbers files that the template sends to one place",
    rule: { as: "all/{name}" },
    to: dropboxLike,
    chapters: [
      {
        do: [
          ["from", "put", "/in/x/a.txt", "x"],
          ["from", "put", "/in/y/a.txt", "y"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 2 },
        out: { "": null, "all/": null, "all/a.txt": "x", "all/a (2).txt": "y" },
      },
    ],
  },
];

const meeting = [
  ["from", "put", "/in/a.txt", "source"],
  ["to", "put", "/out/a.txt", "theirs"],
] as const;
const aside = "a (conflict, b, 2026-01-01 00-02-00, 4c55a8).txt";

const conflicts: Scenario[] = [
  {
    name: "keep-both: the other file gives its name free",
    chapters: [
      {
        do: meeting,
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "a.txt": "source", [aside]: "theirs" },
      },
    ],
  },
  {
    name: "from: the source's replaces it, in place",
    rule: { conflict: "from" },
    chapters: [
      { do: meeting, costs: { uploads: 1, downloads: 1 }, out: { "": null, "a.txt": "source" } },
    ],
  },
  {
    name: "to: the destination's stays, until the source changes again",
    rule: { conflict: "to" },
    chapters: [
      { do: meeting, costs: {}, out: { "": null, "a.txt": "theirs" } },
      {
        do: [["from", "put", "/in/b.txt", "b"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "theirs", "b.txt": "b" },
      },
    ],
  },
  {
    name: "newest: the later one wins",
    rule: { conflict: "newest" },
    chapters: [
      { do: meeting, costs: {}, out: { "": null, "a.txt": "theirs" } },
      {
        do: [["from", "put", "/in/a.txt", "later"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "later" },
      },
    ],
  },
  {
    name: "both edited: the destination's edit is set aside, once",
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["from", "put", "/in/a.txt", "source"],
          ["to", "put", "/out/a.txt", "theirs"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: {
          "": null,
          "a.txt": "source",
          "a (conflict, b, 2026-01-01 00-03-00, 4c55a8).txt": "theirs",
        },
      },
    ],
  },
  {
    name: "a copy that was removed stays away until the source changes",
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      { do: [["to", "trash", "/out/a.txt"]], costs: {}, out: { "": null } },
      {
        do: [["from", "put", "/in/a.txt", "two"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "two" },
      },
    ],
  },
  {
    name: "a copy that was moved is updated where it is, and not moved back",
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["to", "move", "/out/a.txt", "/out/mine/kept.txt"],
          ["from", "move", "/in/a.txt", "/in/b.txt"],
          ["from", "put", "/in/b.txt", "two"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "mine/": null, "mine/kept.txt": "two" },
      },
    ],
  },
  {
    name: "a destination folder that was taken away is filled anew, and its like adopted",
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [["to", "move", "/out", "/last year"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["to", "trash", "/out"],
          ["to", "move", "/last year", "/out"],
        ],
        costs: {},
        out: { "": null, "a.txt": "one" },
      },
    ],
  },
  {
    name: "removed and made anew under one name is an edit, not a conflict",
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["from", "trash", "/in/a.txt"],
          ["from", "put", "/in/a.txt", "two"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "two" },
      },
      {
        do: [
          ["from", "trash", "/in/a.txt"],
          ["from", "put", "/in/a.txt", "two"],
        ],
        costs: {},
        out: { "": null, "a.txt": "two" },
      },
    ],
  },
  {
    name: "trashed at the source it stays; restored it is the same again",
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      { do: [["from", "trash", "/in/a.txt"]], costs: {}, out: { "": null, "a.txt": "one" } },
      { do: [["from", "restore", "/in/a.txt"]], costs: {}, out: { "": null, "a.txt": "one" } },
    ],
  },
];

const names: Scenario[] = [
  {
    name: "duplicates get stable other names, the elder the plain one",
    from: driveLike,
    to: dropboxLike,
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "first"],
          ["from", "another", "/in/a.txt", "second"],
          ["from", "another", "/in/A.txt", "third"],
        ],
        costs: { uploads: 3, downloads: 3, folders: 1 },
        out: { "": null, "a.txt": "first", "a (2).txt": "second", "A (3).txt": "third" },
      },
      {
        do: [["from", "trash", "/in/a.txt"]],
        costs: {},
        out: { "": null, "a.txt": "first", "a (2).txt": "second", "A (3).txt": "third" },
      },
    ],
  },
  {
    name: "a name that the other side refuses gets an alias that a later edit and rename keep",
    from: driveLike,
    to: dropboxLike,
    chapters: [
      {
        do: [["from", "put", "/in/what\\if.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "what＼if.txt": "one" },
      },
      {
        do: [["from", "put", "/in/what\\if.txt", "two"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "what＼if.txt": "two" },
      },
      {
        do: [["from", "move", "/in/what\\if.txt", "/in/plain.txt"]],
        costs: { moves: 1 },
        out: { "": null, "plain.txt": "two" },
      },
    ],
  },
  {
    name: "a rename that changes only the case is one",
    to: dropboxLike,
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [["from", "move", "/in/a.txt", "/in/A.txt"]],
        costs: { moves: 1 },
        out: { "": null, "A.txt": "one" },
      },
    ],
  },
];

const documents: Scenario[] = [
  {
    name: "documents are exported, and again only when they change",
    from: driveLike,
    to: dropboxLike,
    chapters: [
      {
        do: [
          ["from", "document", "/in/Plan", "words"],
          ["from", "put", "/in/Plan.docx", "a real file"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, "Plan.docx": "a real file", "Plan (2).docx": "words" },
      },
      {
        do: [["from", "document", "/in/Plan", "other words"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "Plan.docx": "a real file", "Plan (2).docx": "other words" },
      },
      {
        do: [["from", "move", "/in/Plan", "/in/Idea"]],
        costs: { moves: 1 },
        out: { "": null, "Plan.docx": "a real file", "Idea.docx": "other words" },
      },
    ],
  },
  {
    name: "documents as PDF",
    rule: { googleDocs: "pdf" },
    from: driveLike,
    chapters: [
      {
        do: [["from", "document", "/in/Plan", "words"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "Plan.pdf": "words" },
      },
    ],
  },
  {
    name: "documents left out",
    rule: { googleDocs: "skip" },
    from: driveLike,
    chapters: [{ do: [["from", "document", "/in/Plan", "words"]], costs: {}, out: {} }],
  },
];

describe("filters and templates", () => {
  for (const scenario of filters) testScenario(scenario);
});
describe("conflicts and leavings", () => {
  for (const scenario of conflicts) testScenario(scenario);
});
describe("names", () => {
  for (const scenario of names) testScenario(scenario);
});
describe("documents of the service's own", () => {
  for (const scenario of documents) testScenario(scenario);
});
