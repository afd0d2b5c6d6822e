import { describe, expect, it } from "vitest";
import { rangeOf, rowAfter } from "../../src/dashboard/range.ts";
import { linesOf, openAtFirst, pressOf, treeOf } from "../../src/dashboard/tree.ts";

const top = treeOf("right:/", [
  { path: "b.txt", bytes: 1 },
  { path: "a/10.txt", bytes: 2 },
  { path: "a/9.txt", bytes: 3 },
  { path: "a/deep/x.txt", bytes: 4 },
]);
const keyOf = (...names: string[]) => ["right:/", ...names].join("\n");
const shown = (...open: string[]) =>
  linesOf([top], new Set(open)).map(
    ({ branch, level }) =>
      `${"  ".repeat(level - 1)}${branch.name} ${branch.items} ${branch.bytes}`,
  );

describe("a tree of files", () => {
  it("has folders first, by name, with what is in them", () => {
    expect(shown(keyOf(), keyOf("a"), keyOf("a", "deep"))).toEqual([
      "right:/ 4 10",
      "  a 3 9",
      "    deep 1 4",
      "      x.txt 1 4",
      "    9.txt 1 3",
      "    10.txt 1 2",
      "  b.txt 1 1",
    ]);
    expect(shown()).toEqual(["right:/ 4 10"]);
  });

  it("is open as far as a person sees at once", () => {
    expect(openAtFirst([top]).size).toBe(3);
    const many = Array.from({ length: 1_000 }, (_, at) => ({ path: `f${at}/x`, bytes: 1 }));
    expect(openAtFirst([treeOf("right:/", many)]).size).toBe(1);
  });

  it("is quick with a hundred thousand", () => {
    const many = Array.from({ length: 100_000 }, (_, at) => ({
      path: `f${at % 100}/g${at % 1_000}/${at}`,
      bytes: 1,
    }));
    const startedMs = performance.now();
    const tree = treeOf("right:/", many);
    expect(linesOf([tree], new Set([tree.key]))).toHaveLength(101);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe("a key in a tree", () => {
  const lines = linesOf([top], new Set([keyOf(), keyOf("a")]));

  it.each([
    { name: "right opens", key: "ArrowRight", at: 2, press: { toggle: true } },
    { name: "right goes into what is open", key: "ArrowRight", at: 1, press: { to: 2 } },
    { name: "right does nothing at a file", key: "ArrowRight", at: 3, press: null },
    { name: "left closes", key: "ArrowLeft", at: 1, press: { toggle: true } },
    { name: "left goes to the folder", key: "ArrowLeft", at: 3, press: { to: 1 } },
    { name: "left stays at the top", key: "ArrowLeft", at: 99, press: null },
    { name: "Enter opens", key: "Enter", at: 2, press: { toggle: true } },
    { name: "a letter does nothing", key: "x", at: 1, press: null },
  ])("$name", ({ key, at, press }) => {
    expect(pressOf(key, lines, at)).toEqual(press);
  });
});

describe("rows near the view", () => {
  it.each([
    { name: "at the top", topPx: 100, count: 10_000, range: { first: 0, end: 32 } },
    { name: "in the midst", topPx: -50_000, count: 10_000, range: { first: 984, end: 1032 } },
    { name: "at the end", topPx: -499_500, count: 10_000, range: { first: 9_976, end: 10_000 } },
    { name: "far past it", topPx: -900_000, count: 10, range: { first: 8, end: 10 } },
    { name: "far below", topPx: 9_000, count: 10, range: { first: 0, end: 0 } },
    { name: "of nothing", topPx: 0, count: 0, range: { first: 0, end: 0 } },
  ])("$name", ({ topPx, count, range }) => {
    expect(rangeOf({ topPx, viewPx: 800, rowPx: 50 }, count)).toEqual(range);
  });

  it.each([
    { key: "ArrowDown", row: 6 },
    { key: "ArrowUp", row: 4 },
    { key: "PageUp", row: 0 },
    { key: "End", row: 99 },
    { key: "Home", row: 0 },
    { key: "a", row: null },
  ])("$key leads to $row", ({ key, row }) => {
    expect(rowAfter(key, 5, 100)).toBe(row);
  });
});
