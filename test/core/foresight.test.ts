import { describe, expect, it } from "vitest";
import { driveLikeNames, dropboxLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { Entry } from "../../src/core/entry.ts";
import { createForesight } from "../../src/core/foresight.ts";
import type { NameRules } from "../../src/core/names.ts";
import type { Rule } from "../../src/core/rule.ts";

interface Case {
  readonly name: string;
  readonly names: NameRules;
  readonly rule?: Partial<Rule>;
  /** Paths; a folder ends in `/`, a document in `.gdoc`. */
  readonly items: readonly string[];
  readonly renamed?: readonly string[];
  readonly twins?: readonly string[];
}

const cases: readonly Case[] = [
  { name: "nothing, where all fits", names: plainNames, items: ["a/", "a/b.txt", "c"] },
  {
    name: "names that can't be held, each once",
    names: dropboxLikeNames,
    items: ["a\\b/", "a\\b/c.txt", "d "],
    renamed: ["a\\b → a＼b", "d  → d␠"],
  },
  {
    name: "names that differ in case alone, in one folder",
    names: dropboxLikeNames,
    items: ["a/", "a/x.txt", "a/X.TXT", "x.txt"],
    twins: ["a/x.txt and a/X.TXT"],
  },
  { name: "no such names where case counts", names: plainNames, items: ["x", "X"] },
  { name: "two of one name where that may be", names: driveLikeNames, items: ["x", "x"] },
  { name: "two of one name", names: plainNames, items: ["x", "x"], twins: ["x and x"] },
  {
    name: "an export that has the name of a file",
    names: plainNames,
    items: ["plan.docx", "plan.gdoc"],
    twins: ["plan.docx and plan"],
  },
  {
    name: "paths that a template makes one, and folders that it doesn't make",
    names: driveLikeNames,
    rule: { as: "all: {name}" },
    items: ["a/", "a/x", "b/x", "b/y"],
    twins: ["a/x and b/x"],
  },
  {
    name: "what a template can't hold",
    names: dropboxLikeNames,
    rule: { as: "a\\b/{name}" },
    items: ["x"],
    renamed: ["x → a＼b/x"],
  },
];

describe("what can't come as it is", () => {
  it.each(cases)("$name", ({ names, rule, items, renamed = [], twins = [] }) => {
    const foresight = createForesight({ as: null, googleDocs: "export", ...rule }, names, 10);
    const folders = new Map<string, object>();
    for (const item of items) {
      const path = item.replace(/\/$|\.gdoc$/, "").split("/");
      const above = path.slice(0, -1).join("/");
      if (!folders.has(above)) folders.set(above, {});
      foresight.see(path, entryOf(item), folders.get(above) ?? {});
    }
    expect(foresight.found.renamed).toMatchObject({ count: renamed.length, some: renamed });
    expect(foresight.found.twins).toMatchObject({ count: twins.length, some: twins });
  });

  it("is a file that is too large", () => {
    const foresight = createForesight({ as: null, googleDocs: "export" }, plainNames, 10);
    for (const size of [10, 11]) {
      foresight.see([`${size}`], { ...entryOf(`${size}`), sizeBytes: size }, foresight);
    }
    expect(foresight.found.large).toMatchObject({ count: 1, some: ["11"] });
  });

  it("tells a few, and counts all", () => {
    const foresight = createForesight({ as: null, googleDocs: "export" }, dropboxLikeNames, null);
    for (let n = 0; n < 20; n++) foresight.see([`${n}/`], entryOf(`${n}`), foresight);
    expect(foresight.found.renamed).toMatchObject({ count: 20 });
    expect(foresight.found.renamed.some).toHaveLength(5);
  });
});

function entryOf(item: string): Entry {
  const isDocument = item.endsWith(".gdoc");
  return {
    id: item as Entry["id"],
    parent: null,
    name: item,
    kind: item.endsWith("/") ? "folder" : isDocument ? "native" : "file",
    sizeBytes: null,
    revision: null,
    hashes: {},
    modifiedAt: null,
    createdAt: null,
    ...(isDocument && { native: { type: "document", exports: ["docx"] } }),
  };
}
