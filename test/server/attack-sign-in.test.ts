import { sql } from "drizzle-orm";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import type { Auth } from "../../src/server/auth.ts";
import type { Env } from "../../src/server/guard.ts";
import { signIn as signInApp } from "../../src/server/sign-in.ts";
import { type Browser, createHouse, field, password } from "./harness.ts";
import { totp } from "./totp.ts";

/** Somebody wants to be somebody else. */

const signIn = (email: string, given = password) =>
  ["POST", "/api/auth/sign-in/email", { email, password: given }] as const;
const sessions = ["GET", "/api/v1/me/sessions"] as const;
const cookieName = "syncline.session_token";
type House = ReturnType<typeof createHouse>;

/** All that a copy of the state file tells, text by text; of JSON each part too. */
function textsIn({ store: { db } }: House): string[] {
  const tables = db.all<{ name: string }>(sql`select name from sqlite_schema where type = 'table'`);
  const rows = tables.flatMap(({ name }) =>
    db.all<Record<string, unknown>>(sql.raw(`select * from "${name}"`)),
  );
  const values = rows.flatMap((row) => Object.values(row)).filter((value) => value !== null);
  const texts = values.map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64url") : String(value),
  );
  return [...new Set([...texts, ...texts.flatMap((text) => text.match(/[\w.~-]{8,}/g) ?? [])])];
}

describe("whoever has the state file, and not the key", () => {
  it("finds in it nothing that opens the dashboard", async () => {
    const house = createHouse();
    const page = await house.admin();
    const made = await page.ask("POST", "/api/v1/me/keys", { name: "ci", scopes: ["read"] });
    const key = String(field(made.body, "key"));
    const invited = await page.ask("POST", "/api/v1/invitations", {
      email: "bo@example.com",
      role: "admin",
    });
    const token = String(field(invited.body, "token"));
    const factor = await page.ask("POST", "/api/auth/two-factor/enable", { password });
    const secret = new URL(String(field(factor.body, "totpURI"))).searchParams.get("secret") ?? "";
    const codes = field(factor.body, "backupCodes") as string[];
    const texts = textsIn(house);
    expect(texts.length).toBeGreaterThan(30);

    for (const hidden of [password, key, token, secret, ...codes]) {
      expect(texts.filter((text) => text.includes(hidden))).toEqual([]);
    }
    const ask = async (headers: Record<string, string>) =>
      (await house.browser().ask(...sessions, undefined, headers)).status;
    const cookie = page.cookies.get(cookieName) ?? "";
    expect(await ask({ cookie: `${cookieName}=${cookie}` })).toBe(200);
    for (const text of texts.filter((each) => each.length < 4_096)) {
      const value = encodeURIComponent(text);
      for (const given of [value, `${value}.`, `${value}.${value}`]) {
        expect(await ask({ cookie: `${cookieName}=${given}` }), text).toBe(401);
      }
      expect(await ask({ authorization: `Bearer ${value}` }), text).toBe(401);
      const { status } = await house.browser().ask("GET", `/api/v1/invitations/${value}`);
      expect(status, text).not.toBe(200);
    }
  });
});

describe("a session", () => {
  it("is a new one with each sign-in, whatever cookies were planted before", async () => {
    const { admin, browser, invited } = createHouse();
    const ada = await admin();
    const eve = await invited(ada, "viewer", "eve@example.com");
    const planted = eve.cookies.get(cookieName) ?? "";
    for (const value of [planted, "made-up", "made-up.signature", ""]) {
      const victim = browser();
      victim.cookies.set(cookieName, value);
      await victim.ask(...signIn("ada@example.com"));
      const own = victim.cookies.get(cookieName);
      expect(own).toBeDefined();
      expect(own).not.toBe(value);
      expect(field((await victim.ask("GET", "/api/v1/session")).body, "user.role")).toBe("admin");
      const attacker = browser();
      attacker.cookies.set(cookieName, value);
      const { body } = await attacker.ask("GET", "/api/v1/session");
      expect(field(body, "user.role")).not.toBe("admin");
    }
  });

  it("is over for a copy of its cookie, too, once the person has signed out", async () => {
    const { admin, browser } = createHouse();
    const page = await admin();
    const thief = browser();
    for (const [name, value] of page.cookies) thief.cookies.set(name, value);
    expect((await thief.ask(...sessions)).status).toBe(200);
    await page.ask("POST", "/api/auth/sign-out", {});
    expect((await thief.ask(...sessions)).status).toBe(401);
  });

  it("does not outlive the password that it was begun with, but where that was changed", async () => {
    const { admin, browser } = createHouse();
    const page = await admin();
    const thief = browser();
    await thief.ask(...signIn("ada@example.com"));
    expect((await thief.ask(...sessions)).status).toBe(200);
    const newPassword = "another long password";
    const { status } = await page.ask("POST", "/api/auth/change-password", {
      currentPassword: password,
      newPassword,
    });
    expect(status).toBe(200);
    expect((await page.ask(...sessions)).status).toBe(200);
    expect((await thief.ask(...sessions)).status).toBe(401);
  });
});

describe("whoever guesses", () => {
  it("a password, from ever other addresses, is held up for an hour", async () => {
    let nowMs = 0;
    const handler = async (request: Request) => {
      const sent: unknown = await request.json();
      const isRight = field(sent, "password") === password;
      return new Response("{}", { status: isRight ? 200 : 401 });
    };
    const auth = { handler } as unknown as Auth;
    const auths = { http: auth, https: auth };
    const { store } = createHouse();
    const app = new Hono<Env>();
    app.use(async (context, next) => {
      context.set("who", { kind: "nobody" });
      await next();
    });
    app.route("/", signInApp({ auths, publicUrl: null, now: () => nowMs, engine: { store } }));
    const ask = async (given: string, email = "Ada@example.com") => {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password: given }),
      };
      return (await app.request("http://x/api/auth/sign-in/email", init)).status;
    };
    for (let guess = 0; guess < 100; guess++) expect(await ask(`guess ${guess}`)).toBe(401);
    expect(await ask(password)).toBe(429);
    expect(await ask(password, "ada@EXAMPLE.com")).toBe(429);
    expect(await ask(password, "bo@example.com")).toBe(200);
    nowMs += 3_600_000;
    expect(await ask(password)).toBe(200);
  });

  it("a second factor, from ever other addresses, is held up for that person", async () => {
    const { admin, browser } = createHouse();
    const page = await admin();
    const { body } = await page.ask("POST", "/api/auth/two-factor/enable", { password });
    const uri = new URL(String(field(body, "totpURI")));
    const code = () => totp(uri.searchParams.get("secret") ?? "");
    await page.ask("POST", "/api/auth/two-factor/verify-totp", { code: code() });
    const begin = async (): Promise<Browser> => {
      const attacker = browser();
      await attacker.ask(...signIn("ada@example.com"));
      return attacker;
    };
    const verify = (by: Browser, given: string) =>
      by.ask("POST", "/api/auth/two-factor/verify-totp", { code: given });
    for (let guess = 0; guess < 10; ) {
      const attacker = await begin();
      for (let each = 0; each < 5; each++, guess++) {
        expect((await verify(attacker, "000000")).status).toBe(401);
      }
    }
    expect((await verify(await begin(), code())).status).toBe(429);
  });

  it("an invitation finds none", async () => {
    const { admin, browser } = createHouse();
    const page = await admin();
    const { body } = await page.ask("POST", "/api/v1/invitations", {
      email: "bo@example.com",
      role: "admin",
    });
    const token = String(field(body, "token"));
    // 192 bits: there is nothing to be throttled.
    expect(Buffer.from(token, "base64url")).toHaveLength(24);
    for (const given of [token.slice(1), `${token}x`, token.toUpperCase(), "%00", "*", "_"]) {
      expect((await browser().ask("GET", `/api/v1/invitations/${given}`)).status).toBe(404);
    }
  });
});
