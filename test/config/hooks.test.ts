import { describe, expect, it } from "vitest";
import { nothingMade, parseUnion } from "../../src/config/union.ts";
import { right, warned, withRule, wrong } from "./helpers.ts";

const ruleAfter = (list: string) => withRule(`after: [${list}]`);

describe("after", () => {
  it("names programs and addresses, whose secrets come from outside", () => {
    const list = `{ run: [/bin/x, "$HOME"] }, { post: $URL, secret: $SECRET }, { post: "http://127.0.0.1/x" }`;
    const env = { URL: "https://hooks.example.com/x", SECRET: "s3cret" };
    const [rule] = right(ruleAfter(list), { env }).rules;
    expect(rule?.after).toEqual([
      { kind: "run", command: ["/bin/x", "$HOME"] },
      { kind: "post", url: "https://hooks.example.com/x", secret: "s3cret" },
      { kind: "post", url: "http://127.0.0.1/x", secret: null },
    ]);
    expect(warned(ruleAfter(`{ post: "https://x.org/", secret: abc }`))).toEqual([
      expect.stringContaining('"secret" is a secret that stands in the file'),
    ]);
  });

  it.each([
    ["{ }", 'it needs "run" or "post", one of them'],
    ['{ run: [x], post: "https://x.org/" }', 'it needs "run" or "post", one of them'],
    ["{ run: [] }", "the list is empty: name a program"],
    ['{ run: ["", x] }', "the name of the program is empty"],
    ["{ run: [x], secret: abc }", '"secret" is of "post": leave it out'],
    ['{ post: "http://example.com/" }', "what is sent without TLS may only go to a host of your"],
    ['{ post: "https://hooks.slack.com/x" }', "it must be an address that takes JSON"],
    ['{ posts: "https://x.org/" }', '"posts" is not a field of "after"'],
    ["x", '"after" must be'],
  ])("refuses %s", (hook, message) => {
    expect(wrong(ruleAfter(hook)).join()).toContain(message);
  });

  it("is not taken from the dashboard, and not shown there", () => {
    const surroundings = { file: "syncline.yaml", env: {}, readFile: () => "" };
    const file = ruleAfter('{ run: [/bin/x, s3cret] }, { post: "https://x.org/s3cret" }');
    const parsed = parseUnion(file, nothingMade, surroundings);
    const union = "union" in parsed ? parsed.union : null;
    expect(union?.config.rules[0]?.after).toHaveLength(2);
    expect(JSON.stringify([...(union?.fields.values() ?? [])])).not.toContain("s3cret");
    for (const hook of [{ run: ["/bin/x"] }, { post: "https://x.org/" }]) {
      const rule = { name: "made", from: "a:/1", to: "b:/2", after: [hook] };
      const refused = parseUnion(file, { ...nothingMade, rules: [rule] }, surroundings);
      expect("problems" in refused && refused.problems).toMatchObject([
        {
          message: expect.stringContaining("is taken from the configuration file alone"),
          made: { kind: "rule", name: "made", field: "after" },
        },
      ]);
    }
  });
});
