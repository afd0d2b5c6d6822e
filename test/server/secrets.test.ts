import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { field, password } from "./harness.ts";
import { createServing } from "./serving.ts";
import { totp } from "./totp.ts";

const rules = '  - { name: docs, from: "left:/", to: "right:/", quiet: 0s }\n';

/** A dashboard in which every secret there is was given, and what each is. */
async function given() {
  const serving = await createServing(rules, null, { allowNear: true });
  const { page } = serving;
  const enabled = await page.ask("POST", "/api/auth/two-factor/enable", { password });
  const secret = new URL(String(field(enabled.body, "totpURI"))).searchParams.get("secret") ?? "";
  await page.ask("POST", "/api/auth/two-factor/verify-totp", { code: totp(secret) });
  const [code = ""] = field(enabled.body, "backupCodes") as string[];
  const key = await page.ask("POST", "/api/v1/me/keys", { name: "k", scopes: ["read"] });
  const invited = await page.ask("POST", "/api/v1/invitations", {
    email: "bo@example.com",
    role: "viewer",
  });
  const contacts = [
    { when: ["failing"], to: "ntfy://:MARKER-password@127.0.0.1:1/topic" },
    { when: ["failing"], to: "https://127.0.0.1:1/MARKER-path", secret: "MARKER-signing-secret" },
  ];
  const made = [];
  for (const each of contacts) made.push(await page.ask("POST", "/api/v1/notifications", each));
  const app = { clientId: "id", clientSecret: "MARKER-app", refreshToken: "MARKER-refresh" };
  serving.store.made.putAccount("box", "dropbox", { provider: "dropbox", ...app });
  const [, cookie = ""] = [...page.cookies].find(([name]) => name.endsWith("session_token")) ?? [];
  const secrets = {
    password,
    "the second factor": secret,
    "a backup code": code,
    "an API key": String(field(key.body, "key")),
    "an invitation": String(field(invited.body, "token")),
    "a session": decodeURIComponent(cookie),
    "an address": "MARKER-path",
    "a password": "MARKER-password",
    "a signing secret": "MARKER-signing-secret",
    "an app's secret": "MARKER-app",
    "a refresh token": "MARKER-refresh",
  };
  for (const { status, body } of [enabled, key, invited, ...made]) {
    expect([status, body]).toEqual([200, body]);
  }
  for (const each of Object.values(secrets)) expect(each.length).toBeGreaterThan(7);
  return { ...serving, secrets };
}

describe("secrets of the dashboard", () => {
  it("are in no answer after the one that gave them, and in no file as they are", async () => {
    const { page, routes, path, secrets, problems } = await given();
    const paths = routes
      .filter(({ method, path }) => method === "GET" && !/[*:{]|events|backup/.test(path))
      .map(({ path }) => path);
    const asked = [...new Set(paths), "/api/v1/accounts/box", "/metrics", "/nowhere"];
    expect(asked.length).toBeGreaterThan(15);
    const answers = await Promise.all(
      asked.map(async (at) => {
        const { body, headers } = await page.ask("GET", at);
        return { at, text: `${JSON.stringify(body)} ${JSON.stringify([...headers])}` };
      }),
    );
    const files = readdirSync(path("data")).map((name) => ({
      at: name,
      text: readFileSync(path(`data/${name}`), "latin1"),
    }));
    const said = { at: "the log", text: problems.join("\n") };
    for (const [what, secret] of Object.entries(secrets)) {
      const places = [...answers, ...files, said].filter(({ text }) => text.includes(secret));
      expect(places.map(({ at }) => `${what}: ${at}`)).toEqual([]);
    }
  });

  it("let nobody in who has the state without the key", async () => {
    const { store, browser, page } = await given();
    const all = (text: string) => store.db.$client.prepare(text).pluck().all() as string[];
    const [name = "", cookie = ""] =
      [...page.cookies].find(([each]) => each.endsWith("session_token")) ?? [];
    const status = async (value: string) => {
      const thief = browser();
      thief.cookies.set(name, value);
      return (await thief.ask("GET", "/api/v1/rules")).status;
    };
    expect(await status(cookie)).toBe(200);
    for (const token of all("select token from sessions")) {
      for (const value of [token, `${token}.`, `${token}.${"A".repeat(43)}=`]) {
        expect(await status(encodeURIComponent(value))).toBe(401);
      }
    }
    for (const stored of [
      ...all("select key from api_keys"),
      ...all("select hash from invitations"),
    ]) {
      const headers = { authorization: `Bearer ${stored}` };
      expect((await browser().ask("GET", "/api/v1/rules", undefined, headers)).status).toBe(401);
      expect((await browser().ask("GET", `/api/v1/invitations/${stored}`)).status).toBe(404);
    }
  });
});
