import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createHouse, field, password } from "./harness.ts";
import { totp } from "./totp.ts";

const signIn = (email: string, given = password) =>
  ["POST", "/api/auth/sign-in/email", { email, password: given }] as const;

describe("the first start", () => {
  it("makes the first admin by the code that the terminal shows, and signs them in", async () => {
    const { browser, setUp } = createHouse();
    const page = browser();
    expect(field((await page.ask("GET", "/api/v1/session")).body, "state")).toBe("set-up");
    const person = { name: "Ada", email: "Ada@Example.com", password };
    const { status } = await page.ask("POST", "/api/v1/set-up", {
      code: setUp.code?.toLowerCase().replaceAll("-", " "),
      ...person,
    });
    expect(status).toBe(200);
    const { body } = await page.ask("GET", "/api/v1/session");
    expect(body).toMatchObject({
      state: "signed-in",
      user: { email: "ada@example.com", role: "admin" },
    });
  });

  it("is refused with another code, and after ten of them for a minute", async () => {
    const { browser, setUp, advance } = createHouse();
    const person = { name: "Eve", email: "eve@example.com", password };
    const page = browser();
    const begin = (code: string | null) => page.ask("POST", "/api/v1/set-up", { code, ...person });
    for (let attempt = 0; attempt < 10; attempt++) {
      expect((await begin("AAAA-AAAA-AAAA")).status).toBe(403);
    }
    expect((await begin(setUp.code)).status).toBe(429);
    advance(61_000);
    expect((await begin(setUp.code)).status).toBe(200);
  });

  it("is over when somebody is there", async () => {
    const { admin, browser, setUp } = createHouse();
    await admin();
    const { status, body } = await browser().ask("POST", "/api/v1/set-up", {
      code: setUp.code,
      name: "Eve",
      email: "eve@example.com",
      password,
    });
    expect(status).toBe(409);
    expect(field(body, "error.code")).toBe("done");
  });

  it("names the field that is wrong", async () => {
    const { browser, setUp } = createHouse();
    const { status, body } = await browser().ask("POST", "/api/v1/set-up", {
      code: setUp.code,
      name: "Ada",
      email: "ada@example.com",
      password: "short",
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: "invalid", field: "password" } });
  });
});

describe("signing in", () => {
  it("takes the right password, and the session until it is ended", async () => {
    const { admin, browser } = createHouse();
    await admin();
    const page = browser();
    expect((await page.ask(...signIn("ada@example.com"))).status).toBe(200);
    const { body } = await page.ask("GET", "/api/v1/me/sessions");
    expect(field(body, "sessions")).toHaveLength(2);
    await page.ask("POST", "/api/auth/sign-out", {});
    expect((await page.ask("GET", "/api/v1/me/sessions")).status).toBe(401);
  });

  it("refuses a wrong one in plain words, and is limited", async () => {
    const { admin, browser } = createHouse();
    await admin();
    const page = browser();
    const wrong = () => page.ask(...signIn("ada@example.com", "not the password"));
    const { status, body } = await wrong();
    expect(status).toBe(401);
    expect(field(body, "error.code")).toBe("wrong-sign-in");
    for (let attempt = 0; attempt < 4; attempt++) await wrong();
    const { status: limited, headers } = await page.ask(...signIn("ada@example.com"));
    expect(limited).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("keeps nothing of a password but a scrypt that is salted for each person", async () => {
    const { admin, browser, invited, store } = createHouse({ keepsPasswordsWell: true });
    await invited(await admin(), "viewer");
    const kept = store.db.$client.prepare("select password from credentials").pluck().all();
    const cost = { N: 16_384, r: 16, p: 1, maxmem: 64 * 1024 ** 2 };
    const [ofAda, ofViewer] = kept.map((text) => String(text).split(":"));
    for (const [salt = "", hash] of [ofAda ?? [], ofViewer ?? []]) {
      expect(scryptSync(password, salt, 64, cost).toString("hex")).toBe(hash);
    }
    expect(ofAda?.[0]).not.toBe(ofViewer?.[0]);
    expect((await browser().ask(...signIn("ada@example.com"))).status).toBe(200);
    expect((await browser().ask(...signIn("ada@example.com", "another one"))).status).toBe(401);
  });

  it("sets cookies that no script reads, and that stay with https behind it", async () => {
    const { admin, browser } = createHouse();
    await admin();
    const plain = await browser().ask(...signIn("ada@example.com"));
    const proxied = await browser("https://localhost:8787").ask(...signIn("ada@example.com"));
    const [cookie, secure] = [plain, proxied].map(({ headers }) => headers.getSetCookie().join());
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    expect(cookie).not.toMatch(/Secure/i);
    expect(secure).toMatch(/__Secure-syncline.session_token=.*HttpOnly.*/i);
    expect(secure).toMatch(/; Secure/i);
  });

  it("tells no script the session's secret", async () => {
    const { admin, browser } = createHouse();
    await admin();
    const { body } = await browser().ask(...signIn("ada@example.com"));
    expect(field(body, "user.email")).toBe("ada@example.com");
    expect(field(body, "token")).toBeUndefined();
  });

  it("has nobody sign up by themselves", async () => {
    const { admin, browser } = createHouse();
    await admin();
    const person = { name: "Eve", email: "eve@example.com", password };
    expect((await browser().ask("POST", "/api/auth/sign-up/email", person)).status).toBe(404);
  });

  it("asks for the second factor where there is one", async () => {
    const { admin, browser } = createHouse();
    const page = await admin();
    const { body } = await page.ask("POST", "/api/auth/two-factor/enable", { password });
    const uri = new URL(String(field(body, "totpURI")));
    const code = () => totp(uri.searchParams.get("secret") ?? "");
    await page.ask("POST", "/api/auth/two-factor/verify-totp", { code: code() });
    const later = browser();
    await later.ask(...signIn("ada@example.com"));
    expect((await later.ask("GET", "/api/v1/me/sessions")).status).toBe(401);
    const wrong = await later.ask("POST", "/api/auth/two-factor/verify-totp", { code: "000000" });
    expect(field(wrong.body, "error.code")).toBe("wrong-code");
    await later.ask("POST", "/api/auth/two-factor/verify-totp", { code: code() });
    expect((await later.ask("GET", "/api/v1/me/sessions")).status).toBe(200);
    const backup = browser();
    await backup.ask(...signIn("ada@example.com"));
    const [first] = (field(body, "backupCodes") as string[]) ?? [];
    await backup.ask("POST", "/api/auth/two-factor/verify-backup-code", { code: first });
    expect((await backup.ask("GET", "/api/v1/me/sessions")).status).toBe(200);
  });

  it("begins a passkey for the address that the browser is at", async () => {
    const { admin } = createHouse();
    const page = await admin();
    const { status, body } = await page.ask("GET", "/api/auth/passkey/generate-register-options");
    expect(status).toBe(200);
    expect(field(body, "rp.id")).toBe("localhost");
  });
});

describe("people", () => {
  it("come by invitation, once, with the role that it names", async () => {
    const { admin, invited, browser } = createHouse();
    const page = await admin();
    const { body } = await page.ask("POST", "/api/v1/invitations", {
      email: "bo@example.com",
      role: "viewer",
    });
    const path = `/api/v1/invitations/${field(body, "token")}`;
    const guest = browser();
    expect((await guest.ask("GET", path)).body).toEqual({
      email: "bo@example.com",
      role: "viewer",
    });
    expect((await guest.ask("POST", path, { name: "Bo", password })).status).toBe(200);
    expect(field((await guest.ask("GET", "/api/v1/session")).body, "user.role")).toBe("viewer");
    expect((await browser().ask("POST", path, { name: "Eve", password })).status).toBe(404);
    await invited(page, "editor");
    expect(field((await page.ask("GET", "/api/v1/users")).body, "users")).toHaveLength(3);
  });

  it("don't come when the invitation is a week old", async () => {
    const { admin, browser, advance } = createHouse();
    const { body } = await (await admin()).ask("POST", "/api/v1/invitations", {
      email: "bo@example.com",
      role: "viewer",
    });
    advance(7 * 86_400_000 + 1);
    const { status } = await browser().ask("GET", `/api/v1/invitations/${field(body, "token")}`);
    expect(status).toBe(404);
  });

  it("never leave the house without an admin", async () => {
    const { admin, invited, store } = createHouse();
    const page = await admin();
    const [ada] = store.people.all();
    const path = `/api/v1/users/${ada?.id}`;
    expect((await page.ask("PATCH", path, { role: "viewer" })).status).toBe(409);
    expect((await page.ask("DELETE", path)).status).toBe(409);
    await invited(page, "admin", "bo@example.com");
    expect((await page.ask("PATCH", path, { role: "viewer" })).status).toBe(200);
    // From the next request on.
    expect((await page.ask("GET", "/api/v1/users")).status).toBe(403);
  });

  it("are out at once when they are taken out", async () => {
    const { admin, invited, store } = createHouse();
    const page = await admin();
    const guest = await invited(page, "editor");
    const made = await guest.ask("POST", "/api/v1/me/keys", { name: "ci", scopes: ["read"] });
    expect(made.status).toBe(200);
    const bo = store.people.all().find(({ role }) => role === "editor");
    await page.ask("DELETE", `/api/v1/users/${bo?.id}`);
    expect((await guest.ask("GET", "/api/v1/me/sessions")).status).toBe(401);
    expect(store.people.keysOf(bo?.id ?? "")).toEqual([]);
  });

  it("end a session of theirs from another one", async () => {
    const { admin, browser } = createHouse();
    const page = await admin();
    const other = browser();
    await other.ask(...signIn("ada@example.com"));
    const { body } = await page.ask("GET", "/api/v1/me/sessions");
    const sessions = field(body, "sessions") as { id: string; current: boolean }[];
    const theirs = sessions.find(({ current }) => !current);
    await page.ask("DELETE", `/api/v1/me/sessions/${theirs?.id}`);
    expect((await other.ask("GET", "/api/v1/me/sessions")).status).toBe(401);
    expect((await page.ask("GET", "/api/v1/me/sessions")).status).toBe(200);
  });
});

describe("a page of another address", () => {
  it.each([
    { name: "another origin", headers: { origin: "http://evil.test" } },
    { name: "an origin that is kept secret", headers: { origin: "null" } },
    { name: "a sibling on another port", headers: { origin: "http://localhost:81" } },
  ])("changes nothing: $name", async ({ headers }) => {
    const { admin } = createHouse();
    const page = await admin();
    const { status, body } = await page.ask(
      "POST",
      "/api/v1/me/keys",
      { name: "x", scopes: ["read"] },
      headers,
    );
    expect(status).toBe(403);
    expect(field(body, "error.code")).toBe("foreign-page");
  });

  it("changes nothing where the browser tells of it in another way, or a cookie comes with nothing", async () => {
    const { admin, app } = createHouse();
    const { cookies } = await admin();
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const headers of [{ cookie, "sec-fetch-site": "cross-site" }, { cookie }]) {
      const init = { method: "POST", headers, body: "{}" };
      const { status } = await app.request("http://localhost:8787/api/v1/me/keys", init);
      expect(status).toBe(403);
    }
  });

  it("is told from our own behind a proxy that says which address it serves, or that the settings name", async () => {
    const told = createHouse();
    const forwarded = { "x-forwarded-host": "sync.example.com", "x-forwarded-proto": "https" };
    const named = createHouse({ publicUrl: "https://sync.example.com" });
    for (const [{ browser, setUp }, headers] of [
      [told, forwarded],
      [named, {}],
    ] as const) {
      const { status } = await browser().ask(
        "POST",
        "/api/v1/set-up",
        { code: setUp.code, name: "Ada", email: "ada@example.com", password },
        { origin: "https://sync.example.com", ...headers },
      );
      expect(status).toBe(200);
    }
  });
});

describe("every answer", () => {
  it.each(["/healthz", "/nowhere", "/api/v1/users", "/api/openapi.json", "/api/v1/session"])(
    "of %s says how it may be used",
    async (path) => {
      const { headers } = await createHouse().browser().ask("GET", path);
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; script-src 'self';/,
      );
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("referrer-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(headers.get("strict-transport-security")).toBeNull();
    },
  );

  it("has browsers come by https alone, once they did", async () => {
    const by = async (origin: string, headers = {}) =>
      (await createHouse().browser(origin).ask("GET", "/healthz", undefined, headers)).headers;
    const name = "strict-transport-security";
    expect((await by("https://localhost:8787")).get(name)).toBe("max-age=31536000");
    const proxied = await by("http://localhost:8787", { "x-forwarded-proto": "https" });
    expect(proxied.get(name)).toBe("max-age=31536000");
  });
});
