import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { demands, type Scope, scopes } from "../../src/server/access.ts";
import { listen, patience, type Timeouts } from "../../src/server/listen.ts";
import type { Role } from "../../src/store/people.ts";
import { type Browser, createHouse, field } from "./harness.ts";

/** Requests that nobody of good will makes. */

const all = Object.entries(demands).map(([route, demand]) => {
  const [method = "", pattern = ""] = route.split(" ");
  return { route, method, path: pattern.replaceAll(/\{\w+\}/g, "0"), demand };
});
const changing = all.filter(
  ({ method, path }) => method !== "GET" && !path.startsWith("/webhooks"),
);
const refusals = ["sign-in-needed", "role", "scope", "foreign-page"];
const here = "http://localhost:8787";

const cookieOf = ({ cookies }: Browser) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");

/** How a browser tells of a page that is none of ours. */
const foreign: readonly Record<string, string>[] = [
  { origin: "https://evil.test" },
  // A form, whose body can be JSON.
  { origin: "https://evil.test", "content-type": "text/plain" },
  // A frame without an origin.
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  // Nothing at all, as of an old one.
  {},
  { origin: "https://localhost:8787" },
  { origin: "http://localhost" },
  { origin: `${here}.evil.test` },
  { origin: `${here}, https://evil.test` },
];

describe("a page of another address, in the browser of an admin", () => {
  it("changes nothing at any route, whichever way the browser tells of it", async () => {
    const { app, admin } = createHouse();
    const cookie = cookieOf(await admin());
    for (const headers of foreign) {
      for (const { route, method, path } of changing) {
        const sent = { "content-type": "application/json", cookie, ...headers };
        const answer = await app.request(`${here}${path}`, { method, headers: sent, body: "{}" });
        expect(answer.status, `${route} ${JSON.stringify(headers)}`).toBe(403);
        expect(field(await answer.json(), "error.code"), route).toBe("foreign-page");
      }
    }
  });

  it("reads nothing either: no answer is for other origins", async () => {
    const { admin } = createHouse();
    const page = await admin();
    for (const { route, method, path } of all) {
      if (path === "/events" || path === "/api/auth/sign-out") continue;
      const headers = { origin: "https://evil.test" };
      const answer = await page.ask(method, path, method === "GET" ? undefined : {}, headers);
      const told = [...answer.headers.keys()].filter((name) => name.startsWith("access-control-"));
      expect(told, route).toEqual([]);
    }
  });

  it("gets nothing done by a form, even where it passed for ours", async () => {
    const { app, admin, store } = createHouse();
    const cookie = cookieOf(await admin());
    const [ada] = store.people.all();
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "",
    ]) {
      const headers = { cookie, origin: here, "content-type": type };
      for (const [path, sent] of [
        ["/api/v1/me/keys", { name: "x", scopes: ["read"] }],
        ["/api/v1/invitations", { email: "eve@example.com", role: "admin" }],
        ["/api/auth/update-user", { name: "Eve" }],
      ] as const) {
        const init = { method: "POST", headers, body: JSON.stringify(sent) };
        const { status } = await app.request(`${here}${path}`, init);
        expect([400, 415], `${path} ${type}`).toContain(status);
      }
    }
    expect(store.people.keysOf(ada?.id ?? "")).toEqual([]);
    expect(store.people.invitations()).toEqual([]);
    expect(store.people.all()[0]?.name).toBe("Ada");
  });
});

describe("an API key", () => {
  it("opens nothing that is beyond the person whose it is, or beyond its scopes", async () => {
    const { admin, invited, browser } = createHouse();
    const first = await admin();
    const order: Role[] = ["viewer", "editor", "admin"];
    for (const role of order) {
      const owner = await invited(first, role);
      // What each scope is good for by itself is in access.test.ts.
      const given: (readonly Scope[])[] = [scopes, ["read", "manage"]];
      for (const scopes of given) {
        const made = await owner.ask("POST", "/api/v1/me/keys", { name: "key", scopes });
        const headers = { authorization: `Bearer ${field(made.body, "key")}` };
        for (const { route, method, path, demand } of all) {
          if (demand.role === "anyone" || path === "/events") continue;
          const sent = method === "GET" ? undefined : {};
          const { body } = await browser().ask(method, path, sent, headers);
          const isLet = !refusals.includes(String(field(body, "error.code")));
          const may =
            order.indexOf(role) >= order.indexOf(demand.role) &&
            demand.scope !== null &&
            scopes.includes(demand.scope);
          expect(isLet, `${role} with ${scopes.join()}: ${route}`).toBe(may);
        }
      }
    }
  });

  it("is taken in its one place alone, and never beside a session that may more", async () => {
    const { admin, invited, browser } = createHouse();
    const page = await admin();
    const viewer = await invited(page, "viewer");
    const made = await viewer.ask("POST", "/api/v1/me/keys", { name: "key", scopes: ["read"] });
    const key = String(field(made.body, "key"));
    const status = async (by: Browser, path: string, headers: Record<string, string>) =>
      (await by.ask("GET", path, undefined, headers)).status;
    const bearer = { authorization: `Bearer ${key}` };
    expect(await status(browser(), "/api/v1/rules", bearer)).toBe(200);
    expect(await status(page, "/api/v1/users", bearer)).toBe(403);
    const basic = Buffer.from(`key:${key}`).toString("base64");
    for (const headers of [
      { authorization: key },
      { authorization: `Basic ${basic}` },
      { authorization: `Bearer ${key}x` },
      { authorization: `Bearer ${key.slice(0, -1)}` },
      { "x-api-key": key },
      { cookie: `syncline.session_token=${key}` },
    ]) {
      expect(await status(browser(), "/api/v1/rules", headers)).toBe(401);
    }
    expect(await status(browser(), `/api/v1/rules?access_token=${key}&key=${key}`, {})).toBe(401);
  });
});

describe("an address that is written otherwise", () => {
  const paths = [
    "//api/v1/users",
    "/api/v1/users/",
    "/api/v1//users",
    "/API/v1/users",
    "/api/v1/./users",
    "/api/v1/rules/../users",
    "/api/v1/rules/..%2fusers",
    "/api/v1/%75sers",
    "/api/v1/users%00",
    "/api/v1/users;x=1",
    "/api/v1/users%3f",
    "/assets/../api/v1/users",
    "/assets/..%2f..%2f..%2fpackage.json",
    "/assets/%2e%2e%2findex.html",
    "/assets/..\\..\\package.json",
    "/../etc/passwd",
    "/healthz/../api/v1/users",
  ];
  const overrides = [
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
  ];

  it("gives nobody what they may not have", async () => {
    const { app, invited, admin, store } = createHouse();
    for (const path of paths) {
      const answer = await app.request(`${here}${path}`);
      expect([401, 404], path).toContain(answer.status);
      expect(await answer.text(), path).not.toMatch(/"users"|"dependencies"|<html/);
    }
    const viewer = await invited(await admin(), "viewer");
    const [ada] = store.people.all();
    for (const name of overrides) {
      const value = name.includes("url") ? "/api/v1/users" : "DELETE";
      const headers = { [name]: value };
      const path = name.includes("url") ? "/api/v1/rules" : `/api/v1/users/${ada?.id}`;
      const { body } = await viewer.ask("GET", path, undefined, headers);
      expect(field(body, "users")).toBeUndefined();
      expect(store.people.all()).toHaveLength(2);
    }
  });
});

describe("a request that is too large", () => {
  it("is refused at every route before it is read", async () => {
    const { app, admin } = createHouse();
    const cookie = cookieOf(await admin());
    const headers = { cookie, origin: here, "content-type": "application/json" };
    const body = `"${"x".repeat(1024 * 1024)}"`;
    for (const { route, method, path } of all.filter((each) => each.method !== "GET")) {
      const init = { method, headers: { ...headers, "content-length": String(body.length) }, body };
      expect((await app.request(`${here}${path}`, init)).status, route).toBe(413);
      const stream = new Blob([body]).stream();
      const unsaid = { method, headers, body: stream, duplex: "half" } as const;
      expect((await app.request(`${here}${path}`, unsaid)).status, route).toBe(413);
    }
  });

  it("or too deep, harms nothing at any route", async () => {
    const { app, admin } = createHouse();
    const cookie = cookieOf(await admin());
    const headers = { cookie, origin: here, "content-type": "application/json" };
    const deep = [
      `${"[".repeat(500_000)}${"]".repeat(500_000)}`,
      `{"fields":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)},"name":"x","provider":"x"}`,
      `{"__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}}}`,
    ];
    for (const { route, method, path } of changing) {
      if (path === "/api/auth/sign-out") continue;
      for (const body of deep) {
        const { status } = await app.request(`${here}${path}`, { method, headers, body });
        expect(status, `${route} ${body.slice(0, 20)}`).toBeLessThan(500);
      }
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Reflect.get({}, "role")).toBeUndefined();
  });
});

describe("a request that comes slowly", () => {
  /** The server's own, at 25 times the speed. */
  const timeouts: Timeouts = {
    headersTimeout: patience.headersTimeout / 25,
    requestTimeout: patience.requestTimeout / 25,
    keepAliveTimeout: patience.keepAliveTimeout / 25,
    connectionsCheckingInterval: patience.connectionsCheckingInterval / 25,
  };

  it.each([
    { name: "its head", begin: "GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: " },
    {
      name: "its body",
      begin: "POST /webhooks/dropbox HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n{",
    },
    { name: "nothing at all", begin: "" },
  ])(
    "is ended, however steadily it drips, and holds up nobody: $name",
    async ({ begin }) => {
      const { app } = createHouse();
      const server = await listen(app, "127.0.0.1", 0, timeouts);
      onTestFinished(server.close);
      const port = Number(new URL(server.origin).port);
      const sockets = Array.from({ length: 50 }, () => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.write(begin);
        const drip = setInterval(() => socket.write(begin === "" ? "" : "x"), 40);
        const { promise, resolve } = Promise.withResolvers<void>();
        socket.on("close", () => {
          clearInterval(drip);
          resolve();
        });
        socket.resume();
        return promise;
      });
      expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
      await Promise.all(sockets);
    },
    5_000,
  );
});
