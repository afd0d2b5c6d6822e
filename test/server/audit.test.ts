import { describe, expect, it } from "vitest";
import { demands } from "../../src/server/access.ts";
import { actions } from "../../src/server/audited.ts";
import { checkAudit } from "../../src/store/audit-check.ts";
import type { Store } from "../../src/store/open.ts";
import { type Browser, createHouse, field, password } from "./harness.ts";
import { createServing } from "./serving.ts";

/** The newest rows but the first so many, in the order in which they came, once they are written. */
async function rowsAfter(store: Store, seq: number, count: number) {
  await expect.poll(() => store.audit.newest({ limit: 1 })[0]?.seq ?? 0).toBe(seq + count);
  return store.audit
    .from({ after: seq, limit: 100 })
    .map(({ actor, ...row }) => ({ ...row, actor: JSON.parse(actor) }));
}

const lastOf = ({ audit }: Store) => audit.newest({ limit: 1 })[0]?.seq ?? 0;

async function settled(store: Store): Promise<number> {
  await store.commit(() => {});
  return lastOf(store);
}

describe("the routes that change something", () => {
  it("are all in the table of what the audit log calls them", () => {
    const changing = Object.keys(demands).filter((route) => !route.startsWith("GET "));
    expect(Object.keys(actions).filter((route) => !route.startsWith("GET "))).toEqual(
      expect.arrayContaining(changing),
    );
    for (const route of Object.keys(actions)) expect(demands).toHaveProperty([route]);
  });
});

const signIn = (page: Browser, email: string, given = password) =>
  page.ask("POST", "/api/auth/sign-in/email", { email, password: given });

describe("the audit log of the server", () => {
  it("tells who came in, who did not, and who went", async () => {
    const { admin, browser, store } = createHouse();
    const first = await admin();
    const [ada] = store.people.all();
    if (!ada) throw new Error("there is an admin");
    const actor = { kind: "person", id: ada.id, name: ada.email };
    expect(store.audit.newest({ limit: 1 })).toMatchObject([
      { action: "set-up", actor: JSON.stringify(actor), result: "ok" },
    ]);
    const before = await settled(store);
    await first.ask("POST", "/api/auth/sign-out", {});
    await signIn(browser(), ada.email);
    await signIn(browser(), ada.email, "a wrong password");
    await signIn(browser(), "my-secret-password@x.org", "whatever it is");
    expect(await rowsAfter(store, before, 4)).toMatchObject([
      { action: "sign-out", actor, result: "ok" },
      { action: "sign-in", actor, result: "ok" },
      { action: "sign-in", actor: { kind: "nobody", name: ada.email }, result: "refused" },
      { action: "sign-in", actor: { kind: "nobody", name: null }, result: "refused" },
    ]);
    const text = JSON.stringify(store.audit.newest({ limit: 100 }));
    for (const secret of ["my-secret-password", "wrong password", password]) {
      expect(text).not.toContain(secret);
    }
  });

  it("tells of people, roles, invitations and keys, and of what a key did or may not", async () => {
    const { admin, invited, browser, store } = createHouse();
    const page = await admin();
    const before = await settled(store);
    await invited(page, "viewer", "bo@example.com");
    const bo = store.people.all().find(({ email }) => email === "bo@example.com");
    await page.ask("PATCH", `/api/v1/users/${bo?.id}`, { role: "editor" });
    const made = await page.ask("POST", "/api/v1/me/keys", { name: "robot", scopes: ["run"] });
    const key = String(field(made.body, "key"));
    const authorization = `Bearer ${key}`;
    await browser().ask("POST", "/api/v1/rules/docs/run", {}, { authorization });
    await browser().ask("POST", "/api/v1/rules", {}, { authorization });
    await page.ask("DELETE", `/api/v1/me/keys/${field(made.body, "id")}`);
    await page.ask("DELETE", `/api/v1/users/${bo?.id}`);
    const robot = { kind: "key", name: "robot" };
    const ada = { kind: "person" };
    expect(await rowsAfter(store, before, 8)).toMatchObject([
      { action: "invite", actor: ada, item: "bo@example.com", why: "viewer" },
      { action: "join", actor: { kind: "person", name: "bo@example.com" }, item: null },
      { action: "change-role", actor: ada, item: bo?.id, why: "bo@example.com: editor" },
      { action: "make-key", actor: ada, item: "robot", why: "run" },
      { action: "run-rule", actor: robot, rule: "docs", result: "refused" },
      { action: "make-rule", actor: robot, result: "refused", why: expect.stringMatching(/key/) },
      { action: "remove-key", actor: ada, item: field(made.body, "id") },
      { action: "remove-person", actor: ada, why: "bo@example.com" },
    ]);
    expect(JSON.stringify(store.audit.newest({ limit: 100 }))).not.toContain(key);
  });

  it("tells of rules and accounts, and of a folder that a person makes", async () => {
    const { page, store, path } = await createServing("  []\n");
    const before = await settled(store);
    const rule = { name: "docs", from: "left:/", to: "right:/", on: "manual" };
    await page.ask("POST", "/api/v1/rules", rule);
    await page.ask("PUT", "/api/v1/rules/docs", { ...rule, mode: "mirror" });
    await page.ask("PUT", "/api/v1/rules/docs", { ...rule, from: "nowhere:/" });
    await page.ask("POST", "/api/v1/rules/docs/pause");
    await page.ask("DELETE", "/api/v1/rules/docs");
    const fields = { provider: "local", root: path("third") };
    await page.ask("POST", "/api/v1/accounts", { name: "more", fields });
    await page.ask("POST", "/api/v1/accounts/more/folders", { name: "new" });
    await page.ask("DELETE", "/api/v1/accounts/more");
    await page.ask("GET", "/api/v1/rules");
    const rows = await rowsAfter(store, before, 8);
    expect(rows).toMatchObject([
      { action: "make-rule", rule: "docs", result: "ok" },
      { action: "change-rule", rule: "docs", result: "ok" },
      { action: "change-rule", rule: "docs", result: "refused", why: expect.any(String) },
      { action: "pause-rule", rule: "docs" },
      { action: "remove-rule", rule: "docs" },
      { action: "add-account", account: "more" },
      { action: "create-folder", account: "more", path: "/new", result: "ok" },
      { action: "remove-account", account: "more" },
    ]);
    for (const row of rows) expect(row.actor).toMatchObject({ kind: "person" });
    expect(checkAudit(store.db, { publicKey: null, heads: [] }).problem).toBeNull();
  });

  it("is shown to admins, page by page", async () => {
    const { admin, invited, store } = createHouse();
    const page = await admin();
    const editor = await invited(page, "editor");
    expect((await editor.ask("GET", "/api/v1/audit")).status).toBe(403);
    await settled(store);
    const first = await page.ask("GET", "/api/v1/audit?limit=2");
    expect(first.body).toMatchObject({ rows: [{ action: "join" }, { action: "invite" }] });
    const second = await page.ask("GET", `/api/v1/audit?before=${field(first.body, "next")}`);
    expect(second.body).toMatchObject({ rows: [{ seq: 1, action: "set-up" }], next: null });
  });
});
