import { describe, expect, it } from "vitest";
import type { Mode } from "../../src/core/rule.ts";
import { expectSteps } from "./cases.ts";
import { createTrees, type Trees } from "./planned.ts";
import { bring } from "./settle.ts";

const start = (mode: Mode) => () => createTrees({ rule: { mode } });

/** Both sides are in step with a document of `from` and its export. */
function exported(mode: Mode): () => Trees {
  return () => {
    const trees = start(mode)();
    trees.document("from", "d/doc");
    bring(trees);
    expect(trees.paths("to")).toEqual(["d", "d/doc.docx"]);
    return trees;
  };
}

describe("what lives only in its service", () => {
  it.each<Mode>(["copy", "move", "mirror", "two-way"])(
    "%s: arrives as an export, and stays",
    (mode) => {
      const trees = expectSteps(start(mode), ({ document }) => document("from", "doc"), [
        "upload to doc.docx",
      ]);
      expect(trees.paths("from")).toEqual(["doc"]);
    },
  );

  it("is exported again when it has changed", () => {
    for (const mode of ["copy", "mirror", "two-way"] as const) {
      const change = (trees: Trees) => {
        const { from, find } = trees;
        from.touch(find("from", "d/doc")?.id ?? from.root);
      };
      expectSteps(exported(mode), change, ["update to d/doc.docx"]);
    }
  });

  it("its export follows it", () => {
    for (const mode of ["copy", "mirror", "two-way"] as const) {
      const rename = ({ move }: Trees) => move("from", "d/doc", "d/other");
      expectSteps(exported(mode), rename, ["rename to d/doc.docx -> d/other.docx"]);
    }
  });

  it("goes nowhere when its export goes: it comes back where the mode says so", () => {
    const drop = ({ drop }: Trees) => drop("to", "d/doc.docx");
    expectSteps(exported("mirror"), drop, ["upload to d/doc.docx"]);
    expectSteps(exported("two-way"), drop, []);
  });

  it("takes no bytes from the other side", () => {
    const edit = ({ put }: Trees) => put("to", "d/doc.docx", "edited");
    expectSteps(exported("two-way"), edit, []);
    expectSteps(exported("mirror"), edit, ["update to d/doc.docx"]);
  });

  it("is not removed by a mirror, nor is the folder that holds it", () => {
    const story = ({ document, put }: Trees) => {
      document("to", "extra/doc");
      put("to", "extra/file", "file");
    };
    const trees = expectSteps(start("mirror"), story, ["trash to extra/file"]);
    expect(trees.paths("to")).toEqual(["extra", "extra/doc"]);
  });

  it("is not removed with a folder that the other side removed", () => {
    const trees = expectSteps(exported("two-way"), ({ drop }) => drop("to", "d"), [
      "create-folder to d",
    ]);
    expect(trees.paths("from")).toEqual(["d", "d/doc"]);
  });

  it("is left out where the rule says so", () => {
    const skip = () => createTrees({ rule: { mode: "two-way", googleDocs: "skip" } });
    expectSteps(skip, ({ document }) => document("from", "doc"), []);
  });
});
