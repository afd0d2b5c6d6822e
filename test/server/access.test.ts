import { describe, expect, it } from "vitest";
import {
  type Demand,
  demandOf,
  demands,
  refusalOf,
  type Scope,
  type Who,
} from "../../src/server/access.ts";
import type { Role } from "../../src/store/people.ts";
import { createHouse, field } from "./harness.ts";

const user = (role: Role) => ({ id: "1", name: "", email: "", role });
const person = (role: Role): Who => ({
  kind: "person",
  user: user(role),
  session: { id: "", token: "" },
});
const key = (role: Role, ...scopes: Scope[]): Who => ({
  kind: "key",
  user: user(role),
  key: { id: "k", name: "" },
  scopes,
});

const editing: Demand = { role: "editor", scope: "write" };

describe("who may", () => {
  it.each<{ name: string; who: Who; demand: Demand; refusal: ReturnType<typeof refusalOf> }>([
    { name: "nobody", who: { kind: "nobody" }, demand: editing, refusal: "sign-in-needed" },
    { name: "too small a role", who: person("viewer"), demand: editing, refusal: "role" },
    { name: "the role", who: person("editor"), demand: editing, refusal: null },
    { name: "a larger role", who: person("admin"), demand: editing, refusal: null },
    { name: "a key with the scope", who: key("editor", "write"), demand: editing, refusal: null },
    { name: "a key without", who: key("admin", "read", "run"), demand: editing, refusal: "scope" },
    { name: "a key of a viewer", who: key("viewer", "write"), demand: editing, refusal: "role" },
    {
      name: "a key, where only people may",
      who: key("admin", "read", "run", "write", "manage"),
      demand: { role: "viewer", scope: null },
      refusal: "scope",
    },
    {
      name: "anyone",
      who: { kind: "nobody" },
      demand: { role: "anyone", scope: null },
      refusal: null,
    },
  ])("$name: $refusal", ({ who, demand, refusal }) => {
    expect(refusalOf(who, demand)).toBe(refusal);
  });
});

/**
 * Who should be let through, said once more and by hand: whoever loosens a row of the table, or adds one, has to say so
 * here too. The first that fits counts.
 */
const should: readonly (readonly [routes: RegExp, role: Demand["role"], scope: Demand["scope"]])[] =
  [
    [
      /^GET \/(healthz|readyz|assets\/\{name\}|api\/openapi\.json|webhooks\/dropbox)?$/,
      "anyone",
      null,
    ],
    [/^POST \/webhooks\/(dropbox|google-drive|onedrive)$/, "anyone", null],
    [/^(GET \/api\/v1\/session|POST \/api\/v1\/set-up)$/, "anyone", null],
    [/^(GET|POST) \/api\/v1\/invitations\/\{token\}$/, "anyone", null],
    [/^POST \/api\/auth\/(sign-in\/email|sign-out)$/, "anyone", null],
    [/^POST \/api\/auth\/two-factor\/verify-(totp|backup-code)$/, "anyone", null],
    [/^GET \/api\/auth\/passkey\/generate-authenticate-options$/, "anyone", null],
    [/^POST \/api\/auth\/passkey\/verify-authentication$/, "anyone", null],
    [/ \/api\/(auth|v1\/me)\//, "viewer", null],
    [/ \/api\/v1\/(users|invitations)(\/|$)/, "admin", null],
    [/^POST \/api\/v1\/accounts(\/sign-in)?$/, "admin", null],
    [/^GET \/oauth\/\{provider\}\/callback$/, "admin", null],
    [/^DELETE \/api\/v1\/accounts\/\{name\}$/, "admin", "manage"],
    [/^POST \/api\/v1\/about\/(address|doctor)$/, "admin", "manage"],
    [/^POST \/api\/v1\/notifications$/, "admin", null],
    [/^GET \/api\/v1\/audit$/, "admin", "manage"],
    [/^GET \/api\/v1\/backups(\/|$)/, "admin", null],
    [/^(GET|DELETE|POST) \/api\/v1\/notifications(\/|$)/, "admin", "manage"],
    [/ \/api\/v1\/accounts\/\{name\}\/folders$/, "editor", "write"],
    // They only say something else of what they are sent.
    [/^POST \/api\/v1\/rules\/(write|times)$/, "viewer", "read"],
    [
      /^(POST|PUT|DELETE) \/api\/v1\/rules(\/(preview|parse|compare|apply|\{name\}))?$/,
      "editor",
      "write",
    ],
    [
      /^POST \/api\/v1\/rules\/\{name\}\/(run|plan|plan-file|apply|verify|pause|resume|approve|reject)$/,
      "editor",
      "run",
    ],
    // What is in a file, not only what it is called, is for those who decide.
    [/^GET \/api\/v1\/review\/conflicts\/\{id\}\/content$/, "editor", "run"],
    [/^POST \/api\/v1\/(review\/conflicts|runs\/\{id\}\/undo)$/, "editor", "run"],
    [/^GET \/(api\/v1\/|events$|metrics$)/, "viewer", "read"],
  ];

describe("the table of routes", () => {
  it.each(Object.entries(demands))("lets nobody else at %s", (route, demand) => {
    const [, role, scope] = should.find(([routes]) => routes.test(route)) ?? [];
    expect(demand).toEqual({ role, scope });
  });

  it("has every route that the server has, and no other", () => {
    const { routes } = createHouse();
    const own = routes
      .filter(({ method, path }) => method !== "ALL" && !path.endsWith("/*"))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const listed = Object.keys(demands).filter((each) => !each.includes(" /api/auth/"));
    expect([...new Set(own)].sort()).toEqual(listed.sort());
  });

  it("knows nothing of other methods and longer paths", () => {
    expect(demandOf("PUT", "/api/v1/users")).toBeNull();
    expect(demandOf("GET", "/api/v1/users/1/more")).toBeNull();
    expect(demandOf("DELETE", "/api/v1/users/1")).toEqual({ role: "admin", scope: null });
    expect(demandOf("POST", "/api/auth/sign-up/email")).toBeNull();
  });
});

/** The end of a refusal by the guard, before any handler. */
const refusals = ["sign-in-needed", "role", "scope", "foreign-page"];

describe("every route", () => {
  const all = Object.entries(demands).map(([route, demand]) => ({ route, demand }));

  it("lets through who may, and nobody else", async () => {
    const { admin, invited, browser } = createHouse();
    const first = await admin();
    const pages = {
      nobody: browser(),
      viewer: await invited(first, "viewer"),
      editor: await invited(first, "editor"),
      admin: await invited(first, "admin"),
    };
    const names = Object.keys(pages);
    for (const { route, demand } of all) {
      const [method = "", pattern = ""] = route.split(" ");
      // One would end the session of the one who asks, the other never ends.
      if (pattern === "/api/auth/sign-out" || pattern === "/events") continue;
      const path = pattern.replaceAll(/\{\w+\}/g, "0");
      const found: string[] = [];
      for (const [name, page] of Object.entries(pages)) {
        const { body } = await page.ask(method, path, method === "GET" ? undefined : {});
        if (!refusals.includes(String(field(body, "error.code")))) found.push(name);
      }
      const least = demand.role === "anyone" ? 0 : names.indexOf(demand.role);
      expect(found, route).toEqual(names.slice(least));
    }
  });

  it("lets a key do what its scopes say", async () => {
    const { admin, browser } = createHouse();
    const page = await admin();
    for (const scope of ["read", "run", "write", "manage"] as const) {
      const made = await page.ask("POST", "/api/v1/me/keys", { name: scope, scopes: [scope] });
      const authorization = `Bearer ${field(made.body, "key")}`;
      for (const { route, demand } of all) {
        if (demand.role === "anyone" || route.endsWith("/events")) continue;
        const [method = "", pattern = ""] = route.split(" ");
        const path = pattern.replaceAll(/\{\w+\}/g, "0");
        const sent = method === "GET" ? undefined : {};
        const { body } = await browser().ask(method, path, sent, { authorization });
        const isLet = !refusals.includes(String(field(body, "error.code")));
        expect(isLet, `${scope}: ${route}`).toBe(demand.scope === scope);
      }
    }
  });
});

describe("the description", () => {
  it("is OpenAPI 3.1, and names who may", async () => {
    const { body } = await createHouse().browser().ask("GET", "/api/openapi.json");
    expect(field(body, "openapi")).toBe("3.1.0");
    const paths = field(body, "paths") as Record<string, Record<string, object>>;
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} /api/v1${path}`),
    );
    const listed = Object.keys(demands).filter((each) => each.includes(" /api/v1/"));
    expect(described.sort()).toEqual(listed.sort());
    expect(paths["/users"]?.get).toMatchObject({ "x-role": "admin", "x-scope": null });
  });
});
