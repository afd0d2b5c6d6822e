import { describe, expect, it } from "vitest";
import { parse, right, warned, withRule, wrong } from "./helpers.ts";

const small = `accounts:
  box: { provider: dropbox, clientId: $KEY, refreshToken: $TOKEN }
  nas: { provider: local, root: archive }
rules:
  - name: invoices
    from: box:/Invoices//2026/
    to: nas:/
`;
const env = { KEY: "key", TOKEN: "token" };

describe("a right file", () => {
  it("gives accounts with their secrets and rules with their defaults", () => {
    const config = right(small, { env });
    expect([...config.accounts]).toEqual([
      ["box", { provider: "dropbox", clientId: "key", refreshToken: "token" }],
      ["nas", { provider: "local", root: "/etc/syncline/archive" }],
    ]);
    expect(config.rules).toEqual([
      {
        name: "invoices",
        from: { account: "box", path: ["Invoices", "2026"] },
        to: [{ account: "nas", path: [] }],
        mode: "copy",
        triggers: [{ type: "change" }],
        timeZone: null,
        include: [],
        exclude: [],
        quietMs: 2_000,
        where: {},
        as: null,
        conflict: "keep-both",
        deletes: "trash",
        guard: { deletesPercent: 25, changesPercent: null, minimumFiles: 10 },
        googleDocs: "export",
        encryption: null,
        bandwidth: [],
        after: [],
        paused: false,
      },
    ]);
  });

  it("is frozen throughout", () => {
    const [rule] = right(small, { env }).rules;
    expect([rule, rule?.to, rule?.from.path, rule?.guard].every(Object.isFrozen)).toBe(true);
  });

  it.each([
    ["on: every 15m", { triggers: [{ type: "every", everyMs: 900_000 }] }],
    [
      'on: [change, "0 3 * * *", manual]',
      { triggers: [{ type: "change" }, { type: "cron", line: "0 3 * * *" }, { type: "manual" }] },
    ],
    ["on: 0 3 * * *", { triggers: [{ type: "cron", line: "0 3 * * *" }] }],
    ['on: "@daily"', { triggers: [{ type: "cron", line: "@daily" }] }],
    ["timezone: europe/berlin", { timeZone: "Europe/Berlin" }],
    ['include: "**/*.pdf"', { include: ["**/*.pdf"] }],
    ['exclude: ["**/~$*", "!(a)"]', { exclude: ["**/~$*", "!(a)"] }],
    ["quiet: 10s", { quietMs: 10_000 }],
    [
      "where: { smallerThan: 2GiB, largerThan: 512, newerThan: 30d, olderThan: 1h }",
      {
        where: {
          smallerThanBytes: 2 ** 31,
          largerThanBytes: 512,
          newerThanMs: 2_592_000_000,
          olderThanMs: 3_600_000,
        },
      },
    ],
    ['as: "{yyyy}/{name}"', { as: "{yyyy}/{name}" }],
    ["conflict: newest, googleDocs: pdf", { conflict: "newest", googleDocs: "pdf" }],
    [
      "guard: { deletes: none, changes: none }",
      { guard: { deletesPercent: null, changesPercent: null, minimumFiles: 10 } },
    ],
    ["bandwidth: none, paused: true", { bandwidth: [], paused: true }],
  ])("reads %s", (fields, expected) => {
    expect(right(withRule(fields)).rules[0]).toMatchObject(expected);
  });

  it("reads origins, one for all or one each", () => {
    const text = (origin: string) =>
      `accounts: { g: { provider: google-drive, clientId: a, clientSecret: $S, refreshToken: $S, origin: ${origin} } }`;
    const origin = (given: string) => right(text(given), { env: { S: "s" } }).accounts.get("g");
    const one = "http://127.0.0.1:9000";
    expect(origin(`${one}/`)).toMatchObject({ origin: { api: one, authorize: one, token: one } });
    expect(origin(`{ api: "${one}" }`)).toMatchObject({ origin: { api: one } });
  });

  it("may have no rules yet", () => {
    expect(right("accounts:\nrules:\n").rules).toEqual([]);
  });
});

describe("secrets", () => {
  const text = (token: string) =>
    `accounts:\n  box: { provider: dropbox, clientId: key, refreshToken: ${token} }`;
  const token = (config: ReturnType<typeof right>) => config.accounts.get("box");

  const mend = "set it where syncline is started, or name a file that holds it: $file:/path";

  it.each(["$TOKEN", `\${TOKEN}`])("%s takes an environment variable", (given) => {
    expect(token(right(text(`"${given}"`), { env }))).toMatchObject({ refreshToken: "token" });
  });

  it("$file: takes a file without its trailing line end, counted from the configuration", () => {
    const readFile = (path: string) => (path === "/etc/syncline/token" ? "from file\n" : "other");
    expect(token(right(text("$file:token"), { readFile }))).toMatchObject({
      refreshToken: "from file",
    });
  });

  it.each([
    ["$TOKEN", {}, `2:58: the environment variable TOKEN is not set: ${mend}`],
    ["$TOKEN", { env: { TOKEN: "" } }, `2:58: the environment variable TOKEN is empty: ${mend}`],
    [
      "$file:/no",
      {},
      `2:58: "$file:/no" can't be read: ENOENT: no such file or directory, open '/no'`,
    ],
    ["$file:/no", { readFile: () => "\n" }, '2:58: "$file:/no": the file is empty'],
  ])("%s that can't be had is a problem, and the only one", (given, over, expected) => {
    expect(wrong(text(given), over)).toEqual([expected]);
  });

  it("a missing variable hides no other problem, and causes none", () => {
    const origin =
      "accounts:\n  g: { provider: dropbox, clientId: a, refreshToken: $T, origin: $O, x: 1 }";
    expect(wrong(origin, { env })).toEqual([
      `2:54: the environment variable T is not set: ${mend}`,
      `2:66: the environment variable O is not set: ${mend}`,
      '2:70: "x" is not a field of a dropbox account (allowed: provider, clientId, clientSecret, refreshToken, space, saveUrl, origin)',
    ]);
  });

  it("a literal secret is accepted with a warning", () => {
    expect(warned(text("s3cret"))).toEqual([
      '2:58: "refreshToken" is a secret that stands in the file: better take it from the environment ($NAME) or a file ($file:/path)',
    ]);
    expect(right(text("s3cret")).accounts.has("box")).toBe(true);
  });

  it("never stand in a message", () => {
    const literal =
      "accounts:\n  box: { provider: dropbox, clientId: key, refreshToken: [s3cret], clientSecret: 123 }";
    expect(wrong(literal).concat(warned(literal)).join()).not.toMatch(/s3cret|123/);
    const origin = text("t, origin: $SECRET");
    expect(wrong(origin, { env: { SECRET: "s3cret" } }).join()).not.toContain("s3cret");
  });
});

const ruleKeys =
  "name, from, to, mode, on, timezone, include, exclude, quiet, where, as, conflict, deletes, guard, googleDocs, encrypt, passphrase, identity, encryptNames, bandwidth, after, paused";

describe("the time zone of the file", () => {
  it("holds for the rules that name none", () => {
    const file = `timezone: Asia/Tokyo\n${withRule("on: 0 3 * * *")}`;
    expect(right(file).rules[0]?.timeZone).toBe("Asia/Tokyo");
    expect(right(file.replace("on:", "timezone: UTC, on:")).rules[0]?.timeZone).toBe("UTC");
  });

  it("is checked like that of a rule", () => {
    expect(wrong("timezone: Mars/Base\naccounts: {}")[0]).toContain("is not a time zone");
  });
});

describe("a wrong field of a rule", () => {
  it.each([
    [
      "mod: copy",
      `3:36: "mod" is not a field of a rule; did you mean "mode"? (allowed: ${ruleKeys})`,
    ],
    ["zebra: 1", `3:36: "zebra" is not a field of a rule (allowed: ${ruleKeys})`],
    [
      "mode: coppy",
      `3:42: "mode" can't be "coppy"; did you mean "copy"? (allowed: copy, move, mirror, two-way)`,
    ],
    ["conflict: 5", `3:46: "conflict" can't be 5 (allowed: newest, keep-both, review, from, to)`],
    [
      "on: chnge",
      `3:40: "on": "chnge" is not a trigger: write change, manual, every 15m, or a cron line such as "0 3 * * *"; did you mean "change"?`,
    ],
    [
      "on: 15m",
      `3:40: "on": "15m" is not a trigger: write change, manual, every 15m, or a cron line such as "0 3 * * *"; did you mean "every 15m"?`,
    ],
    [
      "on: [change, 0 99 * * *]",
      `3:49: "on": "0 99 * * *" is not a cron line: Invalid value for hour: 99`,
    ],
    [
      "timezone: Berlin",
      `3:46: "timezone": "Berlin" is not a time zone: write its IANA name, such as Europe/Berlin or UTC; did you mean "Europe/Berlin"?`,
    ],
    ["on: 0 0 30 2 *", `3:40: "on": "0 0 30 2 *" is a cron line that never comes`],
    ["on: every 10ms", `3:40: "on": "every 10ms" is too often: write 1s or more`],
    ["on: []", `3:40: "on": the list is empty: name at least one, or leave the field out`],
    ["on: { every: 15m }", `3:40: "on" must be text or a list, found a mapping`],
    [
      "include: /docs",
      `3:45: "include": "/docs" begins with "/" or "./": globs are relative to "from"; did you mean "docs"?`,
    ],
    [
      "include: [a, docs/]",
      `3:49: "include": "docs/" ends with "/": for all that a folder holds, write /**; did you mean "docs/**"?`,
    ],
    [
      "exclude: ['!a']",
      `3:46: "exclude": "!a": globs are not turned around with "!"; use exclude or include`,
    ],
    ["exclude: [../a]", `3:46: "exclude": "../a" holds "..": nothing outside "from" is looked at`],
    ["exclude: [a, 5]", `3:49: "exclude" must be text, found 5: put it in quotes`],
    [
      "quiet: 10 sec",
      `3:43: "quiet": "10 sec" is not a duration: write a number and a unit (ms, s, m, h, d, w), such as 10s, 15m, 1h, 30d or 2w; did you mean "10s"?`,
    ],
    [
      "quiet: 10",
      `3:43: "quiet": "10" is not a duration: write a number and a unit (ms, s, m, h, d, w), such as 10s, 15m, 1h, 30d or 2w`,
    ],
    [
      "where: { smaller: 1 }",
      `3:45: "smaller" is not a field of "where" (allowed: smallerThan, largerThan, newerThan, olderThan)`,
    ],
    [
      "where: { largerThan: 1G }",
      `3:57: "largerThan": "1G" is not a size: write a number and a unit (B, KB, MB, GB, TB, KiB, MiB, GiB, TiB), such as 10MB or 2GiB; did you mean "1GiB"?`,
    ],
    [
      "where: { smallerThan: 1KB, largerThan: 1KB }",
      `3:43: "where": no file is larger than "largerThan" and smaller than "smallerThan"`,
    ],
    [
      "where: { newerThan: 1h, olderThan: 1d }",
      `3:43: "where": no file is older than "olderThan" and newer than "newerThan"`,
    ],
    [
      'as: "{yyy}/{name}"',
      `3:40: "as": "{yyy}/{name}": "{yyy}" is not a field of a template ({name} {stem} {ext} {path} {yyyy} {mm} {dd} {hh} {min}); did you mean "{yyyy}"?`,
    ],
    [
      'as: "{yyyy}"',
      `3:40: "as": "{yyyy}": its last part holds neither {name} nor {stem}, so files would share one name ({name} {stem} {ext} {path} {yyyy} {mm} {dd} {hh} {min})`,
    ],
    [
      "guard: { deletes: 25 }",
      `3:54: "deletes": "25" is not a share: write a percentage from 0% to 100%, such as 25%, or none; did you mean "25%"?`,
    ],
    [
      "bandwidth: [{ at: 25:00, limit: none }]",
      `3:54: "at": "25:00" is not a time of day: write hours and minutes in quotes, such as "08:00"`,
    ],
    ["bandwidth: [{ limit: none }]", `3:48: a timetable needs "at"`],
    [
      "encrypt: ssh-rsa",
      `3:45: "encrypt": "ssh-rsa" is not an age recipient: they begin with age1 (age-keygen makes one), or write passphrase`,
    ],
    ["paused: yes", `3:44: "paused" must be true or false, found "yes"; did you mean "true"?`],
    ["include:", `3:45: "include" must be text or a list, found nothing`],
  ])("%s", (field, expected) => {
    expect(wrong(withRule(field))).toEqual([expected]);
  });

  it.each([
    [
      "name: a b",
      `3:11: "name": "a b" is not a name: use letters, digits, - and _, and begin with a letter or digit; did you mean "a-b"?`,
    ],
    ["name: 5", `3:11: "name" must be text, found 5: put it in quotes`],
    ["from: a/x", `3:11: "from": "a/x" names no account: write a location as account:/path`],
    ["from: /x", `3:11: "from": "/x" names no account: write a location as account:/x`],
    [
      "from: a:x",
      `3:11: "from": "a:x" is not a location: the path after "a:" begins with /; did you mean "a:/x"?`,
    ],
    [
      "from: a:/x/../y",
      `3:11: "from": "a:/x/../y" holds "..": write the path in full, from the account's root`,
    ],
    ["from: aa:/x", `3:11: there is no account "aa"; did you mean "a:/x"? (allowed: a, b)`],
    ["to: [b:/y, c:/]", `3:16: there is no account "c"; did you mean "a:/"? (allowed: a, b)`],
  ])("%s", (field, expected) => {
    const fields = { name: "name: r", from: "from: a:/x", to: "to: b:/y" };
    const [key = ""] = field.split(":");
    const rest = Object.entries(fields).filter(([each]) => each !== key);
    const rule = [field, ...rest.map(([, text]) => text)].join(", ");
    const text = withRule("").replace(/- \{.*\}/s, `- { ${rule} }`);
    expect(wrong(text)[0]).toBe(expected);
  });

  it("names what is missing, at the rule", () => {
    expect(
      wrong("rules:\n  - name: r\n    to: a:/\naccounts: { a: { provider: local, root: / } }"),
    ).toEqual(['2:5: a rule needs "from"']);
  });
});

describe("a wrong account", () => {
  it.each([
    [
      "{ provider: dropbx }",
      `2:18: "provider" can't be "dropbx"; did you mean "dropbox"? (allowed: dropbox, google-drive, onedrive, local, s3, webdav, sftp)`,
    ],
    ["{ root: /x }", '2:6: an account needs "provider"'],
    ["{ provider: local }", '2:6: a local account needs "root"'],
    ["{ provider: local, root: ~/x }", `2:31: "root": "~" is not expanded: write the path in full`],
    [
      "{ provider: local, root: /x, rot: 1 }",
      `2:35: "rot" is not a field of a local account; did you mean "root"? (allowed: provider, root)`,
    ],
    ["/x", '2:6: "x" must be a mapping, found "/x"'],
    [
      "{ provider: dropbox, clientId: 3, refreshToken: $T }",
      '2:37: "clientId" must be text, found 3: put it in quotes',
    ],
    [
      "{ provider: dropbox, clientId: a, refreshToken: $T, origin: localhost }",
      '2:66: "origin": not an origin: write scheme, host and perhaps port, such as https://host:8443',
    ],
    [
      "{ provider: dropbox, clientId: a, refreshToken: $T, origin: { apy: http://h } }",
      '2:68: "apy" is not a field of "origin"; did you mean "api"? (allowed: api, content, notify, authorize, token)',
    ],
  ])("%s", (account, expected) => {
    expect(wrong(`accounts:\n  x: ${account}`, { env: { T: "t" } })).toEqual([expected]);
  });

  it("may have an origin without TLS on this machine alone", () => {
    const read = (origin: string) => {
      const fields = `provider: dropbox, clientId: a, refreshToken: $T, origin: ${origin}`;
      return `accounts:\n  x: { ${fields} }\nrules: []`;
    };
    const env = { T: "t" };
    for (const origin of ["http://127.0.0.1:8080", "http://localhost", '"http://[::1]:1"']) {
      expect(right(read(origin), { env }).accounts.size, origin).toBe(1);
    }
    for (const origin of [
      "http://10.0.0.1:8080",
      "http://nas.local",
      "{ token: http://localhost.example.com }",
    ]) {
      expect(wrong(read(origin), { env })).toEqual([
        expect.stringContaining(
          "keys and files would go there without TLS, which is for this machine alone: write https://",
        ),
      ]);
    }
  });

  it("has a name that locations can hold", () => {
    expect(wrong("accounts:\n  my box: { provider: local, root: / }")).toEqual([
      '2:3: "my box" is not a name: use letters, digits, - and _, and begin with a letter or digit',
    ]);
  });
});

describe("a wrong file", () => {
  it.each([
    ["", '1:1: the file is empty: "syncline init" writes one to begin with'],
    ["# only words", '1:1: the file is empty: "syncline init" writes one to begin with'],
    ["hello", '1:1: the file must be a mapping, found "hello"'],
    ["accounts: []", '1:11: "accounts" must be a mapping, found a list'],
    ["rules: {}", '1:8: "rules" must be a list, found a mapping'],
    ["rules: [x]", '1:9: a rule must be a mapping, found "x"'],
    [
      "rulez: []",
      '1:1: "rulez" is not a field of the file; did you mean "rules"? (allowed: accounts, rules, timezone, notify)',
    ],
    [
      "accounts:\naccounts:",
      "2:1: this key stands in its mapping a second time: keep one of the two",
    ],
    ["rules:\n\t- x", "2:1: lines are indented with blanks here, never with tabs"],
    [
      "rules: [**/*.pdf]",
      '1:9: **/*.pdf: text that begins with * must stand in quotes: "**/*.pdf"',
    ],
    ["rules: @x", "1:8: text that begins with @, ` or % must stand in quotes"],
    [
      "rules: {yyyy}/x",
      "1:14: not valid YAML here: text that holds { } [ ] or , must stand in quotes",
    ],
    ["rules: []\n---\nrules: []", '2:1: the file holds a second document after "---": write one'],
  ])("%j", (text, expected) => {
    expect(wrong(text)).toEqual([expected]);
  });

  it("gets everything that is wrong told at once, in order of place, and nothing applied", () => {
    const text = `accounts:
  a: { provider: local, root: /a, rot: 1 }
rules:
  - { name: one, from: a:/x, to: c:/y, mode: coppy, quiet: 10 }
  - { name: one, form: a:/x, to: a:/z }
notify: yes
`;
    expect(parse(text)).not.toHaveProperty("config");
    expect(wrong(text).map((line) => line.split(": ")[0])).toEqual([
      "2:35",
      "4:34",
      "4:46",
      "4:60",
      "5:5",
      "5:13",
      "5:18",
      "6:9",
    ]);
  });

  it("takes nothing that holds itself", () => {
    expect(wrong("rules: &all [*all]").join()).toContain("stands in what it stands for");
  });

  it("tells of a wrong value behind an anchor once, where it stands", () => {
    const text = `accounts: { a: { provider: local, root: /a }, b: { provider: local, root: /b } }
rules:
  - { name: one, from: a:/x, to: b:/1, where: &w { smallerThan: big } }
  - { name: two, from: a:/x, to: b:/2, where: *w }
`;
    expect(wrong(text).map((line) => line.split(": ")[0])).toEqual(["3:65"]);
  });
});
