import { describe, expect, it } from "vitest";
import { graphProblems as problems, wrong } from "./helpers.ts";

describe("names", () => {
  it("of rules are unique", () => {
    expect(problems("one: a:/1 > b:/1", "one: a:/2 > b:/2")).toEqual([
      '2: rule 1 is called "one" too: each rule needs its own name',
    ]);
  });
});

describe("a rule", () => {
  it.each(["mirror", "two-way"])("of mode %s has no template", (mode) => {
    expect(problems(`one: a:/x > b:/x, mode: ${mode}, as: "{name}"`)).toEqual([
      `1: "as" does not go with "mode: ${mode}", which keeps the same paths on both sides`,
    ]);
  });
});

describe("local roots", () => {
  const text = (one: string, two: string) => `accounts:
  one: { provider: local, root: ${one} }
  two: { provider: local, root: ${two} }
rules: [{ name: r, from: one:/, to: two:/backup }]`;
  const refusal =
    '4:37: rule "r" can\'t write into its own source: "to" (two:/backup) lies inside "from" (one:/); choose folders apart';

  it("count from the configuration file when ways are compared", () => {
    expect(wrong(text("a", "/etc/syncline/a"))).toEqual([refusal]);
  });

  it("are compared as what their symlinks lead to", () => {
    const realPath = (path: string) => path.replace("/srv/link", "/srv/a");
    expect(wrong(text("/srv/a", "/srv/link"), { realPath })).toEqual([refusal]);
    expect(wrong(text("/srv/a", "/srv/link"))).toEqual([]);
  });
});
