import type { Mode, Rule } from "../../src/core/rule.ts";
import type { Operation } from "../engine/scenario.ts";
import type { CloudKind } from "./kinds.ts";

/** Some work that one run brings in step, as data. */
export interface Workload {
  readonly name: string;
  readonly mode: Mode;
  /** Default: `dropbox` to `drive`. */
  readonly clouds?: readonly [from: CloudKind, to: CloudKind];
  readonly rule?: Partial<Rule>;
  /** What is there, and in step, before. */
  readonly before: readonly Operation[];
  readonly work: readonly Operation[];
}

const drives = ["drive", "drive"] as const;
const plains = ["plain", "plain"] as const;
const toPlain = ["drive", "plain"] as const;
const hashless = ["plain", "hashless"] as const;

const put = (side: "from" | "to", path: string, text: string): Operation => [
  side,
  "put",
  `${side === "from" ? "/in" : "/out"}/${path}`,
  text,
];
const move = (side: "from" | "to", path: string, to: string): Operation => {
  const folder = side === "from" ? "/in" : "/out";
  return [side, "move", `${folder}/${path}`, `${folder}/${to}`];
};
const trash = (side: "from" | "to", path: string): Operation => [
  side,
  "trash",
  `${side === "from" ? "/in" : "/out"}/${path}`,
];
const mkdir = (side: "from" | "to", path: string): Operation => [
  side,
  "mkdir",
  `${side === "from" ? "/in" : "/out"}/${path}`,
];

const tree = [
  put("from", "a.txt", "a"),
  put("from", "d/b.txt", "b"),
  put("from", "d/e/c.txt", "c"),
];
const swap = (side: "from" | "to") => [
  move(side, "a.txt", "aside"),
  move(side, "b.txt", "a.txt"),
  move(side, "aside", "b.txt"),
];
const pair = [put("from", "a.txt", "a"), put("from", "b.txt", "b")];

/** What all modes are to survive; those of copy and move first. */
export const workloads: readonly Workload[] = [
  { name: "a new tree", mode: "copy", before: [], work: tree },
  { name: "a new tree without hashes", mode: "copy", clouds: hashless, before: [], work: tree },
  {
    name: "an edit, a rename and a moved folder",
    mode: "copy",
    before: tree,
    work: [
      put("from", "a.txt", "a2"),
      move("from", "d/b.txt", "d/b2.txt"),
      move("from", "d/e", "e"),
    ],
  },
  { name: "a swap of names", mode: "copy", clouds: plains, before: pair, work: swap("from") },
  {
    name: "another's file at the name",
    mode: "copy",
    before: [],
    work: [put("to", "a.txt", "theirs"), put("from", "a.txt", "ours")],
  },
  {
    name: "an edited copy",
    mode: "copy",
    clouds: toPlain,
    before: pair,
    work: [put("to", "a.txt", "theirs"), put("from", "a.txt", "ours")],
  },
  {
    name: "a file that became a folder",
    mode: "copy",
    before: pair,
    work: [trash("from", "a.txt"), put("from", "a.txt/x", "x")],
  },
  { name: "files by date", mode: "copy", rule: { as: "{yyyy}/{name}" }, before: [], work: tree },
  { name: "a new tree", mode: "move", before: [], work: tree },
  { name: "a new tree to one without ids", mode: "move", clouds: toPlain, before: [], work: tree },
  { name: "a new tree without hashes", mode: "move", clouds: hashless, before: [], work: pair },
  {
    name: "what is there already",
    mode: "move",
    before: [],
    work: [...pair, put("to", "a.txt", "a"), put("to", "b.txt", "theirs")],
  },
  { name: "a new tree", mode: "mirror", before: [], work: tree },
  {
    name: "removals",
    mode: "mirror",
    before: tree,
    work: [trash("from", "d"), trash("from", "a.txt")],
  },
  {
    name: "extras",
    mode: "mirror",
    before: tree,
    work: [put("to", "x.txt", "x"), put("to", "d/y/z.txt", "z"), put("from", "n.txt", "n")],
  },
  {
    name: "edits, moves and removals at the destination",
    mode: "mirror",
    clouds: toPlain,
    before: tree,
    work: [put("to", "a.txt", "theirs"), move("to", "d/b.txt", "b.txt"), trash("to", "d/e")],
  },
  { name: "a swap of names", mode: "mirror", clouds: plains, before: pair, work: swap("from") },
  {
    name: "a file that became a folder",
    mode: "mirror",
    before: pair,
    work: [trash("from", "a.txt"), put("from", "a.txt/x", "x")],
  },
  {
    name: "a new tree from either side",
    mode: "two-way",
    before: [],
    work: [...tree, put("to", "d/t.txt", "t")],
  },
  {
    name: "a new tree without hashes",
    mode: "two-way",
    clouds: hashless,
    before: [],
    work: [...pair, put("to", "t.txt", "t")],
  },
  {
    name: "edits at both sides",
    mode: "two-way",
    before: tree,
    work: [put("from", "a.txt", "a2"), put("to", "d/b.txt", "b2")],
  },
  {
    name: "one file edited at both sides",
    mode: "two-way",
    before: tree,
    work: [put("from", "a.txt", "ours"), put("to", "a.txt", "theirs")],
  },
  {
    name: "one file edited at both sides, alike",
    mode: "two-way",
    before: tree,
    work: [put("from", "a.txt", "same"), put("to", "a.txt", "same")],
  },
  {
    name: "one name for two new files",
    mode: "two-way",
    clouds: plains,
    before: [],
    work: [put("from", "a.txt", "ours"), put("to", "a.txt", "theirs")],
  },
  {
    name: "a conflict that the newest wins",
    mode: "two-way",
    rule: { conflict: "newest" },
    before: tree,
    work: [put("from", "a.txt", "ours"), put("to", "a.txt", "theirs")],
  },
  {
    name: "renames and moves at both sides",
    mode: "two-way",
    before: tree,
    work: [move("from", "a.txt", "a2.txt"), move("to", "d/e", "e"), move("from", "d", "f")],
  },
  {
    name: "removals at both sides",
    mode: "two-way",
    before: tree,
    work: [trash("from", "a.txt"), trash("to", "d")],
  },
  {
    name: "an edit against a removal",
    mode: "two-way",
    before: tree,
    work: [put("from", "a.txt", "a2"), trash("to", "a.txt")],
  },
  {
    name: "a removed folder with an edit inside",
    mode: "two-way",
    before: tree,
    work: [put("from", "d/e/c.txt", "c2"), trash("to", "d")],
  },
  {
    name: "a removed folder with something new inside",
    mode: "two-way",
    clouds: toPlain,
    before: tree,
    work: [put("to", "d/n.txt", "n"), trash("from", "d")],
  },
  {
    name: "a move against a removal",
    mode: "two-way",
    before: tree,
    work: [move("from", "d", "f"), trash("to", "d")],
  },
  {
    name: "a child that left a folder before it went",
    mode: "two-way",
    before: tree,
    work: [move("from", "d/e/c.txt", "c.txt"), trash("from", "d")],
  },
  { name: "a swap of names", mode: "two-way", clouds: plains, before: pair, work: swap("to") },
  {
    name: "a swap of names where names may repeat",
    mode: "two-way",
    clouds: drives,
    before: pair,
    work: swap("from"),
  },
  {
    name: "folders moved into each other",
    mode: "two-way",
    clouds: plains,
    before: [put("from", "x/a", "a"), put("from", "y/b", "b")],
    work: [move("from", "x", "y/x"), move("to", "y", "x/y")],
  },
  {
    name: "a file that became a folder",
    mode: "two-way",
    before: pair,
    work: [trash("from", "a.txt"), put("from", "a.txt/x", "x")],
  },
  {
    name: "a file that became a folder, and was edited",
    mode: "two-way",
    before: pair,
    work: [trash("from", "a.txt"), put("from", "a.txt/x", "x"), put("to", "a.txt", "a2")],
  },
  {
    name: "a file and a folder of one name",
    mode: "two-way",
    clouds: plains,
    before: [],
    work: [put("from", "n", "file"), mkdir("to", "n"), put("to", "n/x", "x")],
  },
  {
    name: "a file that was removed and made anew",
    mode: "two-way",
    before: pair,
    work: [trash("to", "a.txt"), put("to", "a.txt", "new")],
  },
  {
    name: "two renames of one file",
    mode: "two-way",
    before: pair,
    work: [move("from", "a.txt", "c.txt"), move("to", "a.txt", "d.txt")],
  },
];
