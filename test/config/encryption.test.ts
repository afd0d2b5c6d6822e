import { describe, expect, it } from "vitest";
import { nothingMade, parseUnion } from "../../src/config/union.ts";
import { ageKeys, right, warned, withRule, wrong } from "./helpers.ts";

const { recipient, identity, otherIdentity } = ageKeys;
const env = { KEY: identity, OTHER: otherIdentity, PASS: "correct horse battery", SHORT: "horse" };

describe("encrypt", () => {
  it.each([
    [
      `encrypt: ${recipient}`,
      { recipients: [recipient], passphrase: null, identities: [], names: false },
    ],
    [
      `encrypt: [${recipient}], identity: $KEY`,
      { recipients: [recipient], identities: [identity] },
    ],
    [`encrypt: ${recipient}, identity: [$KEY, $OTHER]`, { identities: [identity, otherIdentity] }],
    [
      "encrypt: passphrase, passphrase: $PASS, encryptNames: true",
      { recipients: [], passphrase: env.PASS, names: true },
    ],
    [`encrypt: ${recipient}, identity: $KEY, mode: two-way`, { identities: [identity] }],
  ])("is read: %s", (fields, expected) => {
    expect(right(withRule(fields), { env }).rules[0]?.encryption).toMatchObject(expected);
  });

  it("takes the file that age-keygen wrote", () => {
    const file = `# created: 2026-11-22\n# public key: ${recipient}\n${identity}\n`;
    const text = withRule(`encrypt: ${recipient}, identity: "$file:/run/age"`);
    const [rule] = right(text, { readFile: () => file }).rules;
    expect(rule?.encryption?.identities).toEqual([identity]);
  });

  it.each([
    [`encrypt: ${recipient.slice(0, -1)}`, "a character is missing or wrong"],
    [`encrypt: ${identity}`, "a secret key stands where a recipient belongs"],
    ["encrypt: passphrase", '"encrypt: passphrase" needs the passphrase'],
    ["encrypt: passphrase, passphrase: $SHORT", "it is too short: take 12 characters or more"],
    [
      `encrypt: [passphrase, ${recipient}], passphrase: $PASS`,
      "a passphrase or recipients, never both",
    ],
    [`encrypt: ${recipient}, passphrase: $PASS`, '"encrypt" names recipients'],
    ["passphrase: $PASS", 'goes with "encrypt", which is not there'],
    ["encryptNames: true", 'goes with "encrypt", which is not there'],
    [
      `encrypt: ${recipient}, encryptNames: true`,
      "names are encrypted with the key that opens them",
    ],
    [`encrypt: ${recipient}, mode: two-way`, '"mode: two-way" has to read what it encrypted'],
    [`encrypt: ${recipient}, identity: $OTHER`, "it opens nothing that this rule writes"],
    [`encrypt: ${recipient}, identity: $PASS`, "it is no age identity"],
    ["encrypt: passphrase, passphrase: $PASS, identity: $KEY", "it goes with recipients"],
    [`encrypt: ${recipient}, identity: $NONE`, "the environment variable NONE is not set"],
  ])("is refused with what to do: %s", (fields, expected) => {
    const problems = wrong(withRule(fields), { env });
    expect(problems.join("\n")).toContain(expected);
    for (const secret of Object.values(env)) expect(problems.join()).not.toContain(secret);
  });

  it("warns of a key that stands in the file, and never shows it", () => {
    const text = withRule(`encrypt: ${recipient}, identity: ${identity}`);
    expect(warned(text)).toEqual([
      expect.stringContaining('"identity" is a secret that stands in the file'),
    ]);
    const surroundings = { file: "/etc/syncline.yaml", env, readFile: () => "" };
    const parsed = parseUnion(text, nothingMade, surroundings);
    if (!("union" in parsed)) throw new Error("it was refused");
    expect(JSON.stringify([...parsed.union.fields])).not.toContain(identity);
  });
});
