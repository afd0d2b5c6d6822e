import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { loadAdapters, openApp } from "../../src/app.ts";
import { runProgram } from "../../src/cli/program.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { deriveSecret, signInPurpose } from "../../src/store/derived.ts";
import { loadKey } from "../../src/store/key.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { type Clouds, startClouds } from "../e2e/clouds.ts";
import { buildProgram, createDesk } from "./helpers.ts";

/** Every secret that a program without a dashboard holds is looked for in all that it says and writes. */

const passphrase = "MARKER-passphrase-of-the-key";
const password = "MARKER-notify-password";
const signing = "MARKER-webhook-secret";

interface Secret {
  readonly what: string;
  readonly text: string;
}

/** Runs commands in this process, and keeps all that they say. */
function listening(clouds: Clouds) {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, "write").mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  const env = { ...clouds.env, SYNCLINE_KEY: passphrase, SYNCLINE_LOG_LEVEL: "trace" };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const path = (name: string) => join(clouds.folder, name);
  const config = path("syncline.yaml");
  async function run(...args: string[]): Promise<number> {
    const code = await runProgram([...args, "--config", config, "--data", path("data")]);
    said.push(`\n$ syncline ${args.join(" ")}: ${code}\n`);
    return code;
  }
  return { run, said, path, write: (text: string) => writeFileSync(config, text) };
}

const rules = `
  - { name: photos, from: "dropbox:/Photos", to: "drive:/Backup", quiet: 0s }
  - { name: team, from: "onedrive:/Team", to: "dropbox:/Team", quiet: 0s }
notify:
  - { when: [failing], to: "ntfy+http://:${password}@127.0.0.1:9/topic" }
  - { when: [failing], to: "http://127.0.0.1:9/hook", secret: ${signing} }
`;

/** A service account beside the others; the rules follow. */
const robotAccount = (origin: string) => `
  robot: { provider: google-drive, serviceAccount: $file:robot.json, drive: Team, origin: "${origin}" }
rules:
  - { name: shared, from: "dropbox:/Photos", to: "robot:/Photos", quiet: 0s }`;

const linesOf = (pem: string) => pem.split("\n").filter((line) => /^[^-]{6}/.test(line));

const commands = [
  ["check"],
  ["accounts"],
  ["rules"],
  ["status"],
  ["plan", "photos"],
  ["run"],
  ["verify", "photos"],
  ["conflicts"],
  ["log"],
  ["explain", "dropbox:/Photos/a.txt"],
  ["undo", "--plan"],
  ["key", "check"],
];

it("shows and writes no secret, whatever comes of a command", { timeout: 120_000 }, async () => {
  const clouds = await startClouds();
  const { run, said, path, write } = listening(clouds);
  clouds.dropbox.files.put("/Photos/a.txt", "a");
  clouds.onedrive.files.mkdir("Team");
  // At a Google of its own, as each account is kept from its own secrets, whatever answers it gets.
  const google = createGoogleDriveCloud();
  onTestFinished(() => google.close());
  const robot = google.serviceAccounts.create();
  const team = google.files.createSharedDrive("Team");
  google.serviceAccounts.setRole(robot.client_email, team.id, "fileOrganizer");
  writeFileSync(path("robot.json"), JSON.stringify(robot, null, 2));
  const yaml = clouds.yaml(rules).replace("\nrules:", robotAccount(await google.start()));
  write(yaml);
  const key = loadKey({ SYNCLINE_KEY: passphrase }, "");
  const secrets: Secret[] = [
    { what: "the passphrase", text: passphrase },
    { what: "the key", text: Buffer.from(key).toString("base64") },
    { what: "the key, in hex", text: Buffer.from(key).toString("hex") },
    { what: "what signs cookies", text: deriveSecret(key, signInPurpose) },
    { what: "a password", text: password },
    { what: "a signing secret", text: signing },
    ...Object.entries(clouds.env).map(([what, text]) => ({ what, text })),
    ...linesOf(robot.private_key).map((text) => ({ what: "robot's key, a line", text })),
  ];

  // All goes well.
  expect(await run("run")).toBe(0);
  for (const command of commands) {
    await run(...command);
    await run(...command, "--json");
  }
  await run("plan", "photos", "--out", path("plan.json"));
  await run("backup", path("backup.sqlite"));
  const tokens = accessTokens(clouds, key);
  expect(tokens.length).toBeGreaterThanOrEqual(4);
  secrets.push(...tokens);

  // Services fail, and repeat what they were told.
  const services = [
    { name: "dropbox", cloud: clouds.dropbox },
    { name: "drive", cloud: clouds.drive },
    { name: "onedrive", cloud: clouds.onedrive },
    { name: "robot", cloud: google },
  ];
  const echoOf = (name: string) => {
    const told = secrets.filter(({ what }) => what.toLowerCase().startsWith(name));
    return told.map(({ text }) => text).join(" ");
  };
  for (const { name, cloud } of services) {
    const echo = echoOf(name);
    for (const [status, body] of failures(echo)) {
      cloud.faults.add({
        match: { route: /./, times: 3 },
        effect: { type: "status", status, body },
      });
    }
  }
  clouds.dropbox.files.put("/Photos/b.txt", "b");
  for (const command of commands) await run(...command);
  // Sign-ins fail, and repeat what they were told.
  clouds.dropbox.oauth.expireAccessTokens();
  google.oauth.expireAccessTokens();
  for (const { name, cloud } of services) {
    cloud.faults.clear();
    const body = { error: "invalid_grant", error_description: echoOf(name) };
    const effect = { type: "status", status: 400, body } as const;
    cloud.faults.add({ match: { route: /token/, times: 99 }, effect });
  }
  for (const command of [["check"], ["run"], ["status", "--json"], ["accounts", "--json"]]) {
    await run(...command);
  }

  // Secrets in the wrong places, and words that are none.
  const { DROPBOX_TOKEN: token = "" } = clouds.env;
  for (const wrong of [
    `accounts:\n  a: { provider: dropbox, clientId: i, clientSecrt: ${token}, refreshToken: [${token}] }\nrules: []`,
    `accounts:\n  a: { provider: dropbox, clientId: i, refreshToken: { x: ${token} } }\nrules: []`,
    `accounts: { refreshToken: ${token} }\nrules: []`,
    `accounts: { a: { provider: google-drive, serviceAccount: $file:robot.json } }\nrules: []`,
    `accounts: { a: { provider: google-drive, drive: T, serviceAccount: ${JSON.stringify(robot)} } }\nrules: []`,
    `accounts: { a: { provider: google-drive, drive: T, serviceAccount: '${JSON.stringify(robot).slice(0, -9)}' } }\nrules: []`,
    `notify: [{ when: [failing], to: "smtpx://u:${password}@h" }]\nrules: []\naccounts: {}`,
    `notify: [{ when: [failing], to: "http://u:${password}@example.com" }]\nrules: []\naccounts: {}`,
    `notify: [{ when: [x], to: "ntfy://:${password}@", secret: [${signing}] }]\nrules: []\naccounts: {}`,
  ]) {
    write(wrong);
    expect(await run("check")).toBe(2);
    expect(await run("check", "--json")).toBe(2);
  }
  vi.stubEnv("SYNCLINE_KEY", "MARKER-other-key-that-is-long");
  write(yaml);
  expect(await run("run")).toBe(2);
  secrets.push({ what: "a wrong key", text: "MARKER-other-key-that-is-long" });

  const files = ["data", "."].flatMap((folder) =>
    readdirSync(path(folder), { withFileTypes: true })
      .filter((each) => each.isFile() && !["syncline.yaml", "robot.json"].includes(each.name))
      .map((each) => join(folder, each.name)),
  );
  expect(files).toEqual(
    expect.arrayContaining(["data/syncline.sqlite", "plan.json", "backup.sqlite"]),
  );
  for (const { what, text } of secrets) {
    const places = said
      .join("")
      .split("\n")
      .filter((line) => line.includes(text));
    expect(places.map((line) => `${what}: ${line.slice(0, 400)}`)).toEqual([]);
    const holding = files.filter((file) => readFileSync(path(file)).includes(text));
    expect(holding.map((file) => `${what}: ${file}`)).toEqual([]);
  }
});

it("keeps nothing by which a passphrase can be guessed faster than age allows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "syncline-guess-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const parsed = parseConfig(
    `accounts: { a: { provider: local, root: a }, b: { provider: local, root: b } }
rules: [{ name: docs, from: "a:/", to: "b:/", encrypt: passphrase, passphrase: correct horse battery }]`,
    { file: join(folder, "syncline.yaml"), env: {}, readFile: () => "" },
  );
  if ("problems" in parsed) throw new Error("the file is right");
  const { config } = parsed;
  await loadAdapters(config.accounts.values());
  const hashes = ["one", "other"].map((name) => {
    const dataFolder = join(folder, name);
    const { signal } = new AbortController();
    const options = { config, dataFolder, env: {}, tell: () => {}, log: () => {}, signal };
    const app = openApp(options);
    const [rule] = config.rules;
    const { settingsHash } = app.account("b", rule);
    app.store.close();
    return settingsHash;
  });
  // Another key, another hash: without it nothing can be tried.
  expect(hashes[0]).not.toBe(hashes[1]);
});

beforeAll(buildProgram);

it("shows no password of a proxy whose address is wrong", async () => {
  const desk = createDesk(null, { HTTPS_PROXY: "http://u:MARKER-pass@word@[bad" });
  onTestFinished(desk.clear);
  const { code, stderr } = await desk.run("check");
  expect([code, stderr]).toEqual([2, expect.stringContaining("is not the address of a proxy")]);
  expect(stderr).not.toContain("MARKER");
  expect(stderr).not.toContain("word@");
});

/** How services say no, each with what it was told. */
const failures = (echo: string): readonly (readonly [number, string | object])[] => [
  [409, { error_summary: `path/${echo}`, error: { ".tag": "path", path: { ".tag": echo } } }],
  [400, { error: { code: "x", message: echo, errors: [{ reason: "y", message: echo }] } }],
  [500, `<html>${echo}</html>`],
  [200, `{"token": "${echo}`],
];

/** What the state holds of short-lived tokens. */
function accessTokens({ folder }: Clouds, key: Uint8Array): Secret[] {
  const store = openStore({ file: stateFile(join(folder, "data")), key, now: Date.now });
  try {
    return store.accounts.all().flatMap(({ id, name, settingsHash }) => {
      const tokens = store.accounts.tokens(id, settingsHash).load();
      return [tokens?.accessToken, tokens?.refreshToken].flatMap((text) =>
        text === undefined ? [] : [{ what: `${name}, a token`, text }],
      );
    });
  } finally {
    store.close();
  }
}
