import { describe, expect, it } from "vitest";
import { createMatcher } from "../../src/core/match.ts";
import { ruleDefaults } from "../../src/core/rule.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const facts = { sizeBytes: 5_000, modifiedAt: new Date("2026-11-22T10:00:00Z") };
const hour = 3_600_000;

function verdict(filters: object, path: string, over: Partial<typeof facts> | object = {}) {
  const matcher = createMatcher({ ...ruleDefaults, ...filters });
  return matcher.file(path.split("/"), { ...facts, ...over }, nowMs);
}

describe("file", () => {
  it.each([
    ["nothing given", {}, "a/b.txt", true],
    ["top level only without a slash", { include: ["*.pdf"] }, "a.pdf", true],
    ["top level only without a slash", { include: ["*.pdf"] }, "a/b.pdf", false],
    ["every level", { include: ["**/*.pdf"] }, "a.pdf", true],
    ["every level", { include: ["**/*.pdf"] }, "a/b/c.pdf", true],
    ["dot files", { include: ["**/*.pdf"] }, ".a/.b.pdf", true],
    ["case counts", { include: ["**/*.pdf"] }, "a.PDF", false],
    ["one of several", { include: ["*.doc", "*.pdf"] }, "a.pdf", true],
    ["a folder's content", { include: ["docs/**"] }, "docs/a/b.txt", true],
    ["exclude wins", { include: ["**/*.pdf"], exclude: ["old/**"] }, "old/a.pdf", false],
    ["exclude names a folder", { exclude: ["cache"] }, "cache/a/b.txt", false],
    [
      "exclude names a folder deep down",
      { exclude: ["**/node_modules"] },
      "a/node_modules/b/c",
      false,
    ],
    ["exclude names another folder", { exclude: ["cache"] }, "a/cache/b.txt", true],
    ["Office lock files", { exclude: ["**/~$*"] }, "a/~$b.docx", false],
    ["Office lock files at the top", { exclude: ["**/~$*"] }, "~$b.docx", false],
    ["decomposed names", { exclude: ["café/**"] }, "cafe\u0301/a.txt", false],
    ["braces", { include: ["**/*.{jpg,png}"] }, "a/b.png", true],
    ["parentheses are text", { include: ["**/* (1).pdf"] }, "a/b (1).pdf", true],
    ["parentheses are no group", { include: ["x(1).pdf"] }, "x1.pdf", false],
    ["a plus is text", { include: ["a+.txt"] }, "aa.txt", false],
    ["one of several words", { include: ["@(a|b)+(c).txt"] }, "bcc.txt", true],
    ["several stars in a name", { include: ["*a*b*c.txt"] }, "xaxbxbcc.txt", true],
    ["turned around inside", { include: ["!(*.tmp)"] }, "a.tmp", false],
  ])("%s: %j and %s", (_, filters, path, expected) => {
    expect(verdict(filters, path).in).toBe(expected);
  });

  it("does not take a slash in a name for a folder", () => {
    const matcher = createMatcher({ ...ruleDefaults, exclude: ["a/**"] });
    expect(matcher.file(["a/b.txt"], facts, nowMs)).toEqual({ in: true });
  });

  it.each([
    [{ exclude: ["*.a", "**/~$*"] }, "x/~$y", {}, 'exclude "**/~$*"'],
    [{ exclude: ["cache/**"] }, "cache/y", {}, 'exclude "cache/**"'],
    [{ include: ["*.a", "*.b"] }, "c", {}, 'include "*.a", "*.b" does not match'],
    [
      { where: { smallerThanBytes: 2 ** 31 } },
      "c",
      { sizeBytes: 2 ** 31 },
      "where smallerThan 2GiB",
    ],
    [{ where: { smallerThanBytes: 5_000 } }, "c", {}, "where smallerThan 5KB"],
    [{ where: { largerThanBytes: 5_000 } }, "c", {}, "where largerThan 5KB"],
    [{ where: { largerThanBytes: 5_001 } }, "c", {}, "where largerThan 5001B"],
    [{ where: { newerThanMs: 2 * hour } }, "c", {}, "where newerThan 2h"],
    [
      { where: { newerThanMs: hour } },
      "c",
      { modifiedAt: null },
      "where: the modified time is not known",
    ],
  ])("names the line that keeps a file out: %j", (filters, path, over, because) => {
    expect(verdict(filters, path, over)).toMatchObject({ in: false, because });
  });

  it("tells when time alone will let a file in", () => {
    const where = { olderThanMs: 24 * hour };
    expect(verdict({ where }, "a")).toEqual({
      in: false,
      because: "where olderThan 1d",
      by: "facts",
      eligibleAtMs: Date.parse("2026-11-23T10:00:00Z"),
    });
    const matcher = createMatcher({ ...ruleDefaults, where });
    expect(matcher.file(["a"], facts, Date.parse("2026-11-23T10:00:00Z"))).toEqual({ in: true });
  });

  it("names no time when another filter keeps the file out as well", () => {
    const filters = { where: { olderThanMs: 24 * hour }, exclude: ["a"] };
    expect(verdict(filters, "a")).toEqual({ in: false, because: 'exclude "a"', by: "path" });
  });

  it("lets items without a size pass limits on size", () => {
    const where = { smallerThanBytes: 10, largerThanBytes: 5 };
    expect(verdict({ where }, "a", { sizeBytes: null })).toEqual({ in: true });
  });

  it("keeps judging siblings rightly when folders alternate", () => {
    const matcher = createMatcher({ ...ruleDefaults, exclude: ["a/b", "*.tmp"] });
    const paths = ["a/b/x", "a/x", "a/b/y", "x", "x.tmp", "a/b/c/z", "a/x.tmp", "y"];
    const inScope = paths.filter((path) => matcher.file(path.split("/"), facts, nowMs).in);
    expect(inScope).toEqual(["a/x", "x", "a/x.tmp", "y"]);
  });
});

describe("folder", () => {
  it.each([
    [{}, "a/b", "in"],
    [{ exclude: ["cache/**"] }, "cache", "out"],
    [{ exclude: ["cache"] }, "cache/deep/er", "out"],
    [{ exclude: ["cache"] }, "other", "in"],
    [{ exclude: ["cache/*.tmp"] }, "cache", "in"],
    [{ include: ["docs/**"] }, "docs", "through"],
    [{ where: { smallerThanBytes: 1 } }, "docs", "through"],
    [{ as: "{name}" }, "docs", "through"],
    [{ include: ["**"], exclude: ["docs"] }, "docs", "out"],
  ])("under %j, %s is %s", (filters, path, expected) => {
    const matcher = createMatcher({ ...ruleDefaults, ...filters });
    expect(matcher.folder(path.split("/"))).toBe(expected);
  });

  it("never leaves out the rule's own folder", () => {
    expect(createMatcher({ ...ruleDefaults, exclude: ["**"] }).folder([])).toBe("in");
  });
});
