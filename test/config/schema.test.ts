import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configSchema, jsonSchema } from "../../src/config/schema.ts";
import { configTemplate } from "../../src/config/template.ts";
import { ageKeys, right, warned, wrong } from "./helpers.ts";

/** Every field that a rule file can have. */
const complete = `accounts:
  work-dropbox: { provider: dropbox,      clientId: $DROPBOX_APP_KEY,   clientSecret: $DROPBOX_APP_SECRET,   refreshToken: $DROPBOX_REFRESH_TOKEN }
  drive:        { provider: google-drive, clientId: $GOOGLE_CLIENT_ID,  clientSecret: $GOOGLE_CLIENT_SECRET, refreshToken: $GOOGLE_REFRESH_TOKEN }
  team:         { provider: onedrive,     clientId: $MS_CLIENT_ID,      clientSecret: $MS_CLIENT_SECRET,     refreshToken: $MS_REFRESH_TOKEN }   # tenant: common by default
  nas:          { provider: local, root: /srv/archive }

rules:
  - name: invoices                     # letters, digits, - and _; unique
    from: work-dropbox:/Invoices
    to: drive:/Accounting/Invoices      # a list fans out: each destination keeps its own progress and retries
    mode: copy                         # copy | move | mirror | two-way          (default copy)
    on: [change, "0 3 * * *"]          # change | every 15m | a cron line | manual; a list makes a hybrid   (default change)
    timezone: Europe/Berlin
    include: ["**/*.pdf"]              # globs relative to \`from\`, default everything
    exclude: ["**/~$*", "**/.DS_Store"]   # what a filter change newly excludes is forgotten, never deleted
    quiet: 10s
    where: { smallerThan: 2GiB, largerThan: 1KiB, newerThan: 30d, olderThan: 1h }
    as: "{yyyy}/{mm}/{name}"           # destination path from source facts; default the same relative path
    conflict: newest                   # newest | keep-both | review | from | to    (default keep-both)
    deletes: trash
    guard: { deletes: 25%, changes: none }
    googleDocs: export                 # export (docx, xlsx, pptx) | pdf | skip
    encrypt: ${ageKeys.recipient}
    encryptNames: true
    identity: $AGE_KEY
    bandwidth: 10MiB/s
    paused: false

notify:                                # told once per change of state, not once per file
  - { when: [held, failing, stale, sign-in-needed], to: "smtp://mail.lan?from=a@x.org&to=b@x.org", staleAfter: 12h }
  - { when: [held], to: "https://hooks.example/x", secret: $HOOK_SECRET }
`;
const names = [...complete.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => [name, `the ${name}`]);
const env: Record<string, string> = {
  ...Object.fromEntries(names),
  AGE_KEY: ageKeys.identity,
};

describe("the schema", () => {
  it("knows every field", () => {
    expect(configSchema.safeParse(parse(complete)).error).toBeUndefined();
  });

  it("reads the example", () => {
    const { rules, notify } = right(complete, { env });
    const encryption = { recipients: [ageKeys.recipient], names: true };
    expect(rules[0]).toMatchObject({ name: "invoices", quietMs: 10_000, encryption });
    expect(notify).toMatchObject([
      { when: ["held", "failing", "stale", "sign-in-needed"], staleAfterMs: 43_200_000 },
      { when: ["held"], secret: "the HOOK_SECRET", staleAfterMs: 86_400_000, place: "file" },
    ]);
  });
});

describe("the JSON Schema", () => {
  const published = z.fromJSONSchema(JSON.parse(JSON.stringify(jsonSchema())));

  it("accepts the example", () => {
    expect(published.safeParse(parse(complete)).error).toBeUndefined();
    expect(published.safeParse(parse(configTemplate())).error).toBeUndefined();
  });

  it.each([
    ["an unknown field", "mode: copy", "mod: copy"],
    ["a wrong word", "mode: copy", "mode: coppy"],
    ["a missing field", "from: work-dropbox:/Invoices", ""],
    ["an unknown provider", "provider: local", "provider: locl"],
    ["a wrong kind", "paused: false", "paused: never"],
  ])("refuses %s", (_, before, after) => {
    expect(published.safeParse(parse(complete.replace(before, after))).success).toBe(false);
  });

  it("describes every field, so that editors show help", () => {
    expect(undescribed(jsonSchema())).toEqual([]);
  });
});

describe("the template", () => {
  const filled = Object.fromEntries(
    [...configTemplate().matchAll(/: \$([A-Z_]+)/g)].map(([, name]) => [name ?? "", "value"]),
  );

  it("is right, and warns of nothing, once its variables are set", () => {
    expect(warned(configTemplate(), { env: filled })).toEqual([]);
    const [rule] = right(configTemplate(), { env: filled }).rules;
    expect([rule?.from.account, rule?.to[0]?.account]).toEqual(["dropbox", "drive"]);
  });

  it("asks for its variables by name when they are not set", () => {
    const asked = wrong(configTemplate()).map((line) =>
      line.replace(/^.*variable (\w+) .*$/, "$1"),
    );
    const only = /^(NOTIFY|ONEDRIVE|ARCHIVE)_\w+$/;
    expect(asked).toEqual(Object.keys(filled).filter((name) => !only.test(name)));
  });

  it("points editors to the schema", () => {
    expect(configTemplate()).toMatch(
      /^# yaml-language-server: \$schema=\.\/syncline\.schema\.json$/m,
    );
  });

  it("speaks of every field of a rule", () => {
    const fields = Object.keys(configSchema.shape.rules.unwrap().unwrap().element.shape);
    const missing = fields.filter(
      (field) => !new RegExp(`^[ #-]*${field}: ?`, "m").test(configTemplate()),
    );
    expect(missing).toEqual([]);
  });

  it("is right in what it only mentions", () => {
    const said = configTemplate()
      .replace(
        /^ {4}# ((?:include|quiet|as|conflict|deletes|guard|googleDocs|paused|where): ?)/gm,
        "    $1",
      )
      .replace(/^ {4}# {3}(\w+Than: )/gm, "      $1")
      .replace(/^ {2}# ((?:nas|team):| {2}\w+:)/gm, "  $1")
      .replace("# origin:", "origin:")
      .replace(/^# (notify:| {2}[- ] \w+:)/gm, "$1");
    const env = { ...filled, NOTIFY_URL: "https://hooks.example" };
    expect(wrong(said, { env })).toEqual([]);
    const { rules, notify } = right(said, { env });
    expect(rules[0]?.where).toHaveProperty("olderThanMs");
    expect(notify[0]?.when).toHaveLength(4);
  });
});

/** Paths of all properties in a JSON Schema that have no description. */
function undescribed(schema: unknown, path = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== "properties") return undescribed(value, path);
    return Object.entries(value as Record<string, object>).flatMap(([name, field]) => [
      ...("description" in field ? [] : [`${path}/${name}`]),
      ...undescribed(field, `${path}/${name}`),
    ]);
  });
}

describe("two accounts of one grant", () => {
  const google = "provider: google-drive, clientId: a, clientSecret: s, refreshToken: t";
  const dropbox = "provider: dropbox, clientId: a, refreshToken: t";
  const pair = (one: string, other: string) => `accounts:
  one: { ${one} }
  other: { ${other} }
rules:
  - { name: r, from: "one:/Docs", to: "other:/Docs" }
`;

  it("are two places when they name two drives", () => {
    expect(wrong(pair(google, `${google}, drive: Marketing`))).toEqual([]);
    expect(wrong(pair(`${google}, drive: Sales`, `${google}, drive: Marketing`))).toEqual([]);
    expect(wrong(pair(dropbox, `${dropbox}, space: team`))).toEqual([]);
  });

  it("are one place when they name the same", () => {
    const both = [
      pair(google, google),
      pair(`${google}, drive: Sales`, `${google}, drive: Sales`),
      pair(dropbox, `${dropbox}, space: home`),
    ];
    for (const text of both) expect(wrong(text)).toEqual([expect.stringContaining("one:/Docs")]);
  });
});

describe("an account of Dropbox", () => {
  const account = (fields: string) =>
    `accounts:\n  x: { provider: dropbox, clientId: a, refreshToken: t${fields} }`;

  it("fetches by itself only where it says so", () => {
    expect(right(account("")).accounts.get("x")).not.toHaveProperty("saveUrl");
    expect(right(account(", saveUrl: true")).accounts.get("x")).toHaveProperty("saveUrl", true);
    expect(wrong(account(", saveUrl: often"))).toEqual([expect.stringContaining("saveUrl")]);
  });
});

describe("an account of OneDrive", () => {
  const account = (fields: string) =>
    `accounts:\n  x: { provider: onedrive, clientId: a, refreshToken: t, ${fields} }`;
  const settings = (fields: string) => right(account(fields)).accounts.get("x");

  it("names a library by its site, as browsers show it", () => {
    expect(settings('site: "https://contoso.sharepoint.com/sites/team/", library: Plans')).toEqual(
      expect.objectContaining({ site: "contoso.sharepoint.com/sites/team", library: "Plans" }),
    );
  });

  it.each([
    ["drive: b!x, site: c.sharepoint.com", "leave one out"],
    ["library: Plans", 'say which with "site"'],
    ['site: "c.sharepoint.com/sites/a?x=1"', "is no site"],
  ])("is refused with %s", (fields, words) => {
    expect(wrong(account(fields))).toEqual([expect.stringContaining(words)]);
  });

  const pair = (drive: string) => `accounts:
  own: { provider: onedrive, clientId: a, refreshToken: t }
  team: { provider: onedrive, clientId: a, refreshToken: t, ${drive} }
rules:
  - { name: r, from: "own:/Docs", to: "team:/Docs" }
`;

  it("is another place than one of the same grant that names another drive", () => {
    expect(wrong(pair("site: c.sharepoint.com/sites/team"))).toEqual([]);
    expect(wrong(pair("tenant: common"))).toEqual([expect.stringContaining("own:/Docs")]);
  });
});
