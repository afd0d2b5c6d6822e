import { bothWays, type Scenario } from "../scenario.ts";
import { someExport } from "../tree.ts";

/** Items that live only in their service: documents of Google's, and notebooks on OneDrive, which nobody exports. */

const withDocuments = ["drive", "onedrive"] as const;

export const documents: readonly Scenario[] = [
  {
    name: "copy: exported, and again only when it changed",
    rule: { mode: "copy" },
    on: { from: ["drive"] },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "document", "Plan"]],
        costs: { to: { uploads: 1 } },
        from: { Plan: null, "stay.txt": "stay" },
        to: { "Plan.docx": someExport, "stay.txt": "stay" },
      },
      { do: [["from", "document", "Plan"]], costs: { to: { uploads: 1 } } },
    ],
  },
  {
    name: "mirror: exported, and gone with the document",
    rule: { mode: "mirror" },
    on: { from: ["drive"] },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "document", "Plan"]],
        costs: { to: { uploads: 1 } },
        from: { Plan: null, "stay.txt": "stay" },
        to: { "Plan.docx": someExport, "stay.txt": "stay" },
      },
      {
        do: [["from", "trash", "Plan"]],
        costs: { to: { trashes: 1 } },
        both: { "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "mirror: a document at to is never removed",
    rule: { mode: "mirror" },
    on: { to: withDocuments },
    given: { "stay.txt": "stay" },
    chapters: [
      {
        do: [["to", "document", "Plan"]],
        from: { "stay.txt": "stay" },
        to: { Plan: null, "stay.txt": "stay" },
      },
    ],
  },
  {
    name: "mirror: a folder that is gone at from keeps the document that to has in it",
    rule: { mode: "mirror" },
    on: { to: withDocuments },
    given: { "d/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [
          ["to", "document", "d/Plan"],
          ["from", "trash", "d"],
        ],
        costs: { to: { trashes: 1 } },
        from: { "stay.txt": "stay" },
        to: { "d/Plan": null, "stay.txt": "stay" },
      },
    ],
  },
  ...bothWays({
    name: "two-way, documents left out: they stay where they are",
    rule: { mode: "two-way", googleDocs: "skip" },
    on: { from: withDocuments },
    given: { "d/a.txt": "one", "stay.txt": "stay" },
    chapters: [
      {
        do: [["from", "document", "d/Plan"]],
        from: { "d/a.txt": "one", "d/Plan": null, "stay.txt": "stay" },
        to: { "d/a.txt": "one", "stay.txt": "stay" },
      },
      {
        do: [["to", "trash", "d"]],
        costs: { from: { trashes: 1 }, to: { folders: 1 } },
        from: { "d/Plan": null, "stay.txt": "stay" },
        to: { "d/": null, "stay.txt": "stay" },
      },
    ],
  }),
];
