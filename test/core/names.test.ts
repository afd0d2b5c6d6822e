import { describe, expect, it } from "vitest";
import {
  alias,
  canHold,
  conflictName,
  extensionOf,
  isOneName,
  type NameRules,
  nameKey,
  numbered,
  sameName,
  stemOf,
} from "../../src/core/names.ts";

const anything: NameRules = {
  caseSensitive: true,
  unicode: "distinct",
  duplicates: true,
  maxLength: null,
  forbidden: [],
  blankEdges: { leading: true, trailing: true },
  reserved: [],
};
const linux: NameRules = {
  ...anything,
  duplicates: false,
  maxLength: { unit: "bytes", limit: 255 },
  forbidden: ["/", "\0"],
};
const strict: NameRules = {
  caseSensitive: false,
  unicode: "nfc",
  duplicates: false,
  maxLength: { unit: "utf16", limit: 60 },
  forbidden: [
    ...'/\\:*?"<>|',
    ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)),
    "\x7f",
  ],
  blankEdges: { leading: false, trailing: false },
  reserved: ["con", "con.*", "desktop.ini", "~$*", ".~*", "~*.tmp", "*."],
};

const kinds = { anything, linux, strict };

describe("alias", () => {
  it.each<[string, keyof typeof kinds, string]>([
    ["report.pdf", "strict", "report.pdf"],
    ["Rechnung März ☂ 🎉.pdf", "strict", "Rechnung März ☂ 🎉.pdf"],
    ["a/b.txt", "linux", "a／b.txt"],
    ['\\/:*?"<>|', "strict", "＼／：＊？＂＜＞｜"],
    ["Icon\r", "strict", "Icon␍"],
    ["nul\0 del\x7f", "strict", "nul␀ del␡"],
    [" lead", "strict", "␠lead"],
    ["trail ", "strict", "trail␠"],
    [" lead", "linux", " lead"],
    ["etc.", "strict", "etc．"],
    ["etc.", "linux", "etc."],
    [".", "linux", "．"],
    ["..", "linux", "．．"],
    ["..", "anything", ".."],
    ["", "strict", "_"],
    ["CON", "strict", "CON_"],
    ["con.txt", "strict", "con_.txt"],
    ["Desktop.ini", "strict", "Desktop_.ini"],
    ["~$report.docx", "strict", "_~$report.docx"],
    ["~x.tmp", "strict", "~x.tmp_"],
    ["cafe\u0301.txt", "strict", "café.txt"],
    ["cafe\u0301.txt", "linux", "cafe\u0301.txt"],
    ["half\ud800.txt", "linux", "half\ufffd.txt"],
  ])("%j, %s, becomes %j", (name, kind, expected) => {
    expect(alias(name, kinds[kind])).toBe(expected);
  });

  it("cuts a long name in the middle, keeps its extension and stays within bytes", () => {
    const cut = alias(`${"ü".repeat(200)}.pdf`, linux);
    expect(cut).toMatch(/^ü+~[0-9a-f]{6}\.pdf$/);
    expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(255);
    expect(new TextEncoder().encode(cut).length).toBeGreaterThan(252);
  });

  it("keeps two long names apart that differ only where they are cut", () => {
    const [one, two] = ["1", "2"].map((end) => alias(`${"x".repeat(300)}${end}.pdf`, linux));
    expect(one).not.toBe(two);
  });

  it("never cuts a character in halves", () => {
    for (let length = 50; length < 70; length++) {
      expect(alias(`${"x".repeat(length)}${"🎉".repeat(9)}.pdf`, strict).isWellFormed()).toBe(true);
    }
  });

  it("gives every random name one that the rules hold, and leaves it alone from then on", () => {
    const next = seeded(7);
    for (let round = 0; round < 10_000; round++) {
      const name = randomName(next);
      for (const rules of [strict, linux, anything]) {
        const held = alias(name, rules);
        expect(
          canHold(held, rules),
          `${JSON.stringify(name)} -> ${JSON.stringify(held)}`,
        ).toBeNull();
        expect(alias(held, rules)).toBe(held);
        expect(held === name).toBe(canHold(name, rules) === null);
      }
    }
  });
});

describe("canHold", () => {
  it.each([
    ["a:b", 'holds ":"'],
    [" a", "begins with a blank"],
    ["a ", "ends with a blank"],
    ["Con", "is reserved (con)"],
    ["x".repeat(61), "is too long"],
    ["..", "is a path, not a name"],
    ["", "is empty"],
    ["cafe\u0301", "is decomposed Unicode"],
    ["fine.txt", null],
  ])("says of %j: %j", (name, reason) => {
    expect(canHold(name, strict)).toBe(reason);
  });
});

describe("numbered", () => {
  it.each([
    ["report.pdf", "report (2).pdf"],
    ["backup.tar.gz", "backup (2).tar.gz"],
    [".bashrc", ".bashrc (2)"],
    ["README", "README (2)"],
  ])("%j becomes %j", (name, expected) => {
    expect(numbered(name, 2, linux)).toBe(expected);
  });

  it("stays within the limit, and numbers stay apart", () => {
    const names = [2, 3, 10].map((n) => numbered(`${"x".repeat(56)}.pdf`, n, strict));
    for (const name of names) expect(canHold(name, strict)).toBeNull();
    expect(names[0]).toMatch(/^x+ \(2\)\.pdf$/);
    expect(new Set(names).size).toBe(3);
  });
});

describe("isOneName", () => {
  const long = `${"x".repeat(80)}.pdf`;
  const isOne = (a: string, ofA: NameRules, b: string, ofB: NameRules) =>
    isOneName({ name: a, rules: ofA }, { name: b, rules: ofB });

  it.each([
    ["a.txt", linux, "a.txt", linux],
    ["A.txt", strict, "a.txt", linux],
    ["a：b", strict, "a:b", linux],
    ["a (2).txt", linux, "a.txt", linux],
    ["a (2) (13).txt", linux, "a.txt", linux],
    ["a：b (3)", strict, "a:b", linux],
    ["A (2)", linux, "a", strict],
    [alias(long, strict), strict, long, linux],
    [numbered(alias(long, strict), 12, strict), strict, long, linux],
  ])("holds of %s and %3$s", (a, ofA, b, ofB) => {
    expect(isOne(a, ofA, b, ofB)).toBe(true);
    expect(isOne(b, ofB, a, ofA)).toBe(true);
  });

  it.each([
    ["b.txt", linux, "a.txt", linux],
    ["A.txt", linux, "a.txt", linux],
    ["a (2).pdf", linux, "a.txt", strict],
    [" (2)", linux, "a", linux],
    ["a (copy).txt", linux, "a.txt", linux],
    ["a：b", linux, "a:b", linux],
  ])("does not hold of %s and %3$s", (a, ofA, b, ofB) => {
    expect(isOne(a, ofA, b, ofB)).toBe(false);
    expect(isOne(b, ofB, a, ofA)).toBe(false);
  });
});

describe("conflictName", () => {
  const facts = {
    label: "work-drive",
    at: new Date("2026-11-22T08:53:10.500Z"),
    hash: "1a2b3c4d5e6f",
  };

  it("names whose version it is, when and of which content", () => {
    expect(conflictName("report.pdf", facts, linux)).toBe(
      "report (conflict, work-drive, 2026-11-22 08-53-10, 1a2b3c).pdf",
    );
  });

  it("tells of the last conflict only", () => {
    const names = ["a.tar.gz", "no (conflict, b) name", "d"].flatMap((name) => {
      const once = conflictName(name, { ...facts, label: "other (b)", hash: "0f" }, linux);
      return [once, numbered(once, 2, linux)].map((each) => conflictName(each, facts, linux));
    });
    const suffix = " (conflict, work-drive, 2026-11-22 08-53-10, 1a2b3c)";
    expect(new Set(names)).toEqual(
      new Set([`a${suffix}.tar.gz`, `no (conflict, b) name${suffix}`, `d${suffix}`]),
    );
  });

  it("cuts the stem, not what tells the version", () => {
    const name = conflictName(`${"x".repeat(300)}.tar.gz`, facts, linux);
    expect(name).toMatch(/^x+ \(conflict, work-drive, 2026-11-22 08-53-10, 1a2b3c\)\.tar\.gz$/);
    expect(name.length).toBe(255);
  });

  it("is a name that the rules hold, whatever the label", () => {
    const name = conflictName("a.pdf", { ...facts, label: "a/b:c" }, strict);
    expect(canHold(name, strict)).toBeNull();
  });
});

describe("stem and extension", () => {
  it.each([
    ["report.pdf", "report", ".pdf"],
    ["a.b.c", "a.b", ".c"],
    ["backup.tar.gz", "backup", ".tar.gz"],
    ["BACKUP.TAR.BZ2", "BACKUP", ".TAR.BZ2"],
    [".tar.gz", ".tar", ".gz"],
    ["a.tar", "a", ".tar"],
    ["x.tar.pdf", "x.tar", ".pdf"],
    [".bashrc", ".bashrc", ""],
    [".config.json", ".config", ".json"],
    ["..hidden", "..hidden", ""],
    ["README", "README", ""],
    ["etc.", "etc.", ""],
    ["v1.2 final draft", "v1.2 final draft", ""],
    ["a.averyverylongextension", "a.averyverylongextension", ""],
    ["", "", ""],
  ])("of %j are %j and %j", (name, stem, extension) => {
    expect([stemOf(name), extensionOf(name)]).toEqual([stem, extension]);
  });
});

describe("sameName", () => {
  it.each([
    ["Report", "report", strict, true],
    ["Report", "report", linux, false],
    ["caf\u00e9", "cafe\u0301", linux, false],
    ["caf\u00e9", "cafe\u0301", { ...linux, unicode: "nfc" as const }, true],
  ])("%j and %j", (a, b, rules, same) => {
    expect(sameName(a, b, rules)).toBe(same);
    expect(nameKey(a, rules) === nameKey(b, rules)).toBe(same);
  });
});

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomName(next: () => number): string {
  const pieces = [
    "a",
    "B",
    "ü",
    "e\u0301",
    "🎉",
    " ",
    ".",
    "..",
    "/",
    ":",
    "<",
    "\u0338",
    "\0",
    "\x7f",
  ];
  pieces.push(
    "con",
    "~$",
    ".~",
    "~",
    ".tmp",
    "desktop.ini",
    "\ud83c",
    "\u037e",
    "x".repeat(40),
    "界".repeat(50),
  );
  const count = Math.floor(next() * 6);
  return Array.from({ length: count }, () => pieces[Math.floor(next() * pieces.length)]).join("");
}
