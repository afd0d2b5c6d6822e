import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { jsonSchema } from "../../src/config/schema.ts";
import { secretsIn } from "../../src/config/secrets.ts";
import { right, warned, wrong } from "./helpers.ts";

let pem: string;
let elliptic: string;
beforeAll(() => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  elliptic = other.export({ type: "pkcs8", format: "pem" }).toString();
});

const email = "robot@project.iam.gserviceaccount.com";
const keyFile = (over: object = {}) =>
  JSON.stringify({
    type: "service_account",
    private_key_id: "abc",
    private_key: pem,
    client_email: email,
    client_id: "117",
    token_uri: "https://evil.example/token",
    ...over,
  });

const fields = (more: string) =>
  `accounts: { g: { provider: google-drive, ${more} } }\nrules: []\n`;
const over = (content: string) => ({ readFile: () => content });
const byKey = "serviceAccount: $file:key.json";

describe("a service account", () => {
  it.each([
    ["drive: Team", { drive: "Team" }],
    ["impersonate: ada@example.com", { impersonate: "ada@example.com" }],
    [
      "drive: Team, impersonate: ada@example.com",
      { drive: "Team", impersonate: "ada@example.com" },
    ],
  ])("is signed in by its key, with %s", (more, expected) => {
    const { accounts } = right(fields(`${byKey}, ${more}`), over(`${keyFile()}\n`));
    const serviceAccount = { email, clientId: "117", keyId: "abc", privateKey: pem };
    expect(accounts.get("g")).toEqual({ provider: "google-drive", serviceAccount, ...expected });
  });

  it("may come from the environment, its line ends escaped once more", () => {
    const escaped = keyFile({ private_key: pem.replaceAll("\n", "\\n") });
    const config = right(fields("serviceAccount: $KEY, drive: Team"), { env: { KEY: escaped } });
    expect(config.accounts.get("g")).toMatchObject({ serviceAccount: { privateKey: pem } });
  });

  it("is a secret, line by line, and warned of in the file", () => {
    const config = right(fields(`${byKey}, drive: Team`), over(keyFile()));
    const secrets = secretsIn(config.accounts.get("g") ?? {});
    const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("---"));
    expect(secrets).toEqual(expect.arrayContaining(lines));
    expect(secrets).not.toContain("-----BEGIN PRIVATE KEY-----");
    const literal = fields(`serviceAccount: '${keyFile()}', drive: Team`);
    expect(warned(literal)).toEqual([expect.stringContaining("a secret that stands in the file")]);
  });

  it.each<[string, () => string, string, RegExp]>([
    ["no JSON", () => "garbage", "drive: T", /is not JSON: give the JSON file.*whole/],
    ["a cut file", () => keyFile().slice(0, 900), "drive: T", /is not JSON/],
    ["a list", () => "[]", "drive: T", /lacks "type": "service_account"/],
    [
      "a sign-in of gcloud",
      () => JSON.stringify({ type: "authorized_user", refresh_token: "1//x" }),
      "drive: T",
      /its type is authorized_user.*make a key of type JSON/,
    ],
    [
      "an OAuth client",
      () => JSON.stringify({ installed: { client_id: "x" } }),
      "drive: T",
      /file of an OAuth client.*"clientId" and "clientSecret"/,
    ],
    ["no e-mail", () => keyFile({ client_email: undefined }), "drive: T", /lacks "client_email"/],
    ["no key", () => keyFile({ private_key: undefined }), "drive: T", /lacks "private_key"/],
    ["a cut key", () => keyFile({ private_key: pem.slice(0, 900) }), "drive: T", /cut or altered/],
    [
      "a key of another kind",
      () => keyFile({ private_key: elliptic }),
      "drive: T",
      /cut or altered/,
    ],
    [
      "no drive",
      () => keyFile(),
      "",
      new RegExp(`no storage of its own.*"drive".*add ${email} to the members.*content manager`),
    ],
    ["no e-mail to work as", () => keyFile(), "impersonate: ada", /"ada" is no e-mail/],
    ["a person, too", () => keyFile(), "drive: T, clientId: x", /"clientId": is of a person/],
  ])("is refused with %s, and nothing of the key is told", (_, content, more, words) => {
    const text = content();
    const problems = wrong(fields([byKey, more].filter(Boolean).join(", ")), over(text));
    expect(problems).toEqual([expect.stringMatching(words)]);
    for (const line of [...pem.split("\n"), ...elliptic.split("\n")].filter(
      (each) => each.length > 20,
    )) {
      if (!line.startsWith("---")) expect(problems[0]).not.toContain(line);
    }
    expect(problems[0]).not.toContain("garbage");
  });

  it("is refused as a path, which says what is missing", () => {
    expect(wrong(fields("serviceAccount: /run/secrets/google.json, drive: T"))).toEqual([
      expect.stringContaining("is a path: write $file: before it"),
    ]);
  });

  it("is told once when the file can't be read", () => {
    expect(wrong(fields(`${byKey}, drive: T`))).toEqual([expect.stringContaining("can't be read")]);
  });

  it("alone works as somebody else", () => {
    const person = "clientId: a, clientSecret: $S, refreshToken: $S";
    const problems = wrong(fields(`${person}, impersonate: ada@example.com`), { env: { S: "s" } });
    expect(problems).toEqual([expect.stringContaining("only a service account works as")]);
  });

  it("leaves a person's account as it was: each field that is missing is named", () => {
    expect(wrong(fields("clientId: a"))).toEqual([
      expect.stringContaining('needs "clientSecret"'),
      expect.stringContaining('needs "refreshToken"'),
    ]);
  });

  it("is one account under two names, with whichever of its keys", () => {
    const text = `accounts:
  one: { provider: google-drive, ${byKey}, drive: Team }
  two: { provider: google-drive, ${byKey}, drive: Team }
  other: { provider: google-drive, ${byKey}, drive: Other }
  a: { provider: local, root: /a }
  b: { provider: local, root: /b }
rules:
  - { name: first, from: a:/, to: one:/In }
  - { name: second, from: b:/, to: two:/In }
  - { name: third, from: b:/, to: other:/In }
`;
    expect(wrong(text, over(keyFile()))).toEqual([
      expect.stringMatching(/rules? "first" and "second" write into one folder/),
    ]);
  });

  it("is in the schema that editors complete by", () => {
    const schema = JSON.stringify(jsonSchema());
    expect(schema).toContain('{"required":["serviceAccount","drive"]}');
    expect(schema).toContain('{"required":["clientId","clientSecret","refreshToken"]}');
  });
});
