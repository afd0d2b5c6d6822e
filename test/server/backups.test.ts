import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { problemOfCopy } from "../../src/store/backup.ts";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

it("gives admins a whole copy while everything goes on, and knows when", async () => {
  const serving = await createServing("  - { name: docs, from: left:/, to: right:/, quiet: 0s }\n");
  const { page, path, invited, app } = serving;
  expect((await page.ask("GET", "/api/v1/backups")).body).toEqual({ last: null });
  const cookie = [...page.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const writing = setInterval(() => serving.engine.store.notices.setInStep("other"), 1);
  const answer = await app.request("http://localhost:8787/api/v1/backups/download", {
    headers: { cookie },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  clearInterval(writing);
  expect(answer.headers.get("content-disposition")).toMatch(
    /^attachment; filename="syncline-\d{4}-\d\d-\d\d\.sqlite"$/,
  );
  expect(bytes).toHaveLength(Number(answer.headers.get("content-length")));
  const copy = join(path("."), "copy.sqlite");
  writeFileSync(copy, bytes);
  expect(problemOfCopy(copy)).toBeNull();
  const sqlite = new Database(copy, { readonly: true });
  const rows = (table: string) => sqlite.prepare(`select count(*) from ${table}`).pluck().get();
  // Whoever has the copy is signed in nowhere by it.
  expect([rows("users"), rows("sessions"), rows("lease")]).toEqual([1, 0, 0]);
  sqlite.close();
  const { body } = await page.ask("GET", "/api/v1/backups");
  expect(field(body, "last.bytes")).toBe(bytes.length);
  await expect
    .poll(() => readdirSync(path("data")).filter((name) => name.startsWith("syncline-backup")))
    .toEqual([]);
  const editor = await invited(page, "editor");
  expect((await editor.ask("GET", "/api/v1/backups/download")).status).toBe(403);
});
