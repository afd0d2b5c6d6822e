import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
} from "vitest";
import { connect } from "../../src/cli/connect.ts";
import { formatOwner } from "../../src/cli/lease.ts";
import { createOutput } from "../../src/cli/output.ts";
import { reportError } from "../../src/cli/report-error.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { loadKey } from "../../src/store/key.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createOneDriveCloud } from "../clouds/onedrive/cloud.ts";
import { startHttp, startSmtp } from "../notify/servers.ts";
import { command, gather, streams } from "./in-process.ts";

/**
 * What people commonly do wrong. Whoever reads the answer, and nothing else, knows what is wrong, where, and how to
 * mend it.
 */

/** A folder of its own for each mistake. */
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "syncline-mistake-")));
  for (const name of ["left/in", "right"]) mkdirSync(join(folder, name), { recursive: true });
  chmodSync(folder, 0o777);
});
afterEach(() => {
  becomeRoot();
  rmSync(folder, { recursive: true, force: true });
});
let becomeRoot = () => {};

const dropbox = createDropboxCloud({ keepBytes: true });
const drive = createGoogleDriveCloud({ keepBytes: true });
const onedrive = createOneDriveCloud({ keepBytes: true, driveType: "personal" });
beforeAll(async () => {
  for (const cloud of [dropbox, drive, onedrive]) await cloud.start();
});
afterAll(() => Promise.all([dropbox, drive, onedrive].map((cloud) => cloud.close())));

const local = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
`;
const rule = (fields: string) =>
  `${local}rules:\n  - { name: docs, from: left:/in, to: right:/, ${fields} }\n`;
const right = rule("quiet: 0s");

interface Mistake {
  /** What somebody did. */
  readonly mistake: string;
  /** The configuration; null: none. Default: a right one. */
  readonly config?: string | null | (() => string | Promise<string>);
  readonly env?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly prepare?: () => void | Promise<void>;
  readonly code: number;
  /** What is wrong, and how to mend it. */
  readonly says: readonly (string | RegExp)[];
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

async function carriedOut({ config = right, env = {}, args, prepare }: Mistake) {
  if (config !== null) write("syncline.yaml", typeof config === "string" ? config : await config());
  await prepare?.();
  const at = ["--config", join(folder, "syncline.yaml"), "--data", join(folder, "data")];
  const given = args.map((arg) => (arg === "PORT" ? String(port) : arg));
  return command([...given, ...at], env);
}

/** What `to` notices go to. */
const told = (to: string) => `notify: [{ when: [held], to: "${to}" }]\n${right}`;

const reading = ["account_info.read", "files.metadata.read", "files.content.read"];

const account = (name: string, given: object) =>
  `accounts:\n  ${name}: ${JSON.stringify(given)}\n  right: { provider: local, root: right }\n` +
  `rules:\n  - { name: docs, from: "${name}:/in", to: right:/ }\n`;

/** What a test of a cloud signs in with. */
const grants = {
  get box() {
    return granted;
  },
};
let granted = { clientId: "", clientSecret: "" as string | undefined, refreshToken: "" };

function box(given: object = {}): string {
  granted = dropbox.oauth.grant() as typeof granted;
  const { clientId, clientSecret, refreshToken } = granted;
  return account("box", {
    provider: "dropbox",
    clientId,
    clientSecret,
    refreshToken,
    origin: dropbox.origin,
    ...given,
  });
}

function driveOf(given: object): string {
  const { clientId, clientSecret, refreshToken } = drive.grant();
  return account("drive", {
    provider: "google-drive",
    clientId,
    clientSecret,
    refreshToken,
    origin: drive.origin,
    ...given,
  });
}

function oneDriveOf(given: object): string {
  const { clientId, clientSecret, refreshToken } = onedrive.grant();
  return account("team", {
    provider: "onedrive",
    clientId,
    clientSecret,
    refreshToken,
    origin: onedrive.origin,
    ...given,
  });
}

let port = 0;
async function takePort(): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  ({ port } = server.address() as AddressInfo);
}

function openState(given?: Uint8Array) {
  const data = join(folder, "data");
  const key = given ?? loadKey({}, data);
  return openStore({ file: stateFile(data), key, now: systemClock.now });
}

function ownedBy(host: string): void {
  const store = openState();
  store.leases.take(formatOwner({ host, pid: 77, startedMs: 0 }), () => true);
  store.close();
}

function sealedWithAnotherKey(): void {
  loadKey({}, join(folder, "data"));
  const store = openState(new Uint8Array(32).fill(7));
  store.made.putAccount("drive", "local", { provider: "local", root: "/" });
  store.close();
}

/** As a user who is not root, who may do everything. */
function withoutRights(name: string, mode: number) {
  return () => {
    mkdirSync(join(folder, name), { recursive: true });
    const data = join(folder, "data");
    mkdirSync(data, { recursive: true });
    chmodSync(data, 0o777);
    chmodSync(join(folder, name), mode);
    const { geteuid, seteuid } = process;
    if (geteuid?.() !== 0 || !seteuid) return;
    seteuid(65_534);
    becomeRoot = () => seteuid(0);
  };
}

const mistakes: readonly Mistake[] = [
  {
    mistake: "no configuration",
    config: null,
    args: ["run"],
    code: 2,
    says: ["syncline.yaml", '"syncline init" writes one'],
  },
  {
    mistake: "an empty configuration",
    config: "",
    args: ["check"],
    code: 2,
    says: ["the file is empty", "syncline init"],
  },
  {
    mistake: "a tab in the YAML",
    config: "accounts:\n\tleft: { provider: local, root: left }\n",
    args: ["check"],
    code: 2,
    says: ["syncline.yaml:2:", /tab/i],
  },
  {
    mistake: "an unknown field",
    config: rule("exlude: [x]"),
    args: ["check"],
    code: 2,
    says: ['"exlude"', 'did you mean "exclude"?'],
  },
  {
    mistake: "an unknown account",
    config: right.replace("right:/", "rihgt:/"),
    args: ["check"],
    code: 2,
    says: ['"rihgt"', 'did you mean "right:/"?'],
  },
  {
    mistake: "an unknown mode",
    config: rule("mode: sync"),
    args: ["check"],
    code: 2,
    says: ['"sync"', "copy", "two-way"],
  },
  {
    mistake: "an unknown provider",
    config: "accounts:\n  a: { provider: gdrive }\n",
    args: ["check"],
    code: 2,
    says: ['"gdrive"', "google-drive"],
  },
  {
    mistake: "a bad cron line",
    config: rule('on: ["0 25 * * *"]'),
    args: ["check"],
    code: 2,
    says: ["0 25 * * *", "hour"],
  },
  {
    mistake: "a bad glob",
    config: rule('include: ["[a-.pdf"]'),
    args: ["check"],
    code: 2,
    says: ['"[" is never closed', "close it"],
  },
  {
    mistake: "a bad size",
    config: rule("where: { smallerThan: 2 gigs }"),
    args: ["check"],
    code: 2,
    says: ['"2 gigs"', "GiB"],
  },
  {
    mistake: "a bad duration",
    config: rule("quiet: soonish"),
    args: ["check"],
    code: 2,
    says: ['"soonish"', "10s"],
  },
  {
    mistake: "a bad bandwidth",
    config: rule("bandwidth: fast"),
    args: ["check"],
    code: 2,
    says: ['"fast"', "MiB/s"],
  },
  {
    mistake: "a time of a bandwidth timetable that is none",
    config: rule('bandwidth: [{ at: "25:00", limit: 2MiB/s }]'),
    args: ["check"],
    code: 2,
    says: ['"25:00"', "08:00"],
  },
  {
    mistake: "a rule name with a blank",
    config: right.replace("name: docs", "name: my docs"),
    args: ["check"],
    code: 2,
    says: ['"my docs"', "letters, digits"],
  },
  {
    mistake: "one name for two rules",
    config: `${right}  - { name: docs, from: right:/x, to: left:/y }\n`,
    args: ["check"],
    code: 2,
    says: ['"docs"', "own name"],
  },
  {
    mistake: "two rules into one folder",
    config: `${right}  - { name: more, from: left:/other, to: right:/ }\n`,
    args: ["check"],
    code: 2,
    says: ['"docs"', '"more"'],
  },
  {
    mistake: "rules in a circle",
    config: `${local}rules:\n  - { name: a, from: left:/x, to: right:/y }\n  - { name: b, from: right:/y, to: left:/x }\n`,
    args: ["check"],
    code: 2,
    says: ['"a"', '"b"'],
  },
  {
    mistake: "a destination inside its source",
    config: `${local}rules:\n  - { name: a, from: left:/, to: left:/copy }\n`,
    args: ["check"],
    code: 2,
    says: ["left:/copy"],
  },
  {
    mistake: "a location without an account",
    config: right.replace("left:/in", "/in"),
    args: ["check"],
    code: 2,
    says: ['"/in" names no account', "account:/in"],
  },
  {
    mistake: "an environment variable that is not set",
    config: account("box", { provider: "dropbox", clientId: "$BOX_KEY", refreshToken: "x" }),
    args: ["check"],
    code: 2,
    says: ["environment variable BOX_KEY is not set", "set it where syncline is started"],
  },
  {
    mistake: "a secret file that is not there",
    config: account("box", {
      provider: "dropbox",
      clientId: "k",
      refreshToken: "$file:/nowhere/token",
    }),
    args: ["check"],
    code: 2,
    says: ["/nowhere/token", "does not exist"],
  },
  {
    mistake: "a source folder that is not there",
    config: right.replace("left:/in", "left:/no"),
    args: ["check"],
    code: 1,
    says: ["left:/no does not exist", "create it"],
  },
  {
    mistake: "a local root that is not there",
    config: right.replace("root: left", "root: lfet"),
    args: ["check"],
    code: 1,
    says: ["lfet"],
  },
  {
    mistake: "an unknown command",
    args: ["sync"],
    code: 2,
    says: ["unknown command 'sync'", "--help"],
  },
  {
    mistake: "an unknown option",
    args: ["run", "--forse"],
    code: 2,
    says: ["unknown option '--forse'", "--help"],
  },
  {
    mistake: "an unknown rule",
    args: ["run", "dosc"],
    code: 2,
    says: ['no rule "dosc"', 'did you mean "docs"?'],
  },
  {
    mistake: "a time that is none",
    args: ["log", "--since", "yesterday"],
    code: 2,
    says: ['"yesterday"', "30d", "2026-11-22"],
  },
  {
    mistake: "a log level that is none",
    args: ["run"],
    env: { SYNCLINE_LOG_LEVEL: "verbose" },
    code: 2,
    says: ["SYNCLINE_LOG_LEVEL", "debug"],
  },
  {
    mistake: "a public address without https",
    args: ["serve", "--port", "0"],
    env: { SYNCLINE_PUBLIC_URL: "http://sync.example.com" },
    code: 2,
    says: ["http://sync.example.com", "https"],
  },
  {
    mistake: "a key of the wrong length",
    args: ["run"],
    env: { SYNCLINE_KEY: "c2hvcnQ=" },
    code: 2,
    says: ["SYNCLINE_KEY", "32"],
  },
  {
    mistake: "a key file that is not there",
    args: ["run"],
    env: { SYNCLINE_KEY_FILE: "/nowhere/key" },
    code: 2,
    says: ["SYNCLINE_KEY_FILE: /nowhere/key", "does not exist"],
  },
  {
    mistake: "a size of a port that is none",
    args: ["serve", "--port", "http"],
    code: 2,
    says: ['--port: "http"', "0 to 65535"],
  },
  {
    mistake: "a port that is taken",
    args: ["serve", "--port", "PORT"],
    prepare: takePort,
    code: 1,
    says: [/port \d+ of 127.0.0.1 is in use/, "--port"],
  },
  {
    mistake: "a host of another machine",
    args: ["serve", "--host", "192.0.2.1", "--port", "0"],
    code: 1,
    says: ["192.0.2.1", "--host"],
  },
  {
    mistake: "a second process on one data folder",
    args: ["run"],
    prepare: () => ownedBy("elsewhere"),
    code: 1,
    says: ["process 77 on elsewhere is at work", "end it first"],
  },
  {
    mistake: "a data folder that can't be written",
    args: ["run"],
    prepare: withoutRights("data", 0o500),
    code: 1,
    says: ["data", "check who owns it"],
  },
  {
    mistake: "a data folder below a file",
    args: ["run"],
    prepare: () => write("data", "x"),
    code: 1,
    says: ["data", "something else stands in its place"],
  },
  {
    mistake: "a state file that is none",
    args: ["run"],
    prepare: () =>
      write(
        "data/syncline.sqlite",
        "nothing of the kind, and rather longer than a header of SQLite is, which takes a hundred bytes of it",
      ),
    code: 1,
    says: ["not Syncline's", "--data"],
  },
  {
    mistake: "another key than that of the state",
    args: ["run"],
    config: null,
    prepare: sealedWithAnotherKey,
    code: 2,
    says: ["is sealed with key", "SYNCLINE_KEY"],
  },
  {
    mistake: "a local root that this user may not list",
    args: ["run"],
    prepare: withoutRights("left", 0o000),
    code: 1,
    says: ["left", "check who owns it"],
  },
  {
    mistake: "a local root that this user may not write to",
    args: ["run"],
    prepare: () => {
      write("left/in/a.txt", "1");
      withoutRights("right", 0o555)();
    },
    code: 1,
    says: ["right", "permission"],
  },
  {
    mistake: "a grant that has ended",
    config: () => box(),
    prepare: () => void dropbox.oauth.revoke(grants.box.refreshToken),
    args: ["check"],
    code: 1,
    says: ["sign in again"],
  },
  {
    mistake: "a wrong client secret",
    config: () => box({ clientSecret: "wrong" }),
    args: ["check"],
    code: 1,
    says: ["the app key or secret is wrong"],
  },
  {
    mistake: "a permission that the Dropbox app lacks",
    config: () =>
      box({ refreshToken: dropbox.oauth.grant({ scopes: ["account_info.read"] }).refreshToken }),
    args: ["check"],
    code: 1,
    says: ["files.metadata.read", "sign in again"],
  },
  {
    mistake: "a permission to write that the Dropbox app lacks",
    config: () => box({ refreshToken: dropbox.oauth.grant({ scopes: reading }).refreshToken }),
    args: ["check"],
    code: 1,
    says: [
      "may not files.content.write: tick it under Permissions",
      "syncline connect dropbox box",
    ],
  },
  {
    mistake: "access to Drive that was not ticked",
    config: () => driveOf(drive.grant({ scopes: ["openid", "email"] })),
    args: ["check"],
    code: 1,
    says: ["may not https://www.googleapis.com/auth/drive:", "Google Cloud console", "tick"],
  },
  {
    mistake: "a permission that the Microsoft app lacks",
    config: () => oneDriveOf(onedrive.grant({ scopes: ["Files.ReadWrite", "offline_access"] })),
    args: ["check"],
    code: 1,
    says: ["may not Files.ReadWrite.All", "API permissions"],
  },
  {
    mistake: "a wrong password of the mail server",
    config: async () => {
      const { port } = await startSmtp({ refuse: "login" });
      return told(`smtp://ada:pass@127.0.0.1:${port}?from=a@x.org&to=b@x.org`);
    },
    args: ["check"],
    code: 1,
    says: ["b@x.org by 127.0.0.1", "535"],
  },
  {
    mistake: "an address for notices at which nobody answers",
    config: () => told("http://127.0.0.1:1/hook"),
    args: ["check"],
    code: 1,
    says: ["127.0.0.1:1", "ECONNREFUSED"],
  },
  {
    mistake: "a grant of another Google client",
    config: () => driveOf({ refreshToken: "1//nobody" }),
    args: ["check"],
    code: 1,
    says: ["sign in again", "testing mode"],
  },
  {
    mistake: "a wrong Google client secret",
    config: () => driveOf({ clientSecret: "wrong" }),
    args: ["check"],
    code: 1,
    says: ["check clientId and clientSecret"],
  },
  {
    mistake: "a wrong Microsoft client secret",
    config: () => oneDriveOf({ clientSecret: "wrong" }),
    args: ["check"],
    code: 1,
    says: ["check clientId, clientSecret and tenant"],
  },
];

/** The address that the browser would be sent back to, and the sign-in it belongs to. */
const askedIn = (page: string) => {
  const query = new URL(page).searchParams;
  return { address: query.get("redirect_uri") ?? "", state: query.get("state") ?? "" };
};

/** Comes back to the terminal with what a service says. */
async function comeBack(page: string, said: Readonly<Record<string, string>>): Promise<void> {
  const { address, state } = askedIn(page);
  await fetch(`${address}?${new URLSearchParams({ ...said, state })}`);
}

interface WrongRedirect {
  readonly service: string;
  readonly app: { readonly clientId: string; readonly clientSecret?: string };
  /** What the service's token endpoint says of the code; absent: it is not asked. */
  readonly token?: object;
  /** What the browser comes back with. */
  readonly said: Readonly<Record<string, string>>;
  /** What the person is told before, and after; ADDRESS: where the browser was to be sent. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const wrongRedirects: readonly WrongRedirect[] = [
  {
    service: "google-drive",
    app: { clientId: "web.apps.googleusercontent.com", clientSecret: "GOCSPX-web" },
    token: { error: "redirect_uri_mismatch", error_description: "Bad Request" },
    said: { code: "4/0A" },
    before: ["ADDRESS must be among the redirect URIs", "Desktop app"],
    after: ["redirect_uri_mismatch", "enter ADDRESS among the redirect URIs", "--port PORT"],
  },
  {
    service: "dropbox",
    app: { clientId: "app-key", clientSecret: "app-secret" },
    token: { error: "invalid_request", error_description: "Invalid redirect_uri." },
    said: { code: "a-code" },
    before: ["ADDRESS must be among the redirect URIs", "App Console, Settings"],
    after: ["Invalid redirect_uri", "enter ADDRESS among the redirect URIs"],
  },
  {
    service: "onedrive",
    app: { clientId: "66666666-7777-4888-9999-000000000000" },
    said: {
      error: "invalid_request",
      error_description: "AADSTS50011: The redirect URI specified in the request does not match.",
    },
    before: ["http://localhost must be among the redirect URIs", "any port is right"],
    after: ["AADSTS50011", "enter http://localhost among the redirect URIs", "Authentication"],
  },
];

describe("a redirect address that the app does not have", () => {
  it.each(wrongRedirects)("is named to $service's users, before and after", async (each) => {
    const { origin } = await startHttp(() => ({ status: 400, body: JSON.stringify(each.token) }));
    const [out, err] = [gather(), gather()];
    const output = createOutput(false, streams(out, err));
    const config = join(folder, "syncline.yaml");
    const shell = { config, data: join(folder, "data"), env: {}, output, now: Date.now };
    let [page, before] = ["", ""];
    const person = {
      async openBrowser(url: string) {
        [page, before] = [url, err.text()];
        await comeBack(url, each.said);
        return true;
      },
      readLine: async () => null,
    };
    const flags = { browser: true, port: "0", origin, ...each.app };
    const error: unknown = await connect(shell, each.service, "mine", flags, person).catch(
      (reason: unknown) => reason,
    );
    expect(reportError(error, output)).toBe(1);
    const { address } = askedIn(page);
    const filled = (words: string) =>
      words.replace("ADDRESS", address).replace("PORT", new URL(address).port);
    for (const words of each.before) expect.soft(before).toContain(filled(words));
    const after = err.text().slice(before.length);
    for (const words of each.after) expect.soft(after).toContain(filled(words));
    expect(after).not.toContain("    at ");
  });
});

describe("a common mistake is named, with its mend", () => {
  it.each(mistakes)("$mistake", async (each) => {
    const { code, stdout, stderr } = await carriedOut(each);
    const said = stdout + stderr;
    expect.soft(said).not.toContain("    at ");
    for (const words of each.says)
      expect.soft(said).toMatch(words instanceof RegExp ? words : literally(words));
    expect(code).toBe(each.code);
  });
});

function literally(words: string): RegExp {
  return new RegExp(words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}
