import { describe, expect, it } from "vitest";
import {
  bandwidthOf,
  changed,
  type Fields,
  filesWords,
  isEmpty,
  isSame,
  listOf,
  mappingOf,
  whenWords,
} from "../../src/dashboard/editor/fields.ts";

describe("fields that are changed", () => {
  it.each<[string, Fields, Fields, Fields]>([
    ["one more", { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ["one that is empty now", { a: 1, b: "x" }, { b: "" }, { a: 1 }],
    ["an empty list and an empty mapping", { a: [1], b: { c: 1 } }, { a: [], b: {} }, {}],
    [
      "others stay, even empty or odd",
      { a: "", b: [], c: null },
      { d: 1 },
      { a: "", b: [], c: null, d: 1 },
    ],
    ["what is off", {}, { paused: false }, { paused: false }],
  ])("%s", (_, fields, change, after) => {
    expect(changed(fields, change)).toEqual(after);
  });

  it("are the same whatever their order", () => {
    expect(isSame({ a: [1, { b: 2, c: 3 }] }, { a: [1, { c: 3, b: 2 }] })).toBe(true);
    for (const [a, b] of [
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: 1 }, { b: 1 }],
      [
        [1, 2],
        [2, 1],
      ],
      [["a"], "a"],
      [{ 0: "a" }, ["a"]],
      [null, {}],
    ]) {
      expect(isSame(a, b)).toBe(false);
    }
  });
});

describe("what the form can show", () => {
  it("is a text or a list of texts", () => {
    expect([undefined, "a", ["a", "b"]].map(listOf)).toEqual([[], ["a"], ["a", "b"]]);
    expect([7, null, {}, ["a", 7]].map(listOf)).toEqual([null, null, null, null]);
  });

  it("is a mapping of texts, with whatever else it holds", () => {
    expect(mappingOf(undefined, ["a"])).toEqual({});
    expect(mappingOf({ a: 7, odd: [] }, ["a"])).toEqual({ a: 7, odd: [] });
    for (const value of ["a", null, [], { a: [] }]) expect(mappingOf(value, ["a"])).toBeNull();
  });

  it("is a limit, or a timetable", () => {
    expect([undefined, "1MiB/s", 7].map(bandwidthOf)).toEqual(["", "1MiB/s", "7"]);
    expect(bandwidthOf([{ at: "8:00", limit: "none", odd: 1 }])).toEqual([
      { at: "08:00", limit: "none", odd: 1 },
    ]);
    for (const value of [
      {},
      null,
      ["1MiB/s"],
      [{ at: 8, limit: "none" }],
      [{ at: "8 am", limit: "1" }],
    ]) {
      expect(bandwidthOf(value)).toBeNull();
    }
  });

  it("is nothing where the default holds", () => {
    expect([undefined, "", [], {}].map(isEmpty)).toEqual([true, true, true, true]);
    expect([0, false, null, "a", [""], { a: 1 }].some(isEmpty)).toBe(false);
  });
});

describe("a rule's sentence", () => {
  it.each<[Fields, string]>([
    [{}, "all files"],
    [{ include: "*.pdf" }, "files like *.pdf"],
    [{ include: ["*.pdf", "*.doc", "*.txt"] }, "files like *.pdf and 2 more"],
    [{ exclude: ["a"], where: { newerThan: "1d" } }, "all files, filtered by name and age"],
    [{ include: "*.pdf", where: { largerThan: "1" } }, "files like *.pdf, filtered by size"],
  ])("tells of %o: %s", (fields, words) => {
    expect(filesWords(fields)).toBe(words);
  });

  it.each<[unknown, string]>([
    [undefined, "change"],
    ["change", "change"],
    ["every 15m", "every 15 minutes"],
    ["every 1h", "every hour"],
    ["every now and then", "every now and then"],
    ["manual", "when somebody asks"],
    [["change", "0 3 * * *", "every 6h"], "change, every day at 03:00 and every 6 hours"],
    ["0 3 *", "0 3 *"],
    [7, "as its YAML says"],
  ])("tells of %o: %s", (on, words) => {
    expect(whenWords({ on })).toBe(words);
  });
});
