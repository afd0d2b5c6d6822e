import fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, it } from "vitest";
import * as units from "../../src/config/units.ts";
import { parseGlob, parseLocation, parseTimeZone, parseTrigger } from "../../src/config/values.ts";
import { createDestination, templateProblem } from "../../src/core/destination.ts";
import { createMatcher } from "../../src/core/match.ts";
import { nextTimes } from "../../src/engine/time.ts";
import { holds, hostile, soon } from "./fuzz.ts";

/** What a person writes in a field is taken, or refused in words; it neither ends the program nor holds it up. */

const number = fc.oneof(
  fc.nat().map(String),
  fc.double().map(String),
  fc.constantFrom(
    "0",
    "-1",
    "1e9",
    "9007199254740993",
    "9".repeat(400),
    "0.1",
    "00",
    "1.",
    ".5",
    "",
  ),
);
const unit = fc.constantFrom(..."ms s m h d w B KB MiB GiB TiB % /s MiB/s none × ".split(" "));
const quantity = fc.oneof(
  fc.tuple(number, fc.constantFrom("", " "), unit).map((parts) => parts.join("")),
  hostile,
);

describe.each([
  ["a duration", units.parseDuration],
  ["a size", units.parseSize],
  ["a share", units.parsePercent],
  ["a rate", units.parseRate],
  ["a time of day", units.parseTimeOfDay],
])("%s", (_, parse) => {
  it("is a number that can be counted with, or refused", () =>
    holds(100, [quantity], (text) => {
      const value = taken(() => parse(text));
      if (value === null) return;
      expect(Number.isFinite(value)).toBe(true);
      expect(value).toBeGreaterThanOrEqual(0);
    }));
});

/** What is refused is told by a `ValueError`. */
function taken<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof units.ValueError) return null;
    throw error;
  }
}

const cronPart = fc.oneof(
  fc.constantFrom(
    ..."* 0 59 60 7 L 1-5 */5 1,2,3 */0 5-1 ? W 15W 5#2 FRI#5 MON JAN -1 * @daily H 99999999 1-99999 2 29 31 30".split(
      " ",
    ),
  ),
  fc.nat(70).map(String),
  hostile,
);

describe("a cron line", () => {
  it("has next times in their order, or is refused", () =>
    holds(200, [fc.array(cronPart, { minLength: 1, maxLength: 8 })], (parts) => {
      const trigger = taken(() => parseTrigger(parts.join(" ")));
      if (trigger === null) return;
      const from = Date.UTC(2026, 1, 28, 23, 59);
      const times = nextTimes(trigger, "Europe/Berlin", from, 3).map((at) => Number(at));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      for (const at of times) expect(at).toBeGreaterThan(from);
    }));
});

describe("a location and a time zone", () => {
  it("are taken or refused", () =>
    holds(100, [hostile], (text) => {
      for (const each of [text, `drive:${text}`, `drive:/${text}`]) {
        const location = taken(() => parseLocation(each));
        for (const name of location?.path ?? []) {
          expect(["", ".", ".."]).not.toContain(name);
          expect(name).not.toContain("/");
        }
      }
      taken(() => parseTimeZone(text));
    }));
});

const templatePart = fc.oneof(
  fc.constantFrom(
    "{name}",
    "{stem}",
    "{ext}",
    "{path}",
    "{yyyy}",
    "{mm}",
    "{min}",
    "{{",
    "}}",
    "{",
    "}",
    "/",
    "..",
    ".",
  ),
  hostile,
);

describe("a template", () => {
  it("makes a path of names from any file, or is refused beforehand", () =>
    holds(
      100,
      [fc.array(templatePart, { maxLength: 8 }), fc.array(hostile, { minLength: 1, maxLength: 4 })],
      (parts, path) => {
        const as = parts.join("");
        if (templateProblem(as) !== null) {
          expect(() => createDestination(as)).toThrow(RangeError);
          return;
        }
        const names = path.map((name) => name.replaceAll("/", "") || "n");
        const at = new Date(0);
        const made = createDestination(as)({ path: names, modifiedAt: at, createdAt: at });
        if (!("path" in made)) throw new Error(made.problem);
        for (const name of made.path) expect(name).not.toBe("");
      },
    ));
});

const globPart = fc.oneof(
  fc.constantFrom(
    ..."* ** ? [a-z] [!a] [^a] [[:alpha:]] {a,b} {1..9} {a,{b,c}} +(a|b) *(a)* !(x) @(y) (a|b) \\ / . ~ $ ^ | ( ) [ ] { } +(+(a)) *(*(a))".split(
      " ",
    ),
  ),
  fc.constantFrom("a", "aaaa", "b", ".pdf", "**/", "/**"),
  hostile,
);

describe("a glob", () => {
  const facts = { sizeBytes: 1, modifiedAt: new Date(0) };
  const rule = (glob: string) => ({ include: [glob], exclude: [glob], where: {}, as: null });
  const look = (glob: string, path: readonly string[]) =>
    taken(() =>
      soon(() => {
        const matcher = createMatcher(rule(parseGlob(glob)));
        return [matcher.file(path, facts, 0), matcher.folder(path)];
      }),
    );

  /** Of what is no part of an expression: there picomatch has the last word, as far as it comes to one. */
  const plain = fc.string({ unit: fc.constantFrom(..."aab*?/."), minLength: 1, maxLength: 9 });
  const path = fc.array(
    fc.string({ unit: fc.constantFrom(..."ab."), minLength: 1, maxLength: 5 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );

  it("judges as picomatch does", () =>
    holds(300, [plain, path], (glob, names) => {
      const { file } = createMatcher({ include: [glob], exclude: [], where: {}, as: null });
      const expected = picomatch.isMatch(names.join("/"), glob, { dot: true, nonegate: true });
      expect(file(names, facts, 0).in).toBe(expected);
    }));

  it("of anything judges any path in no time", () =>
    holds(
      100,
      [
        fc.array(globPart, { minLength: 1, maxLength: 8 }),
        fc.array(hostile, { minLength: 1, maxLength: 5 }),
      ],
      (parts, path) => {
        look(
          parts.join(""),
          path.map((name) => name.replaceAll("/", "") || "n"),
        );
      },
    ));

  it.each([
    ["+(a|aa)+(a|aa)b", "a".repeat(200)],
    ["*(*(a)b)c", "a".repeat(5_000)],
    ["+(+(+(a)))b", "a".repeat(60)],
    ["(a+)+b", "a".repeat(60)],
    ["(.*)*(.*)*(.*)*x", "a".repeat(100)],
    [`${"*a".repeat(30)}b`, "a".repeat(200)],
    [`${"**/".repeat(30)}b`, "a".repeat(200)],
    ["{1..100000000}", "7"],
    ["{a,b}".repeat(20), "a".repeat(20)],
    ["[[:alnum:]+]*".repeat(10), "a".repeat(200)],
  ])("%s is judged in no time", (glob, name) => {
    look(
      glob,
      Array.from({ length: 20 }, () => name),
    );
    look(glob, [name]);
  });
});
