import { describe, expect, it } from "vitest";
import { wrong } from "./helpers.ts";

const accounts = `accounts:
  a: { provider: local, root: /srv/a }
  b: { provider: local, root: /srv/b }
  inner: { provider: local, root: /srv/a/inner/ }
  box: { provider: dropbox, clientId: k, refreshToken: $T }
  boxAgain: { provider: dropbox, clientId: k, refreshToken: $T }
  drive: { provider: google-drive, clientId: k, clientSecret: $S, refreshToken: $T }
rules:
`;
const env = { S: "secret", T: "token" };

/** What is wrong with rules written as `name: from > to`; lines count from the first rule. */
function problems(...rules: string[]): string[] {
  const lines = rules.map((rule) => {
    const [, name, from, to, more = ""] = /^(\w+): (\S+) > (\S+)(, .*)?$/.exec(rule) ?? [];
    return `- { name: ${name}, from: ${from}, to: ${to}${more} }\n`;
  });
  return wrong(accounts + lines.join(""), { env })
    .filter((line) => !line.includes("is not built yet"))
    .map((line) => line.replace(/^(\d+):\d+/, (_, number) => String(Number(number) - 8)));
}

describe("names", () => {
  it("of rules are unique", () => {
    expect(problems("one: a:/1 > b:/1", "one: a:/2 > b:/2")).toEqual([
      '2: rule 1 is called "one" too: each rule needs its own name',
    ]);
  });
});

describe("writers", () => {
  it.each([
    ["one folder", "b:/x", "b:/x", "b:/x is the same as b:/x"],
    ["a folder inside", "b:/x", "b:/x/y", "b:/x/y lies inside b:/x"],
    ["a folder around", "b:/x/y", "b:/", "b:/ holds b:/x/y"],
    ["one folder in other letters", "box:/Docs", "box:/docs", "box:/docs is the same as box:/Docs"],
    ["one account signed in twice", "box:/x", "boxAgain:/x", "boxAgain:/x is the same as box:/x"],
  ])("two rules may not share %s", (_, first, second, text) => {
    expect(problems(`one: a:/1 > ${first}`, `two: a:/2 > ${second}`)).toEqual([
      `2: rules "one" and "two" write into one folder: ${text}`,
    ]);
  });

  it("of one rule may not share a folder", () => {
    expect(problems("one: a:/1 > [b:/x,b:/x/y]")).toEqual([
      '1: two destinations of rule "one" write into one folder: b:/x/y lies inside b:/x',
    ]);
  });

  it.each([
    ["folders whose names begin alike", "b:/x", "b:/xy"],
    ["folders that differ in case where case counts", "drive:/Docs", "drive:/docs"],
    ["folders of two accounts", "box:/x", "drive:/x"],
  ])("may share nothing but %s", (_, first, second) => {
    expect(problems(`one: a:/1 > ${first}`, `two: a:/2 > ${second}`)).toEqual([]);
  });
});

describe("a rule", () => {
  it.each([
    ["a:/x", "a:/x", '"to" (a:/x) is the same as "from" (a:/x)'],
    ["a:/x", "a:/x/y", '"to" (a:/x/y) lies inside "from" (a:/x)'],
    ["a:/x/y", "a:/", '"to" (a:/) holds "from" (a:/x/y)'],
    ["a:/", "inner:/x", '"to" (inner:/x) lies inside "from" (a:/)'],
    ["box:/In", "boxAgain:/in", '"to" (boxAgain:/in) is the same as "from" (box:/In)'],
  ])("from %s may not write into %s", (from, to, text) => {
    expect(problems(`one: ${from} > ${to}`)).toEqual([
      `1: ${text}: a rule can't write into its own source`,
    ]);
  });

  it("may write beside its source", () => {
    expect(problems("one: a:/x > a:/y", "two: a:/z > inner:/z")).toEqual([]);
  });

  it.each(["mirror", "two-way"])("of mode %s has no template", (mode) => {
    expect(problems(`one: a:/x > b:/x, mode: ${mode}, as: "{name}"`)).toEqual([
      `1: "as" does not go with "mode: ${mode}", which keeps the same paths on both sides`,
    ]);
  });
});

describe("loops", () => {
  const circle = (names: string) =>
    `rules ${names} copy in a circle, each what another wrote: take one out, or make them two-way`;

  it("of two one-way rules are refused", () => {
    expect(problems("there: a:/x > b:/x", "back: b:/x > a:/x")).toEqual([
      `2: ${circle('"there" → "back" → "there"')}`,
    ]);
  });

  it("are found through folders inside and around, and through many rules", () => {
    const rules = ["one: a:/x > b:/x", "two: b:/x/sub > box:/y", "three: box:/ > drive:/z"];
    expect(problems(...rules)).toEqual([]);
    expect(problems(...rules, "four: drive:/z/y > a:/x/new")).toEqual([
      `4: ${circle('"one" → "two" → "three" → "four" → "one"')}`,
    ]);
  });

  it("are not seen where what comes back is not what was read", () => {
    expect(problems("out: a:/x/in > b:/x", "home: b:/x > a:/x/out")).toEqual([]);
  });

  it("of two-way rules alone are allowed", () => {
    const twoWay = (rule: string) => `${rule}, mode: two-way`;
    const rules = ["one: a:/x > b:/x", "two: b:/x > box:/x", "three: box:/x > a:/x"];
    expect(problems(...rules.map(twoWay))).toEqual([]);
  });

  it("that use a two-way rule on their way are refused", () => {
    expect(
      problems("sync: a:/x > b:/x, mode: two-way", "out: a:/x > box:/x", "back: box:/x > drive:/x"),
    ).toEqual([]);
    expect(
      problems("back: box:/x > a:/x", "sync: b:/x > a:/x, mode: two-way", "out: b:/x > box:/x"),
    ).toContain(`3: ${circle('"back" → "sync" → "out" → "back"')}`);
  });

  it("are told with each chain once, whatever the rules' order", () => {
    const rules = ["c: box:/x > a:/x", "a: a:/x > b:/x", "b: b:/x > box:/x"];
    expect(problems(...rules)).toEqual([`3: ${circle('"c" → "a" → "b" → "c"')}`]);
  });
});

describe("local roots", () => {
  const text = (one: string, two: string) => `accounts:
  one: { provider: local, root: ${one} }
  two: { provider: local, root: ${two} }
rules: [{ name: r, from: one:/, to: two:/backup }]`;
  const refusal = `4:37: "to" (two:/backup) lies inside "from" (one:/): a rule can't write into its own source`;

  it("count from the configuration file when ways are compared", () => {
    expect(wrong(text("a", "/etc/syncline/a"))).toEqual([refusal]);
  });

  it("are compared as what their symlinks lead to", () => {
    const realPath = (path: string) => path.replace("/srv/link", "/srv/a");
    expect(wrong(text("/srv/a", "/srv/link"), { realPath })).toEqual([refusal]);
    expect(wrong(text("/srv/a", "/srv/link"))).toEqual([]);
  });
});
