import { describe, expect, it } from "vitest";
import { nothingMade, parseUnion } from "../../src/config/union.ts";

/** A link leads into the data folder. */
const realPath = (path: string) => path.replace(/^\/srv\/link(?=\/|$)/, "/srv/data");
const surroundings = {
  file: "/etc/syncline.yaml",
  env: { SYNCLINE_KEY: "k3y", TOKEN: "t", SYNCLINES: "s" },
  readFile: () => "held",
  realPath,
  own: ["/srv/data", "/run/key", "/proc"],
};

const accountOf = (refreshToken: string) => ({
  provider: "dropbox",
  clientId: "a",
  clientSecret: "$TOKEN",
  refreshToken,
});
const local = { provider: "local", root: "/srv/in" };
const things = {
  account: (reference: string) => ({
    ...nothingMade,
    accounts: new Map([["box", accountOf(reference)]]),
  }),
  rule: (reference: string) => ({
    ...nothingMade,
    accounts: new Map([
      ["in", local],
      ["out", { ...local, root: "/srv/out" }],
    ]),
    rules: [{ name: "docs", from: "in:/", to: "out:/", passphrase: reference }],
  }),
  contact: (reference: string) => ({
    ...nothingMade,
    notify: new Map([["n1", { when: ["held"], to: "https://x.example", secret: reference }]]),
  }),
} as const;

const refused = [
  "$SYNCLINE_KEY",
  "$".concat("{SYNCLINE_KEY}"),
  "$SYNCLINE_NOT_SET",
  "$file:/srv/data/key",
  "$file:/srv/data",
  "$file:../srv/other/../data/syncline.sqlite",
  "$file:/srv/link/key",
  "$file:/run/key",
  "$file:/proc/self/environ",
];
const names = ["account", "rule", "contact"] as const;

describe("a reference to what is the program's own", () => {
  it.each(names.flatMap((name) => refused.map((reference) => ({ name, reference }))))(
    "$name of the dashboard is refused: $reference",
    ({ name, reference }) => {
      const parsed = parseUnion(null, things[name](reference), surroundings);
      const problems = "problems" in parsed ? parsed.problems : [];
      expect(problems).toMatchObject([
        {
          message: expect.stringMatching(/Syncline's own.*: keep the secret in/),
          made: { kind: name },
        },
      ]);
      expect(JSON.stringify(problems)).not.toMatch(/k3y|held/);
    },
  );

  it.each(["$TOKEN", "$SYNCLINES", "$file:/srv/database/token", "$file:/run/key2"])(
    "is none: %s",
    (reference) => {
      const parsed = parseUnion(null, things.account(reference), surroundings);
      expect("problems" in parsed ? parsed.problems : []).toEqual([]);
    },
  );

  it("may stand in the file of whoever has the machine", () => {
    const text = JSON.stringify({ accounts: { box: accountOf("$file:/srv/data/token") } });
    expect(parseUnion(text, nothingMade, surroundings)).toHaveProperty("union");
  });
});
