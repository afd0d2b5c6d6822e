import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse.ts";
import { holds, hostile, soon } from "./fuzz.ts";

const good = `# A rule file in which everything is used.
timezone: Europe/Berlin
accounts:
  work: &dropbox
    provider: dropbox
    clientId: $APP_KEY
    clientSecret: "secret"
    refreshToken: token
  drive: { provider: google-drive, clientId: id, clientSecret: s, refreshToken: t }
  team: { provider: onedrive, clientId: id, refreshToken: t, tenant: common }
  nas: { provider: local, root: /srv/archive }
rules:
  - name: invoices
    from: work:/Invoices
    to: [drive:/Accounting, "nas:/Invoices"]
    mode: copy
    on: [change, "0 3 * * *", every 15m]
    include: ["**/*.pdf", "a/{b,c}/**"]
    exclude:
      - "**/~$*"
    quiet: 10s
    where: { smallerThan: 2GiB, largerThan: 1KiB, newerThan: 30d }
    as: "{yyyy}/{mm}/{name}"
    conflict: newest
    guard: { deletes: 25%, changes: none }
    googleDocs: export
    bandwidth: [{ at: "08:00", limit: 2MiB/s }, { at: "19:00", limit: none }]
  - name: both
    from: team:/a
    to: nas:/b
    mode: two-way
    deletes: trash
    paused: true
notify:
  - { when: [held, failing], to: "ntfy://:token@ntfy.example/topic" }
`;

/** Whatever a text holds: a configuration, or problems of which each says where and what. */
function parsed(text: string) {
  const surroundings = { file: "syncline.yaml", env: { APP_KEY: "key" }, readFile: () => "x" };
  const result = parseConfig(text, surroundings);
  if (!("problems" in result)) return result;
  const lines = text.split(/\r\n|\r|\n/).length;
  expect(result.problems.length).toBeGreaterThan(0);
  for (const { line, column, message } of result.problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message.length).toBeGreaterThan(5);
  }
  return result;
}

const token = fc.oneof(
  fc.constantFrom(
    ..."&a |*a |*dropbox|<<: *dropbox|!!binary |!!set |!!map |!!js/function |? |- |: |{|}|[|]|,|#|\t|---\n|...\n".split(
      "|",
    ),
    ..."%YAML 1.1\n|null|~|.nan|.inf|1e999|0x1F|-0|true|2026-01-01|\"|'||-|>+9|__proto__: { polluted: 1 }\n".split(
      "|",
    ),
    ..."constructor: |toString: |\u0000|\ufeff|\r|\\|$NOT_SET|$file:/x|$APP_KEY|every 0m|work:/|nas:/Invoices".split(
      "|",
    ),
    "\n    ",
    "\n  ",
    "\n",
  ),
  hostile,
);

type Edit = readonly [at: number, cut: number, put: string];
const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(30), token), {
  minLength: 1,
  maxLength: 6,
});

const edited = (text: string, [at, cut, put]: Edit) => {
  const from = Math.floor(at * text.length);
  return text.slice(0, from) + put + text.slice(from + cut);
};

describe("a rule file", () => {
  it("that is good is taken", () => {
    expect(parsed(good)).toHaveProperty("config");
  });

  it("of any text is read or refused with places", () =>
    holds(120, [fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(""))], (text) => {
      parsed(text);
    }));

  it("that was good and is altered is read or refused with places", () =>
    holds(100, [edits], (made) => {
      parsed(made.reduce(edited, good));
    }));

  it.each([
    ["laughs a billion times", laughs(12)],
    ["laughs where an account should be", `accounts:\n  a: *i\n${laughs(9)}`],
    ["is nested in lists, deep", "[".repeat(5_000)],
    ["is nested in mappings, deep", "{a: ".repeat(5_000)],
    [
      "is nested by indentation, deep",
      Array.from({ length: 500 }, (_, n) => `${" ".repeat(n)}a:`).join("\n"),
    ],
    ["is nested by dashes, deep", "- ".repeat(5_000)],
    ["is nested deep, and whole", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
    [
      "nests an account deep",
      `accounts:\n  a: ${"{a: ".repeat(5_000)}1${"}".repeat(5_000)}\nrules: []\n`,
    ],
    ["closes what it did not open", "]".repeat(5_000)],
    ["has a long line of quotes", "'\"".repeat(2_000)],
    ["has many anchors", Array.from({ length: 300 }, (_, n) => `a${n}: &a${n} 1`).join("\n")],
    ["has many keys that are alike", "a: 1\n".repeat(1_000)],
    ["merges itself", "a: &a\n  <<: *a\n  b: 1\n"],
  ])("that %s is refused in no time", (_, text) => {
    expect(soon(() => parsed(text))).toHaveProperty("problems");
  });
});

/** Each line holds ten of the line before it. */
function laughs(levels: number): string {
  const name = (n: number) => String.fromCharCode(97 + n);
  const lines = Array.from({ length: levels }, (_, n) => {
    const parts = Array.from({ length: 10 }, () => (n === 0 ? "ha" : `*${name(n - 1)}`));
    return `${name(n)}: &${name(n)} [${parts.join(", ")}]`;
  });
  return lines.join("\n");
}
