import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { type ConnectFlags, connect } from "../../src/cli/connect.ts";
import { ConfigError, UsageError } from "../../src/cli/failure.ts";
import type { Output } from "../../src/cli/output.ts";
import { openLoopback } from "../../src/cli/sign-in/loopback.ts";
import type { Person } from "../../src/cli/sign-in/person.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { createDropboxCloud, type DropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud, type GoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createOneDriveCloud, type OneDriveCloud } from "../clouds/onedrive/cloud.ts";
import { expectDocuments } from "./documents.ts";

let dropbox: DropboxCloud;
let drive: GoogleDriveCloud;
let onedrive: OneDriveCloud;

beforeAll(async () => {
  dropbox = createDropboxCloud();
  drive = createGoogleDriveCloud();
  onedrive = createOneDriveCloud({ driveType: "documentLibrary" });
  await Promise.all([dropbox.start(), drive.start(), onedrive.start()]);
  return () => Promise.all([dropbox.close(), drive.close(), onedrive.close()]);
});

const dropboxApp = { DROPBOX_APP_KEY: "app-key", DROPBOX_APP_SECRET: "app-secret" };
const publicApp = { ONEDRIVE_CLIENT_ID: "66666666-7777-4888-9999-000000000000" };
const webApp = {
  ONEDRIVE_CLIENT_ID: "11111111-2222-4333-8444-555555555555",
  ONEDRIVE_CLIENT_SECRET: "stand-in~secret",
};
const desktopApp = {
  GOOGLE_CLIENT_ID: "desktop.apps.googleusercontent.com",
  GOOGLE_CLIENT_SECRET: "GOCSPX-desktop",
};

interface Terminal {
  readonly provider: string;
  readonly flags?: Partial<ConnectFlags>;
  readonly env?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly json?: boolean;
  /** Text of the configuration; default: there is none. */
  readonly yaml?: string;
  /** What the person does with the address; the result is what they paste. */
  readonly person?: (url: string) => Promise<string>;
}

/** Runs the command with a person who does as told, in a folder of its own. */
function terminal({ provider, flags, env = {}, name = "mine", json, yaml, person }: Terminal) {
  const folder = mkdtempSync(join(tmpdir(), "syncline-connect-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "syncline.yaml");
  if (yaml !== undefined) writeFileSync(config, yaml);
  const printed: string[] = [];
  const notes: string[] = [];
  const documents: unknown[] = [];
  const output: Output = {
    json: json ?? false,
    print: (text) => json || printed.push(text),
    document: (value) => json && documents.push(value),
    note: (text) => notes.push(text),
    style: (_, text) => text,
    noteStyle: (_, text) => text,
    status() {},
    statusColumns: null,
  };
  const addressShown = () => /^ {2}(http\S+)$/m.exec(notes.join("\n"))?.[1] ?? "";
  const does: Person = {
    async openBrowser(url) {
      expect(url).toBe(addressShown());
      await (person ?? agree)(url);
      return true;
    },
    readLine: async () => (person ? person(addressShown()) : null),
  };
  const shell = { config, data: join(folder, "data"), env, output, now: Date.now };
  const all = { browser: true, port: "0", ...flags };
  const run = async () => {
    const code = await connect(shell, provider, name, all, does);
    const lines = documents.map((each) => `${JSON.stringify(each)}\n`);
    await expectDocuments(["connect", "--json"], lines.join(""));
    return code;
  };
  return { run, folder, config, printed, notes, documents };
}

/** Opens an address as a browser does; the stand-ins agree at once. */
async function agree(url: string): Promise<string> {
  return (await fetch(url)).text();
}

/** The address that the browser is sent to at the end, without going there. */
async function returnAddress(url: string): Promise<string> {
  const response = await fetch(url, { redirect: "manual" });
  return response.headers.get("location") ?? "";
}

/** What the configuration makes of the printed lines, with the printed variables set. */
function readBack(printed: string, env: Readonly<Record<string, string>>) {
  const lines = /^ {2}accounts:\n(?: {4}.*\n?)+/m.exec(printed)?.[0] ?? "";
  const exported = [...printed.matchAll(/^ {2}export (\w+)='(.*)'$/gm)];
  const given = Object.fromEntries(exported.map(([, name = "", value = ""]) => [name, value]));
  const parsed = parseConfig(`${lines.replace(/^ {2}/gm, "")}\nrules: []\n`, {
    file: "/syncline.yaml",
    env: { ...env, ...given },
    readFile: (path) => readFileSync(path, "utf8"),
  });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config.accounts;
}

describe("through a browser", () => {
  it("signs in to Dropbox and prints lines that make a working account", async () => {
    const flags = { origin: dropbox.origin };
    const { run, printed, notes } = terminal({ provider: "dropbox", env: dropboxApp, flags });
    expect(await run()).toBe(0);
    const [text = ""] = printed;
    expect(text).toContain("mine is signed in to Dropbox as franz@example.com");
    expect(notes.join("\n")).toMatch(/http:\/\/localhost:\d+\/ must be among the redirect URIs/);
    const account = readBack(text, dropboxApp).get("mine");
    expect(account).toMatchObject({ provider: "dropbox", clientId: "app-key" });
    expect(account).toMatchObject({ refreshToken: expect.stringMatching(/^sl\.r-/) });
  });

  it("signs in to Dropbox by PKCE alone where the app has no secret", async () => {
    const flags = { origin: dropbox.origin, clientId: "public-app-key" };
    const { run, printed } = terminal({ provider: "dropbox", flags });
    expect(await run()).toBe(0);
    expect(readBack(printed[0] ?? "", {}).get("mine")).not.toHaveProperty("clientSecret");
  });

  it("signs in to Google Drive", async () => {
    const flags = { origin: drive.origin };
    const name = "büro-2";
    const { run, printed } = terminal({ provider: "google-drive", env: desktopApp, flags, name });
    expect(await run()).toBe(0);
    expect(printed[0]).toContain("büro-2 is signed in to Google Drive as ada@example.com");
    expect(printed[0]).toContain("export B_RO_2_REFRESH_TOKEN='");
    expect(readBack(printed[0] ?? "", desktopApp).get(name)).toMatchObject(flagsOf(drive.origin));
  });

  it("signs in to a shared drive of Google", async () => {
    drive.files.createSharedDrive("Team");
    const flags = { origin: drive.origin, drive: "Team" };
    const { run, printed } = terminal({ provider: "google-drive", env: desktopApp, flags });
    expect(await run()).toBe(0);
    expect(printed[0]).toContain("mine is signed in to Google Drive as Team (shared drive)");
    expect(readBack(printed[0] ?? "", desktopApp).get("mine")).toMatchObject({ drive: "Team" });
  });

  it("is not signed in to a shared drive that the account is no member of", async () => {
    const flags = { origin: drive.origin, drive: "Nowhere" };
    const { run, printed } = terminal({ provider: "google-drive", env: desktopApp, flags });
    await expect(run()).rejects.toThrow("Nowhere");
    expect(printed).toEqual([]);
  });

  it.each([
    ["a public client", publicApp, "66666666-7777-4888-9999-000000000000"],
    ["a client with a secret", webApp, "11111111-2222-4333-8444-555555555555"],
  ])("signs in to OneDrive as %s", async (_, env, clientId) => {
    const flags = { origin: onedrive.origin };
    const { run, printed } = terminal({ provider: "onedrive", env, flags });
    expect(await run()).toBe(0);
    expect(printed[0]).toContain("mine is signed in to OneDrive as Ada Example (business)");
    expect(readBack(printed[0] ?? "", env).get("mine")).toMatchObject({
      provider: "onedrive",
      clientId,
      ...flagsOf(onedrive.origin),
    });
  });

  it("signs in to a library of SharePoint, of a directory", async () => {
    const library = { site: "contoso.sharepoint.com/sites/team", library: "Documents" };
    const flags = { origin: onedrive.origin, tenant: "organizations", ...library };
    const { run, printed } = terminal({ provider: "onedrive", env: publicApp, flags });
    expect(await run()).toBe(0);
    expect(printed[0]).toContain("signed in to OneDrive as https://");
    expect(readBack(printed[0] ?? "", publicApp).get("mine")).toMatchObject({
      tenant: "organizations",
      ...library,
    });
  });

  it("signs in to a drive of OneDrive that is named by its id, in the place of a configured site", async () => {
    const { origin } = onedrive;
    const configured = `accounts:
  mine: { provider: onedrive, clientId: $ONEDRIVE_CLIENT_ID, origin: "${origin}", site: "x.sharepoint.com/sites/y", library: "z" }
rules: []`;
    const flags = { origin, drive: onedrive.driveId };
    const { run, printed } = terminal({
      provider: "onedrive",
      env: publicApp,
      flags,
      yaml: configured,
    });
    expect(await run()).toBe(0);
    const account = readBack(printed[0] ?? "", publicApp).get("mine");
    expect(account).toMatchObject({ drive: onedrive.driveId });
    expect(account).not.toHaveProperty("site");
    expect(account).not.toHaveProperty("library");
  });

  it("shows a page that says what to do next", async () => {
    let page = "";
    const person = async (url: string) => {
      page = await agree(url);
      return "";
    };
    const flags = { origin: drive.origin };
    await terminal({ provider: "google-drive", env: desktopApp, flags, person }).run();
    expect(page).toContain("You can close this tab");
  });

  it("does not take anything but the redirect for the end", async () => {
    const person = async (url: string) => {
      const address = new URL(await returnAddress(url));
      const others = ["/favicon.ico", "/", "/other?code=x"];
      const answers = others.map((path) => fetch(new URL(path, address)));
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([404, 404, 404]);
      return agree(address.href);
    };
    const flags = { origin: dropbox.origin };
    expect(await terminal({ provider: "dropbox", env: dropboxApp, flags, person }).run()).toBe(0);
  });

  it("ends when access is denied", async () => {
    dropbox.oauth.consent = "form";
    onTestFinished(() => {
      dropbox.oauth.consent = "auto";
    });
    const person = async (url: string) => {
      const body = new URLSearchParams({ decision: "deny" });
      return (await fetch(url, { method: "POST", body })).text();
    };
    const flags = { origin: dropbox.origin };
    const { run } = terminal({ provider: "dropbox", env: dropboxApp, flags, person });
    await expect(run()).rejects.toThrow("access was not allowed in the browser");
  });

  it("ends when the browser comes back from another sign-in", async () => {
    const person = async (url: string) => {
      const address = new URL(await returnAddress(url));
      address.searchParams.set("state", "another");
      const response = await fetch(address);
      expect(response.status).toBe(400);
      return "";
    };
    const flags = { origin: drive.origin };
    const { run } = terminal({ provider: "google-drive", env: desktopApp, flags, person });
    await expect(run()).rejects.toThrow("from another sign-in");
  });

  it("says so when the app's secret is wrong", async () => {
    const flags = { origin: dropbox.origin, clientId: "app-key", clientSecret: "wrong" };
    const { run } = terminal({ provider: "dropbox", flags });
    await expect(run()).rejects.toThrow("the app key or secret is wrong");
  });

  it("says so when the port is taken", async () => {
    const taken = await openLoopback(0, "state");
    onTestFinished(() => taken.close());
    const flags = { origin: dropbox.origin, port: String(taken.port) };
    const { run } = terminal({ provider: "dropbox", env: dropboxApp, flags });
    await expect(run()).rejects.toThrow(`port ${taken.port} of this machine is taken`);
  });

  it("stops waiting when nobody comes back", async () => {
    const loopback = await openLoopback(0, "state");
    onTestFinished(() => loopback.close());
    await expect(loopback.code(20)).rejects.toThrow("the browser did not come back within");
  });
});

describe("without a browser", () => {
  const flags = { browser: false };

  it("takes the code that Dropbox shows", async () => {
    const person = async (url: string) => {
      expect(new URL(url).searchParams.has("redirect_uri")).toBe(false);
      return `  ${/value="([^"]+)"/.exec(await agree(url))?.[1]}  `;
    };
    const { run, printed } = terminal({
      provider: "dropbox",
      env: dropboxApp,
      flags: { ...flags, origin: dropbox.origin },
      person,
    });
    expect(await run()).toBe(0);
    expect(printed[0]).toContain("franz@example.com");
  });

  it("shows a code to be entered for OneDrive, and waits", async () => {
    onedrive.identity.deviceIntervalSeconds = 1;
    const { run, printed, notes } = terminal({
      provider: "onedrive",
      env: publicApp,
      flags: { ...flags, origin: onedrive.origin },
    });
    expect(await run()).toBe(0);
    expect(notes.join("\n")).toContain(`${onedrive.origin}/link`);
    expect(notes.join("\n")).toMatch(/enter the code [A-Z2-9]{8}\. Waiting/);
    expect(printed[0]).toContain("Ada Example (business)");
  });

  it("takes the pasted address from Microsoft where the app has a secret", async () => {
    const { run } = terminal({
      provider: "onedrive",
      env: webApp,
      flags: { ...flags, origin: onedrive.origin },
      person: returnAddress,
    });
    expect(await run()).toBe(0);
  });

  const codeOf = (address: string) => new URL(address).searchParams.get("code") ?? "";
  it.each([
    { form: "the whole address", shorten: (address: string) => address },
    {
      form: "the address as browsers shorten it",
      shorten: (address: string) => address.slice("http://".length),
    },
    { form: "its query", shorten: (address: string) => new URL(address).search.slice(1) },
    { form: "the code alone", shorten: codeOf },
    {
      form: "an address that the terminal broke into blanks",
      shorten: (address: string) => address.replace("&", " &"),
    },
  ])("takes $form from Google", async ({ shorten }) => {
    const person = async (url: string) => shorten(await returnAddress(url));
    const { run, printed } = terminal({
      provider: "google-drive",
      env: desktopApp,
      flags: { ...flags, origin: drive.origin },
      person,
    });
    expect(await run()).toBe(0);
    expect(printed[0]).toContain("ada@example.com");
  });

  it.each([
    { pasted: "", says: "nothing was pasted" },
    { pasted: "http://127.0.0.1:53682/?state=x&code=y", says: "from another sign-in" },
    { pasted: "http://127.0.0.1:53682/", says: "the address holds no code" },
    { pasted: "4/0Awrong", says: "the code was used, is too old" },
  ])('refuses "$pasted"', async ({ pasted, says }) => {
    const { run } = terminal({
      provider: "google-drive",
      env: desktopApp,
      flags: { ...flags, origin: drive.origin },
      person: async () => pasted,
    });
    await expect(run()).rejects.toThrow(says);
  });
});

describe("what came of it", () => {
  const signIn = { provider: "dropbox", env: dropboxApp };

  it("is one document with --json, and nothing is printed", async () => {
    const flags = { origin: dropbox.origin };
    const { run, printed, documents } = terminal({ ...signIn, flags, json: true });
    expect(await run()).toBe(0);
    expect(printed).toEqual([]);
    const refreshToken = expect.stringMatching(/^sl\.r-/);
    const facts = { account: "mine", provider: "dropbox", label: "franz@example.com" };
    expect(documents).toEqual([{ ...facts, refreshToken }]);
  });

  it("goes into a file that only the user can read, and is shown nowhere else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "syncline-connect-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const write = join(folder, "token");
    writeFileSync(write, "of another day", { mode: 0o644 });
    const flags = { origin: dropbox.origin, write };
    const { run, printed, notes } = terminal({ ...signIn, flags });
    expect(await run()).toBe(0);
    const token = readFileSync(write, "utf8").trim();
    expect(token).toMatch(/^sl\.r-/);
    expect(statSync(write).mode & 0o777).toBe(0o600);
    expect([...printed, ...notes].join("\n")).not.toContain(token);
    expect(readBack(printed[0] ?? "", dropboxApp).get("mine")).toMatchObject({
      refreshToken: token,
    });
  });

  it("never shows a client secret", async () => {
    const app = { clientId: "app-key", clientSecret: "app-secret" };
    const flags = { origin: dropbox.origin, ...app };
    const { run, printed, notes } = terminal({ provider: "dropbox", flags });
    await run();
    expect([...printed, ...notes].join("\n")).not.toContain("app-secret");
    expect(printed[0]).toContain("clientSecret: $MINE_CLIENT_SECRET");
    expect(printed[0]).toContain("export MINE_CLIENT_SECRET='...'");
  });
});

describe("an account of the configuration", () => {
  const yaml = () => `accounts:
  mine:
    provider: dropbox
    clientId: $KEY
    clientSecret: $SECRET
    refreshToken: $MY_TOKEN
    origin: ${dropbox.origin}
rules: [{ name: broken }]
`;

  it("gives app and origin before it was ever signed in, whatever the rest of the file", async () => {
    const env = { KEY: "app-key", SECRET: "app-secret", DROPBOX_APP_KEY: "of another app" };
    const { run, printed } = terminal({ provider: "dropbox", env, yaml: yaml() });
    expect(await run()).toBe(0);
    expect(printed[0]).toContain("export MY_TOKEN='sl.r-");
    expect(printed[0]).not.toContain("accounts:");
  });

  it("is told of the one line that it lacks", async () => {
    const env = { KEY: "app-key", SECRET: "app-secret" };
    const lacking = yaml().replace(/ +refreshToken.*\n/, "");
    const { run, printed } = terminal({ provider: "dropbox", env, yaml: lacking });
    expect(await run()).toBe(0);
    const lines = /^ {2}accounts:\n(?: {4}.*\n)+/m.exec(printed[0] ?? "")?.[0] ?? "";
    expect(parse(lines)).toEqual({ accounts: { mine: { refreshToken: "$MINE_REFRESH_TOKEN" } } });
  });

  it("is refused at its place in the file when a variable is not set", async () => {
    const { run } = terminal({ provider: "dropbox", env: { KEY: "app-key" }, yaml: yaml() });
    const error: unknown = await run().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      problems: [{ line: 5, message: expect.stringContaining("variable SECRET is not set") }],
    });
  });

  it("is not signed in to another provider", async () => {
    const { run } = terminal({ provider: "google-drive", env: desktopApp, yaml: yaml() });
    await expect(run()).rejects.toThrow('"mine" is an account of dropbox');
  });
});

describe("wrong use is refused before anything is asked", () => {
  it.each<Terminal & { says: string }>([
    { provider: "webdav", says: '"connect webdav" is not built yet' },
    { provider: "onedrive", says: "set ONEDRIVE_CLIENT_ID, or give it with --client-id" },
    { provider: "dropbox", env: dropboxApp, flags: { site: "x" }, says: "--site is for onedrive" },
    {
      provider: "dropbox",
      env: dropboxApp,
      flags: { drive: "x" },
      says: "--drive is for google-drive and onedrive",
    },
    { provider: "googledrive", says: 'did you mean "google-drive"?' },
    { provider: "ftp", says: 'there is no provider "ftp"' },
    { provider: "local", says: "needs no sign-in" },
    { provider: "dropbox", name: "my box", says: '"my box" is not a name' },
    { provider: "dropbox", says: "set DROPBOX_APP_KEY, or give it with --client-id" },
    {
      provider: "google-drive",
      env: { GOOGLE_CLIENT_ID: "id" },
      says: "set GOOGLE_CLIENT_SECRET, or give it with --client-secret",
    },
    { provider: "dropbox", env: dropboxApp, flags: { port: "x" }, says: "not a port" },
    {
      provider: "dropbox",
      env: dropboxApp,
      flags: { origin: "x" },
      says: "--origin: not an origin",
    },
    { provider: "dropbox", env: dropboxApp, flags: { write: tmpdir() }, says: "is a folder" },
  ])("$says", async ({ says, ...given }) => {
    const { run, notes } = terminal(given);
    const error: unknown = await run().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message: expect.stringContaining(says) });
    expect(notes).toEqual([]);
  });
});

/** One origin for everything, as the configuration reads it. */
function flagsOf(origin: string) {
  return { origin: { api: origin, authorize: origin, token: origin } };
}
