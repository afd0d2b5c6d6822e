import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as dropbox from "../../providers/dropbox/translate.ts";
import * as local from "../../providers/local/names.ts";
import { libraryNameRules, nameRules as oneDrive } from "../../providers/onedrive/names.ts";
import * as names from "../../src/core/names.ts";
import { holds, hostile } from "./fuzz.ts";

const services: readonly (readonly [string, names.NameRules])[] = [
  ["Dropbox", dropbox.nameRules],
  ["OneDrive", oneDrive],
  ["a library", libraryNameRules],
  ["a folder on Linux", local.nameRules("linux")],
  ["a folder on Windows", local.nameRules("win32")],
  ["a folder on macOS", local.nameRules("darwin")],
];

const reserved = fc.constantFrom(
  ..."con CON nul.txt com1 LPT9.tar.gz .lock desktop.ini _vti_ a_vti_b ~$x ~a .~b . .. ... Thumbs.db .syncline x.tmp forms".split(
    " ",
  ),
);
const name = fc.oneof(
  { weight: 4, arbitrary: hostile.filter((text) => text !== "") },
  { weight: 1, arbitrary: reserved },
  { weight: 1, arbitrary: fc.tuple(reserved, hostile).map(([a, b]) => a + b) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "é", "👩‍👩‍👧", "İ"), fc.nat(400))
      .map(([each, n]) => `${each.repeat(n)}x.pdf`),
  },
);

describe.each(services)("a name at %s", (_, rules) => {
  const legal = (text: string) => {
    expect(names.canHold(text, rules)).toBeNull();
    expect(text).not.toMatch(/^\.{0,2}$/);
    expect(text).not.toContain("/");
    expect(text).not.toContain("\0");
  };

  it("is held as it is, or by an alias that is its own alias", () =>
    holds(150, [name], (text) => {
      const alias = names.alias(text, rules);
      legal(alias);
      expect(names.alias(alias, rules)).toBe(alias);
      if (names.canHold(text, rules) === null) expect(alias).toBe(text);
      expect(names.isOneName({ name: alias, rules }, { name: text, rules })).toBe(true);
    }));

  it("can be numbered and tell of a conflict, and is still held", () =>
    holds(100, [name, fc.integer({ min: 2, max: 99_999 }), hostile], (text, n, label) => {
      const second = names.numbered(names.alias(text, rules), n, rules);
      legal(second);
      expect(names.isOneName({ name: second, rules }, { name: text, rules })).toBe(true);
      const facts = { label, at: new Date(0), hash: "1a2b3c4d" };
      const told = names.conflictName(text, facts, rules);
      legal(told);
    }));

  it("is equal to another in one way only", () =>
    holds(100, [name, name], (a, b) => {
      expect(names.sameName(a, b, rules)).toBe(names.sameName(b, a, rules));
      expect(names.foldName(names.foldName(a))).toBe(names.foldName(a));
      for (const form of [
        a.toUpperCase(),
        a.toLowerCase(),
        a.normalize("NFD"),
        a.normalize("NFC"),
      ]) {
        const key = names.nameKey(form, rules);
        expect(names.nameKey(key, rules)).toBe(key);
      }
    }));

  it("is put together again from its stem and its extension", () =>
    holds(100, [name], (text) => {
      expect(names.stemOf(text) + names.extensionOf(text)).toBe(text);
      expect(names.stemOf(text)).not.toBe("");
    }));
});
