import { describe, expect, it } from "vitest";
import { driveLikeNames, dropboxLikeNames } from "../../providers/memory/names.ts";
import { previewDraft } from "../../src/engine/draft.ts";
import { createWorld, type World, type WorldOptions } from "./harness.ts";

interface Case {
  readonly name: string;
  readonly world?: WorldOptions;
  readonly people: (world: World) => void;
  /** What each warning is about, how many it counts and what it names. */
  readonly warnings: readonly (readonly [about: string, count: number, ...some: string[]])[];
}

const cases: readonly Case[] = [
  { name: "nothing", people: ({ from }) => void from.put("/in/a", "1"), warnings: [] },
  {
    name: "names, twins and sizes",
    world: { from: { rules: driveLikeNames }, to: { rules: dropboxLikeNames, maxFileBytes: 5 } },
    people({ from }) {
      from.put("/in/a\\b", "1");
      from.put("/in/x", "1");
      from.put("/in/X", "1");
      from.put("/in/large", "123456");
    },
    warnings: [
      ["names", 1, "a\\b → a＼b"],
      ["twins", 1, "x and X"],
      ["too-large", 1, "large"],
    ],
  },
  {
    name: "nothing of what the filters leave out, nor of its folders",
    world: { to: { rules: dropboxLikeNames }, rule: { include: ["**/*.txt"] } },
    people({ from }) {
      from.put("/in/a\\b/c.md", "1");
      from.put("/in/d\\e/f.txt", "1");
    },
    warnings: [["names", 1, "d\\e → d＼e"]],
  },
  {
    name: "names of the destination, where files come from there, too",
    world: { from: { rules: dropboxLikeNames }, rule: { mode: "two-way" } },
    people({ from, to }) {
      from.mkdir("/in");
      to.put("/out/a\\b", "1");
    },
    warnings: [["names", 1, "a\\b → a＼b"]],
  },
  {
    name: "documents that are exported, and others that can't be",
    people({ from }) {
      from.document("/in/Plan", "document", { docx: "1" });
      from.document("/in/Form", "form", {});
    },
    warnings: [
      ["native", 1, "Plan.docx"],
      ["left-out", 1, "Form (form)"],
    ],
  },
  {
    name: "documents that the rule leaves out",
    world: { rule: { googleDocs: "skip" } },
    people: ({ from }) => void from.document("/in/Plan", "document", { docx: "1" }),
    warnings: [["left-out", 1, "Plan (document)"]],
  },
  {
    name: "other content under the same name",
    people({ from, to }) {
      from.put("/in/a", "1");
      to.put("/out/a", "other");
    },
    warnings: [["conflicts", 1, "a"]],
  },
  {
    name: "equal sizes without a hash in common",
    world: { from: { hashes: ["md5"] } },
    people({ from, to }) {
      from.put("/in/a", "1");
      to.put("/out/a", "2");
    },
    warnings: [["compared", 1, "a"]],
  },
  {
    name: "a mirror that would remove",
    world: { rule: { mode: "mirror" } },
    people({ from, to }) {
      from.put("/in/a", "1");
      to.put("/out/b", "2");
    },
    warnings: [
      ["removals", 1, "b"],
      ["held", 0],
    ],
  },
];

const look = (world: World, signal = new AbortController().signal) => {
  const { job, context } = world;
  const open = (name: string) => (name === job.from.name ? job.from : job.to);
  return previewDraft(job.rule, open, context, { signal });
};

describe("a look at a rule that nobody has made yet warns of", () => {
  it.each(cases)("$name", async ({ world: options = {}, people, warnings }) => {
    const world = createWorld(options);
    people(world);
    const told = (await look(world)).warnings;
    expect(told.map(({ about, count, some }) => [about, count, ...some])).toEqual(warnings);
    for (const { message } of told) expect(message).toMatch(/^\S.*\.$/);
  });
});

describe("a look at a rule", () => {
  it("says that the source is not there", async () => {
    await expect(look(createWorld())).rejects.toThrow("the folder a:/in does not exist");
  });

  it("ends when nobody waits for it", async () => {
    const world = createWorld();
    world.from.put("/in/a", "1");
    const left = new AbortController();
    left.abort(new Error("nobody waits"));
    await expect(look(world, left.signal)).rejects.toThrow("nobody waits");
  });
});
