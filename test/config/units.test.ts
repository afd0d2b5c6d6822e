import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "../../src/config/nearest.ts";
import {
  parseDuration,
  parsePercent,
  parseRate,
  parseSize,
  parseTimeOfDay,
  ValueError,
} from "../../src/config/units.ts";

function failure(run: () => unknown): ValueError {
  try {
    run();
  } catch (error) {
    if (error instanceof ValueError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("units", () => {
  it.each([
    [parseDuration, "250ms", 250],
    [parseDuration, "10s", 10_000],
    [parseDuration, "15m", 900_000],
    [parseDuration, "1.5h", 5_400_000],
    [parseDuration, "30d", 2_592_000_000],
    [parseDuration, "2 w", 1_209_600_000],
    [parseSize, "512", 512],
    [parseSize, "0", 0],
    [parseSize, "1KiB", 1_024],
    [parseSize, "10MB", 10_000_000],
    [parseSize, "2GiB", 2 ** 31],
    [parseSize, "1.5 gib", 1.5 * 2 ** 30],
    [parsePercent, "25%", 25],
    [parsePercent, "0%", 0],
    [parsePercent, "100 %", 100],
    [parseRate, "10MiB/s", 10 * 2 ** 20],
    [parseRate, "500 KB / s", 500_000],
    [parseTimeOfDay, "08:00", 480],
    [parseTimeOfDay, "23:59", 1439],
  ])("%o reads %j", (parse, text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each([
    [parseDuration, "10", "is not a duration", null],
    [parseDuration, "10 seconds", "is not a duration", "10s"],
    [parseDuration, "15 min", "is not a duration", "15m"],
    [parseDuration, "3 days", "is not a duration", "3d"],
    [parseDuration, "1M", "is not a duration", null],
    [parseDuration, "-1s", "is not a duration", null],
    [parseDuration, "1e400s", "is not a duration", null],
    [parseSize, "2G", "is not a size", "2GiB"],
    [parseSize, "big", "is not a size", null],
    [parseSize, "", "is not a size", null],
    [parseSize, "99999999TiB", "is not a size", null],
    [parsePercent, "25", "is not a share", "25%"],
    [parsePercent, "101%", "is not a share", null],
    [parseRate, "10MiB", "is not a rate", "10MiB/s"],
    [parseRate, "0MiB/s", "is not a rate", null],
    [parseRate, "fast", "is not a rate", null],
    [parseTimeOfDay, "24:00", "is not a time of day", null],
    [parseTimeOfDay, "8", "is not a time of day", null],
  ])("%o refuses %j", (parse, text, message, suggestion) => {
    const error = failure(() => parse(text));
    expect(error.message).toContain(`"${text}" ${message}`);
    expect(error.suggestion).toBe(suggestion);
  });
});

describe("nearest", () => {
  it.each([
    ["mod", "mode"],
    ["form", "from"],
    ["inculde", "include"],
    ["googledocs", "googleDocs"],
    ["quite", "quiet"],
    ["encyrpt", "encrypt"],
    ["zebra", null],
    ["x", null],
  ])("to %j is %j", (word, expected) => {
    const words = ["mode", "from", "include", "googleDocs", "quiet", "encrypt"];
    expect(nearest(word, words)).toBe(expected);
  });

  it.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["abc", "ab", 1],
    ["abc", "xabc", 1],
    ["kitten", "sitting", 3],
    ["", "abc", 3],
  ])("%j and %j are %j edits apart", (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });
});
