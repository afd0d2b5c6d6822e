import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createDropboxCloud, type DropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createOneDriveCloud, type OneDriveCloud } from "../clouds/onedrive/cloud.ts";
import { type Browser, field } from "./harness.ts";
import { createServing } from "./serving.ts";

let dropbox: DropboxCloud;
let onedrive: OneDriveCloud;

beforeAll(async () => {
  dropbox = createDropboxCloud();
  onedrive = createOneDriveCloud({ driveType: "personal" });
  await Promise.all([dropbox.start(), onedrive.start()]);
  return () => Promise.all([dropbox.close(), onedrive.close()]);
});

const none = "  []\n";
const address = "http://localhost:8787/";
const soon = { timeout: 10_000 };
const fields = () => ({
  provider: "dropbox",
  clientId: "app-key",
  clientSecret: "app-secret",
  origin: dropbox.origin,
});

const begin = (page: Browser, name: string, given?: object) =>
  page.ask("POST", "/api/v1/accounts/sign-in", { name, address, ...(given && { fields: given }) });

/** As a person who agrees at the service: where their browser is sent then. */
async function agree(url: unknown): Promise<string> {
  const { headers } = await fetch(String(url), { redirect: "manual" });
  return (headers.get("location") ?? "").replace(address, "/");
}

async function connect(page: Browser, name: string, given?: object) {
  const { body } = await begin(page, name, given);
  return page.ask("GET", await agree(field(body, "url")));
}

describe("an account of the dashboard", () => {
  it("comes by a sign-in at its service, and works at once", async () => {
    const serving = await createServing(none);
    const { page } = serving;
    const answer = await connect(page, "box", fields());
    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      "../../#/connections?connected=box",
    ]);
    const { body } = await page.ask("GET", "/api/v1/accounts/box");
    expect(body).toMatchObject({
      provider: "dropbox",
      place: "dashboard",
      health: "well",
      hears: "long-poll",
      rules: [],
    });
    dropbox.files.put("/Docs/a.txt", "hello");
    const rule = { name: "docs", from: "box:/", to: "left:/", quiet: "0s" };
    expect((await page.ask("POST", "/api/v1/rules", rule)).status).toBe(200);
    await expect
      .poll(
        async () => field((await page.ask("GET", "/api/v1/rules/docs")).body, "status.state"),
        soon,
      )
      .toBe("in-step");
    expect(readFileSync(serving.path("left/Docs/a.txt"), "utf8")).toBe("hello");
  });

  it.each([
    { publicUrl: null, hears: "polling" },
    { publicUrl: "https://sync.example.com", hears: "calls-awaited" },
  ])("tells how its changes are found: $hears", async ({ publicUrl, hears }) => {
    const { page } = await createServing(none, publicUrl);
    const { clientId, clientSecret } = onedrive.grant();
    const { origin } = onedrive;
    await connect(page, "one", { provider: "onedrive", clientId, clientSecret, origin });
    const { body } = await page.ask("GET", "/api/v1/accounts/one");
    expect(body).toMatchObject({ provider: "onedrive", hears });
    const local = await page.ask("GET", "/api/v1/accounts/left");
    expect(field(local.body, "hears")).toBe("events");
  });

  it("shows its secrets to nobody, and keeps them sealed", async () => {
    const serving = await createServing(none);
    await connect(serving.page, "box", { ...fields(), clientSecret: "app-secret" });
    const [made] = serving.store.made.accounts();
    const token = String(made?.fields?.refreshToken);
    expect(token.length).toBeGreaterThan(10);
    const state = readFileSync(serving.path("data/syncline.sqlite"), "latin1");
    const log = existsSync(serving.path("data/syncline.sqlite-wal"))
      ? readFileSync(serving.path("data/syncline.sqlite-wal"), "latin1")
      : "";
    expect(`${state}${log}`).not.toContain(token);
    const { body } = await serving.page.ask("GET", "/api/v1/accounts/box");
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("is a service account, too, which nobody signs in to", async () => {
    const drive = createGoogleDriveCloud();
    await drive.start();
    onTestFinished(() => drive.close());
    const team = drive.files.createSharedDrive("Team");
    const key = drive.serviceAccounts.create();
    drive.serviceAccounts.setRole(key.client_email, team.id, "fileOrganizer");
    const serviceAccount = JSON.stringify(key);
    const { page } = await createServing(none);
    const { origin } = drive;
    const fields = { provider: "google-drive", serviceAccount, drive: "Team", origin };
    const made = await page.ask("POST", "/api/v1/accounts", { name: "team", fields });
    expect(made).toMatchObject({ status: 200, body: { signsIn: "key", place: "dashboard" } });
    expect(JSON.stringify(made.body)).not.toContain(key.private_key.split("\n")[1]);
    const anew = await begin(page, "team");
    expect([anew.status, field(anew.body, "error.message")]).toEqual([
      422,
      "Its key signs a service account in.",
    ]);
  });

  it("is signed in to anew, as the same person", async () => {
    const { page, store } = await createServing(none);
    await connect(page, "box", fields());
    const token = () => store.made.accounts()[0]?.fields?.refreshToken;
    const before = token();
    expect((await connect(page, "box")).headers.get("location")).toContain("connected=box");
    expect(token()).not.toBe(before);
  });

  it("tells what is wrong with an answer that belongs to no sign-in, or says no", async () => {
    const { page, store } = await createServing(none);
    const stray = await page.ask("GET", "/oauth/dropbox/callback?code=1&state=2");
    expect(stray.headers.get("location")).toContain("#/connections?problem=This+answer+belongs");
    const { body } = await begin(page, "box", fields());
    const state = new URL(String(field(body, "url"))).searchParams.get("state");
    const no = await page.ask("GET", `/oauth/dropbox/callback?error=access_denied&state=${state}`);
    expect(no.headers.get("location")).toContain("Access+was+not+allowed");
    expect(store.made.accounts()).toEqual([]);
  });

  it("is not begun by one person and ended by another", async () => {
    const serving = await createServing(none);
    const other = await serving.invited(serving.page, "admin", "bo@example.com");
    const { body } = await begin(serving.page, "box", fields());
    const back = await other.ask("GET", await agree(field(body, "url")));
    expect(back.headers.get("location")).toContain("problem=");
  });

  it("can be a folder of this machine, if it is there", async () => {
    const serving = await createServing(none);
    const add = (name: string, root: string) =>
      serving.page.ask("POST", "/api/v1/accounts", { name, fields: { provider: "local", root } });
    expect((await add("nowhere", serving.path("nowhere"))).status).not.toBe(200);
    expect((await add("left", serving.path("third"))).body).toMatchObject({
      error: { field: "name" },
    });
    const added = await add("more", serving.path("third"));
    expect(added.body).toMatchObject({ name: "more", label: null, place: "dashboard" });
  });

  it.each([
    { name: "a field that is none", given: { colour: "red" }, field: "colour" },
    { name: "no client id", given: { clientId: undefined }, field: "clientId" },
    { name: "no service", given: { provider: "dropbux" }, field: "provider" },
  ])("is refused with the field: $name", async ({ given, field: wrong }) => {
    const { page } = await createServing(none);
    const { status, body } = await begin(page, "box", { ...fields(), ...given });
    expect([status, field(body, "error.field")]).toEqual([422, wrong]);
  });

  it("goes when no rule needs it, or with its rules", async () => {
    const { page, path } = await createServing(none);
    const root = path("third");
    await page.ask("POST", "/api/v1/accounts", {
      name: "more",
      fields: { provider: "local", root },
    });
    const rule = { name: "docs", from: "left:/", to: "more:/", on: "manual" };
    await page.ask("POST", "/api/v1/rules", rule);
    const kept = await page.ask("DELETE", "/api/v1/accounts/more");
    expect(field(kept.body, "error.message")).toContain('"docs"');
    expect((await page.ask("DELETE", "/api/v1/accounts/more?rules=end")).status).toBe(200);
    expect((await page.ask("GET", "/api/v1/rules/docs")).status).toBe(404);
    expect((await page.ask("GET", "/api/v1/accounts/more")).status).toBe(404);
    expect(field((await page.ask("DELETE", "/api/v1/accounts/left")).body, "error.code")).toBe(
      "in-file",
    );
  });
});

describe("the folders of an account", () => {
  it("are listed one level at a time, and made", async () => {
    const { page, write, path } = await createServing(none);
    write("left/b/c/file.txt", "1");
    write("left/a10/x.txt", "1");
    write("left/a9/x.txt", "1");
    write("left/file.txt", "1");
    const top = await page.ask("GET", "/api/v1/accounts/left/folders");
    expect(top.body).toMatchObject({
      folders: [{ name: "a9" }, { name: "a10" }, { name: "b" }],
      files: 1,
      more: false,
    });
    const id = encodeURIComponent(String(field(top.body, "folders.2.id")));
    const below = await page.ask("GET", `/api/v1/accounts/left/folders?in=${id}`);
    expect(below.body).toMatchObject({ folders: [{ name: "c" }], files: 0 });
    const made = await page.ask("POST", "/api/v1/accounts/left/folders", {
      in: field(top.body, "folders.2.id"),
      name: "new",
    });
    expect(made.body).toMatchObject({ name: "new" });
    expect(existsSync(path("left/b/new"))).toBe(true);
    const twice = await page.ask("POST", "/api/v1/accounts/left/folders", { name: "b" });
    expect(twice.status).toBe(409);
  });
});

describe("the log as a file", () => {
  it("is a table, or lines of JSON", async () => {
    const { page, write } = await createServing(
      "  - { name: docs, from: left:/, to: right:/, on: manual }\n",
    );
    write('left/=1+1, "x".txt', "1");
    await page.ask("POST", "/api/v1/rules/docs/run");
    const state = async () =>
      field((await page.ask("GET", "/api/v1/rules/docs")).body, "status.state");
    await expect.poll(state, soon).toBe("in-step");
    const csv = await page.ask("GET", "/api/v1/activity/export");
    const [head, line] = String(csv.body).split("\r\n");
    expect(head).toBe("at,rule,run,do,side,path,from,bytes,why,error");
    // A spreadsheet must not take a file's name for a formula.
    expect(line).toContain(`,docs,1,upload,to,"'=1+1, ""x"".txt",,1,`);
    const json = await page.ask("GET", "/api/v1/activity/export?format=json&result=done");
    expect(JSON.parse(String(json.body))).toMatchObject({ do: "upload", rule: "docs" });
    expect(json.headers.get("content-disposition")).toContain("attachment");
  });
});

describe("the public address", () => {
  it("is told to be missing", async () => {
    const { page } = await createServing(none);
    const { body } = await page.ask("POST", "/api/v1/about/address", {});
    expect(body).toMatchObject({
      reached: false,
      message: expect.stringContaining("SYNCLINE_PUBLIC_URL"),
    });
  });
});
