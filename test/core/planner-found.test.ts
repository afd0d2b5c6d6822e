import { describe, expect, it } from "vitest";
import { driveLikeNames, dropboxLikeNames, plainNames } from "../../providers/memory/names.ts";
import { otherSide, sides } from "../../src/core/plan.ts";
import { createChance } from "../simulation/chance.ts";
import { agreed, expectAlike } from "./cases.ts";
import { createTrees, type Trees, type TreesOptions } from "./planned.ts";
import { bring, real } from "./settle.ts";

/** What random trees have shown to be wrong once, in its shortest form. */

const twoWay: TreesOptions = { rule: { mode: "two-way" } };

/** In many orders, and planned in parts. */
function expectSettled(
  story: (trees: Trees) => void,
  paths: readonly string[],
  options: TreesOptions,
  check: (trees: Trees) => void,
): void {
  for (let seed = 1; seed <= 30; seed++) {
    const trees = agreed(options, paths);
    story(trees);
    bring(trees, { chance: createChance(seed) });
    expect(real(trees.plan()), `order ${seed}`).toEqual([]);
    expect(new Set(trees.sent).size, `order ${seed}`).toBe(trees.sent.length);
    check(trees);
  }
}

describe("two-way", () => {
  it.each(sides)("a folder that %s moved comes back whole, also if planned in parts", (side) => {
    expectSettled(
      ({ move, drop }) => {
        move(side, "d/e", "moved");
        drop(otherSide(side), "d");
      },
      ["d/e/x", "d/y"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("to")).toEqual(["moved", "moved/x"]);
      },
    );
  });

  it("an edit in conflict that was moved onto a taken name gets one conflict's name", () => {
    expectSettled(
      ({ put, move }) => {
        put("from", "a", "edited at from");
        put("from", "taken", "new at from");
        put("to", "a", "edited at to");
        move("to", "a", "taken");
      },
      ["a"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        const paths = trees.paths("to");
        expect(paths).toHaveLength(3);
        expect(paths.filter((path) => /\(conflict,.*\(conflict,/.test(path))).toEqual([]);
      },
    );
  });

  it.each(sides)("a file that %s removed goes, though it was left under a passing name", (side) => {
    expectSettled(
      ({ move, drop }) => {
        move(otherSide(side), "a", ".syncline-swap-123456");
        drop(side, "a");
      },
      ["a"],
      twoWay,
      (trees) => expect([trees.paths("from"), trees.paths("to")]).toEqual([[], []]),
    );
  });

  it("a file that stays under `deletes: keep` is not left under a passing name", () => {
    expectSettled(
      ({ move, drop }) => {
        move("to", "d/a", "d/.syncline-swap-123456");
        drop("from", "d/a");
      },
      ["d/a"],
      { rule: { mode: "mirror", deletes: "keep" } },
      (trees) => expect(trees.paths("to")).toEqual(["d", "d/a"]),
    );
  });

  it.each(sides)("a file that %s moved shares no name with a folder that stays", (side) => {
    expectSettled(
      ({ drop, move }) => {
        drop(side, "d");
        move(otherSide(side), "d/x", "d/moved");
        move(side, "a", "d");
      },
      ["a", "d/x"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.find("from", "d")?.kind).toBe("folder");
      },
    );
  });

  it("a folder that comes back into a new one of its name brings all that is in it", () => {
    expectSettled(
      ({ move, drop, mkdir }) => {
        move("to", "d", "/elsewhere");
        drop("to", "a");
        drop("from", "a");
        move("from", "d", "a");
        mkdir("to", "a");
      },
      ["d/x", "a"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("to")).toEqual(["a", "a/x"]);
      },
    );
  });

  it("a folder that takes over from a moved one brings all that is in that", () => {
    expectSettled(
      ({ move, drop, mkdir }) => {
        move("from", "a", "b");
        move("to", "a/x", "/elsewhere");
        drop("to", "a");
        mkdir("to", "b");
      },
      ["a/x"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("to")).toEqual(["b", "b/x"]);
      },
    );
  });

  it("a folder goes into one that it holds, once that has left it", () => {
    expectSettled(
      ({ move }) => {
        move("to", "d/a", "aside");
        move("to", "A", "d/a");
        move("to", "aside", "A");
        move("to", "d", "A/d");
      },
      ["A", "d/a/"],
      twoWay,
      expectAlike,
    );
  });

  it("a new folder that gives its name away has one name at both sides", () => {
    expectSettled(
      ({ move, put }) => {
        move("from", "a", "d");
        put("to", "d/x", "new");
        move("to", "b", "d/b");
      },
      ["a", "b"],
      twoWay,
      expectAlike,
    );
  });

  it("folders may lie in what the rule does not look at", () => {
    expectSettled(
      ({ mkdir, move }) => {
        mkdir("from", "d/ignored");
        move("from", "a", "d/ignored/a");
        move("to", "d", "a/d");
      },
      ["a/", "d/"],
      { rule: { mode: "two-way", exclude: ["**/ignored"] } },
      expectAlike,
    );
  });

  it("what goes where the rule does not look takes along what it holds, whoever takes its place", () => {
    expectSettled(
      ({ move, mkdir }) => {
        mkdir("from", "ignored");
        move("from", "d", "ignored/d");
        mkdir("from", "d");
      },
      ["d/x"],
      { rule: { mode: "two-way", exclude: ["ignored"] } },
      (trees) => expect(trees.paths("to")).toEqual(["d"]),
    );
  });

  it("what a person took out of the rule's scope on both sides is nobody's to go on with", () => {
    expectSettled(
      ({ move, put }) => {
        move("from", "b", "ignored");
        move("to", "b", "A");
        put("from", "a", "new");
      },
      ["b"],
      {
        rule: { mode: "two-way", exclude: ["ignored", "A"], conflict: "to" },
        names: { from: plainNames, to: dropboxLikeNames },
      },
      (trees) => {
        expect(trees.tree("from")).toEqual({ a: "new", ignored: "b" });
        expect(trees.tree("to")).toEqual({ A: "b", "a (2)": "new" });
      },
    );
  });

  it("names that only one side takes for one meet once", () => {
    const names = { from: dropboxLikeNames, to: plainNames };
    expectSettled(
      ({ drop, move }) => {
        drop("from", "a");
        move("from", "d/x", "d/A");
        drop("to", "d/x");
        move("to", "a", "d/a");
      },
      ["a", "d/x"],
      { ...twoWay, names },
      expectAlike,
    );
  });

  it.each(sides)("a folder gets its name at %s when the file there has left it", (side) => {
    const other = otherSide(side);
    const namesOf = { [side]: driveLikeNames, [other]: dropboxLikeNames };
    const names = { from: plainNames, to: plainNames, ...namesOf };
    const story = ({ drop, mkdir, put }: Trees) => {
      put(side, "a", "edited");
      drop(other, "a");
      mkdir(other, "a");
    };
    const trees = agreed({ ...twoWay, names }, ["a"]);
    story(trees);
    const { steps } = trees.plan();
    const aside = steps.find(({ action }) => action.type === "set-aside");
    expect(steps.find((step) => step.do === "create-folder")?.after).toEqual([aside?.id]);
    expectSettled(story, ["a"], { ...twoWay, names }, (settled) => {
      expectAlike(settled);
      expect(settled.paths(side)).toEqual([expect.stringContaining("a (conflict,"), "a"]);
    });
  });

  it("a folder keeps its name beside one that differs in case alone", () => {
    expectSettled(
      ({ put, mkdir }) => {
        mkdir("from", "a");
        put("from", "A", "file");
        mkdir("to", "A");
      },
      [],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.find("to", "A")?.kind).toBe("folder");
      },
    );
  });
});

describe("two-way: what a swap that was cut off has left under a passing name", () => {
  it.each(sides)("has its name again at %s, although nothing else knows it any more", (side) => {
    expectSettled(
      ({ create }) => {
        create(side, ".syncline-swap-123456-a", "text");
        create(side, ".syncline-swap-abcdef-d/x", "another");
      },
      [],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.tree("to")).toEqual({ a: "text", "d/": null, "d/x": "another" });
      },
    );
  });

  it.each(sides)("has it again at %s when it stays for what is new in it", (side) => {
    expectSettled(
      ({ move, put, drop }) => {
        move(side, "d", ".syncline-swap-123456");
        put(side, ".syncline-swap-123456/new", "text");
        drop(otherSide(side), "d");
      },
      ["d/x"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("to")).toEqual(["d", "d/new"]);
      },
    );
  });

  it.each(sides)(
    "is removed at %s, too, when the filters leave out where the other has it",
    (side) => {
      expectSettled(
        ({ move }) => {
          move(side, "a", ".syncline-swap-123456-a");
          move(side, "d", ".syncline-swap-abcdef-d");
          move(otherSide(side), "a", "a.bak");
          move(otherSide(side), "d", "d.bak");
        },
        ["a", "d/x"],
        { rule: { mode: "two-way", exclude: ["**/*.bak"] } },
        (trees) => {
          expect(trees.paths(side)).toEqual([]);
          expect(trees.paths(otherSide(side))).toEqual(["a.bak", "d.bak", "d.bak/x"]);
        },
      );
    },
  );

  it("has it again when it was left so at both sides", () => {
    expectSettled(
      ({ move }) => {
        move("from", "a", ".syncline-swap-123456-b");
        move("to", "a", ".syncline-swap-abcdef-a");
      },
      ["a"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("to").filter((path) => path.startsWith("."))).toEqual([]);
      },
    );
  });

  it("has another one while somebody has its own", () => {
    expectSettled(
      ({ create }) => {
        create("to", ".syncline-swap-123456-a.txt", "text");
        create("to", "a.txt", "another");
      },
      [],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.tree("from")).toEqual({ "a.txt": "another", "a (2).txt": "text" });
      },
    );
  });

  it("shares the passing name with nobody of its content", () => {
    expectSettled(
      ({ put, move }) => {
        for (const path of ["a", "b", "c", "d"]) put("from", path, "same");
        for (const path of ["a", "b", "c", "d"]) put("to", path, "same");
        for (const [a, b] of [
          ["a", "b"],
          ["c", "d"],
        ] as const) {
          move("from", a, "aside");
          move("from", b, a);
          move("from", "aside", b);
        }
      },
      ["a", "b", "c", "d"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.done.to.detours).toBe(2);
      },
    );
  });
});

describe("two-way: folders that people put into each other", () => {
  it("one into a new folder in the other, which the other side put into it", () => {
    expectSettled(
      ({ move, mkdir }) => {
        move("from", "b", "a/b");
        mkdir("to", "b/new");
        move("to", "a", "b/new/a");
      },
      ["a/", "b/"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("from").sort()).toEqual(["a", "a/b", "a/b/new"]);
      },
    );
  });

  it("three, at two sides, in a circle", () => {
    expectSettled(
      ({ move }) => {
        move("from", "a", "b/a");
        move("to", "b", "c/b");
        move("to", "c", "a/c");
      },
      ["a/", "b/", "c/"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("to")).toHaveLength(3);
      },
    );
  });

  it.each(["mirror", "two-way"] as const)(
    "out of one that goes, under %s: with no detour",
    (mode) => {
      expectSettled(
        ({ move, drop }) => {
          move("from", "a/b", "b");
          move("from", "a/c", "b/c");
          move("from", "a/d", "b/c/d");
          drop("from", "a");
        },
        ["a/b/", "a/c/", "a/d/"],
        { rule: { mode } },
        (trees) => {
          expect(trees.paths("to")).toEqual(["b", "b/c", "b/c/d"]);
          expect(trees.done.to.detours).toBe(0);
        },
      );
    },
  );
});

describe("two-way: out of a folder that the other side removed", () => {
  it("a file that takes its name is set aside there, for its content", () => {
    expectSettled(
      ({ put, move, drop }) => {
        move("from", "b/c", "c");
        drop("from", "b");
        move("from", "c", "b");
        put("from", "b", "edited at from");
        put("to", "b/c", "edited at to");
      },
      ["b/c"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(Object.values(trees.tree("to")).sort()).toEqual(["edited at from", "edited at to"]);
      },
    );
  });

  it("a file goes nowhere when it is in conflict, and another has the name", () => {
    expectSettled(
      ({ put, move, drop }) => {
        move("to", "d/b", "c");
        drop("to", "d");
        put("to", "c", "edited at to");
        put("from", "d/b", "edited at from");
        put("from", "c", "new at from");
      },
      ["d/b"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        const contents = ["edited at from", "edited at to", "new at from"];
        for (const content of contents) expect(Object.values(trees.tree("to"))).toContain(content);
      },
    );
  });

  it("a file stays that has a passing name at that side", () => {
    expectSettled(
      ({ move, drop }) => {
        move("to", "d/b", ".syncline-swap-123456-b");
        drop("to", "d");
      },
      ["d/b"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("to")).toEqual(["d", "d/b"]);
      },
    );
  });
});

describe("two-way: a folder that both sides have made", () => {
  it("is linked before anything comes into it", () => {
    const trees = agreed(twoWay, []);
    for (const side of sides) trees.mkdir(side, "d");
    trees.put("from", "d/a", "new");
    const { steps } = trees.plan();
    const link = steps.find(({ action }) => action.type === "link");
    const upload = steps.find(({ action }) => action.type === "upload");
    expect(upload?.after).toEqual([link?.id]);
  });
});

describe.each(["mirror", "two-way"] as const)("%s: what the globs say of a name", (mode) => {
  it("is said of the name that the item has, not of its alias", () => {
    const names = { from: driveLikeNames, to: plainNames };
    const rule = { mode, include: ["report.pdf"] };
    expectSettled(
      ({ create }) => {
        create("from", "report.pdf", "one");
        create("from", "report.pdf", "two");
      },
      [],
      { rule, names },
      (trees) => {
        expect(trees.paths("to").sort()).toEqual(["report (2).pdf", "report.pdf"]);
        expect(trees.paths("from")).toHaveLength(2);
      },
    );
  });

  it("is said of a folder's name in the case that it has at either side", () => {
    const names = { from: plainNames, to: dropboxLikeNames };
    const rule = { mode, exclude: ["a/*"] };
    const trees = createTrees({ rule, names });
    trees.mkdir("from", "A");
    trees.put("from", "A/x", "x");
    trees.mkdir("to", "a");
    bring(trees);
    bring(trees);
    expect(trees.paths("to").map((path) => path.toLowerCase())).toEqual(["a", "a/x"]);
    expect(real(trees.plan())).toEqual([]);
  });
});

describe.each(["mirror", "two-way"] as const)("%s: a version that a person kept", (mode) => {
  it("and took out of the scope since then does not take the edit of the other side along", () => {
    const trees = agreed({ rule: { mode, include: ["*.txt"] } }, ["a.txt"]);
    trees.put("from", "a.txt", "edited at from");
    const edited = trees.find("from", "a.txt");
    if (!edited) throw new Error("from has no a.txt");
    trees.decide({ side: "from", item: edited.id }, "to");
    trees.move("to", "a.txt", "c.bak");
    bring(trees);
    expect(trees.tree("from")).toEqual({ "a.txt": "edited at from" });
    expect(trees.tree("to")).toEqual({ "a.txt": "edited at from", "c.bak": "a.txt" });
  });
});

describe("two-way: a new folder that makes room", () => {
  it("has one counterpart, under the name that it has then", () => {
    expectSettled(
      ({ mkdir, move }) => {
        mkdir("to", "c/b");
        move("to", "x", "c/b/x");
        move("from", "x", "c");
      },
      ["x"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("from").filter((path) => !path.startsWith("c (conflict, "))).toEqual([
          "c",
        ]);
      },
    );
  });

  it("brings what lies in it, in whatever order all is looked at", () => {
    expectSettled(
      ({ mkdir, move, drop }) => {
        mkdir("to", "a/a");
        move("to", "x", "a/a/c");
        move("to", "b", "a/b");
        move("from", "x", "a");
        drop("from", "b");
      },
      ["x", "b/"],
      twoWay,
      (trees) => {
        expectAlike(trees);
        expect(trees.paths("from").filter((path) => path.endsWith("/b"))).toHaveLength(1);
      },
    );
  });
});

describe("copy", () => {
  it("leaves a folder where it is when its new place lies in it, whatever moves above", () => {
    expectSettled(
      ({ move }) => {
        move("to", "c/b", "c/a/b");
        move("from", "c/a", "c/b/a");
        move("from", "c", "d");
      },
      ["c/a/", "c/b/"],
      {},
      (trees) => expect(trees.paths("to")).toEqual(["d", "d/a", "d/a/b"]),
    );
  });

  it("leaves a folder where it is when what goes elsewhere would hold it and lie in it", () => {
    expectSettled(
      ({ move }) => {
        move("to", "a", "b/a");
        move("from", "c", "a/c");
        move("from", "b", "a/c/b");
      },
      ["a/", "b/", "c/"],
      {},
      (trees) => {
        expect(trees.paths("to")).toEqual(["b", "b/a", "b/a/c"]);
        expect(trees.done.to.detours).toBe(0);
      },
    );
  });

  it("leaves a folder where it is when what lies between is only renamed", () => {
    expectSettled(
      ({ move }) => {
        move("to", "b", "c/a/b");
        move("from", "c", "b/c");
        move("from", "b/c/a", "b/c/renamed");
      },
      ["b/", "c/a/"],
      {},
      (trees) => {
        expect(trees.paths("to")).toEqual(["c", "c/renamed", "c/renamed/b"]);
        expect(trees.done.to.detours).toBe(0);
      },
    );
  });

  it("leaves a folder where it is when what lies between goes elsewhere in it", () => {
    expectSettled(
      ({ move }) => {
        move("to", "b", "c/a/b");
        move("to", "d", "c/d");
        move("from", "c/a", "d/a");
        move("from", "c", "b/c");
      },
      ["b/", "c/a/", "d/"],
      {},
      (trees) => {
        expect(trees.paths("to")).toEqual(["c", "c/d", "c/d/a", "c/d/a/b"]);
        expect(trees.done.to.detours).toBe(0);
      },
    );
  });

  it("leaves a folder where it is when what has its name goes with a folder that would hold it", () => {
    expectSettled(
      ({ move }) => {
        move("to", "p", "z/p");
        move("to", "q", "x/q");
        move("from", "p/n", "z/o");
        move("from", "z", "q/z");
        move("from", "x", "p/n");
      },
      ["p/n", "q/", "x/", "z/"],
      {},
      (trees) => {
        const paths = ["x", "x/q", "x/q/z", "x/q/z/o", "x/q/z/p"];
        expect(trees.paths("to").sort()).toEqual(paths);
      },
    );
  });

  it("gives a folder that can't follow its name back where it was left under a passing one", () => {
    expectSettled(
      ({ find, linkOf, move, relink }) => {
        const folder = find("from", "c");
        const link = folder && linkOf("from", folder.id);
        if (!link) throw new Error("c has no link");
        const name = ".syncline-swap-123456-c";
        relink({ ...link, to: { ...link.to, name } });
        move("to", "c", name);
        move("to", "b", `${name}/b`);
        move("from", "c", "b/c");
      },
      ["b/", "c/"],
      {},
      (trees) => expect(trees.paths("to")).toEqual(["c", "c/b"]),
    );
  });
});

describe("move", () => {
  it("takes a file to another's name, and keeps both contents", () => {
    expectSettled(
      ({ put, move, everything, mark }) => {
        put("from", "a", "ours");
        put("to", "a", "theirs");
        move("from", "a", "aside");
        move("from", "b", "a");
        move("from", "aside", "b");
        for (const { side, item } of everything()) mark(side, item);
      },
      ["a", "b"],
      { rule: { mode: "move" } },
      (trees) => {
        expect(trees.paths("from")).toEqual([]);
        expect(Object.values(trees.tree("to")).sort()).toEqual(["b", "ours", "theirs"]);
      },
    );
  });
});
