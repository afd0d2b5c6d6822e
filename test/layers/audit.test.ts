import { expect, it } from "vitest";
import { createMemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import type { AuditDeed, AuditEnd } from "../../src/core/audit.ts";
import type { Revision } from "../../src/core/entry.ts";
import { type Failure, ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import { withAudit } from "../../src/layers/audit.ts";
import { withRetry } from "../../src/layers/retry.ts";
import { text } from "../contract/bytes.ts";
import { gather } from "../contract/harness.ts";
import { createMirror, writeThrough } from "../contract/mirror.ts";
import { virtualClock } from "../engine/harness.ts";

type Row = AuditDeed & Partial<AuditEnd>;

/** An account under the layer; `over` takes the place of what the adapter does. */
async function bench(over: (bare: Provider) => Partial<Provider> = () => ({})) {
  const cloud = createMemoryCloud({ clock: Date, revisions: true });
  const mirror = createMirror();
  const rows: Row[] = [];
  const writer = {
    async begin(deed: AuditDeed) {
      const row: Row = { ...deed };
      rows.push(row);
      return (end: AuditEnd | null) => void Object.assign(row, end);
    },
  };
  const bare = openMemory(cloud);
  const adapter = { ...bare, ...over(bare) };
  const audited = withAudit(adapter, { account: "work", tree: mirror, writer });
  const provider = writeThrough(audited, mirror);
  mirror.put(await provider.root());
  return { cloud, provider, rows, root: cloud.root };
}

const by = { rule: "docs", run: 7, operation: "op1" };
const cause = { ...by, actor: { kind: "engine" }, account: "work" };

it("tells of each change what, where, for whom, and what stands after it", async () => {
  const { provider, rows, root } = await bench();
  const folder = await provider.createFolder({ parent: root, name: "in" }, { by });
  const target = { type: "new", at: { parent: folder.id, name: "a.txt" } } as const;
  const file = await provider.write(target, text("hello"), { by });
  const { id, revision } = file;
  if (revision === null) throw new Error("a file has a revision");
  const edited = await provider.write({ type: "replace", id, revision }, text("hello!"), { by });
  await provider.move(id, { parent: root, name: "b.txt" }, { by });
  await provider.trash(id, { revision: edited.revision as Revision, by });
  const at = { parent: root, name: "b.txt" };
  await provider.restore({ id, kind: "file", at, revision: edited.revision }, { by });
  const [first, second] = [revision, edited.revision];
  expect(rows).toMatchObject([
    { action: "create-folder", path: "/in", parent: root, item: folder.id, result: "ok" },
    { action: "upload", path: "/in/a.txt", item: id, after: first, bytes: 5, result: "ok" },
    { action: "update", path: "/in/a.txt", item: id, before: first, after: second, bytes: 6 },
    { action: "move", path: "/b.txt", parent: root, item: id, before: second, after: second },
    { action: "trash", path: "/b.txt", item: id, before: second, result: "ok" },
    { action: "restore", path: "/b.txt", item: id, before: second, after: second },
  ]);
  for (const row of rows) expect(row).toMatchObject(cause);
  expect(rows[1]?.content).toMatch(/^[a-zA-Z0-9]+:./);
  expect(JSON.stringify(rows)).not.toContain("hello");
});

it("tells nothing of what only looks", async () => {
  const { provider, rows, cloud, root } = await bench();
  const { id } = cloud.put("/a.txt", "a");
  await provider.stat(id);
  await provider.read(id);
  await gather(provider.list(root));
  await gather(provider.changes(null));
  await provider.revisions?.(id);
  expect(rows).toEqual([]);
});

it.each<{ failure: Failure; result: string }>([
  { failure: "already-exists", result: "refused" },
  { failure: "unauthorized", result: "refused" },
  { failure: "rate-limited", result: "refused" },
  { failure: "out-of-space", result: "refused" },
  { failure: "unavailable", result: "lost" },
  { failure: "corrupt", result: "failed" },
  { failure: "unexpected", result: "failed" },
])("calls $failure $result, and says why", async ({ failure, result }) => {
  const { provider, rows, root } = await bench(() => ({
    createFolder: () => Promise.reject(new ProviderError(failure, "work: no")),
  }));
  await expect(provider.createFolder({ parent: root, name: "in" })).rejects.toThrow("work: no");
  expect(rows).toMatchObject([{ path: "/in", result, why: "work: no" }]);
});

it("calls lost what was given up under way", async () => {
  const { provider, rows, root } = await bench(() => ({
    createFolder: () => Promise.reject(new Error("the program ends")),
  }));
  await expect(provider.createFolder({ parent: root, name: "in" })).rejects.toThrow();
  expect(rows).toMatchObject([{ result: "lost", why: "the program ends" }]);
});

it("has a row for every attempt: of the layer above, and of the adapter by itself", async () => {
  let attempts = 0;
  const { provider, rows, root } = await bench((bare) => ({
    async write(target, source, options) {
      attempts += 1;
      if (attempts === 1) throw new ProviderError("unavailable", "the line broke");
      options?.onRepeat?.(new ProviderError("rate-limited", "too many"));
      return bare.write(target, source, options);
    },
  }));
  const target = { type: "new", at: { parent: root, name: "a" } } as const;
  await withRetry(provider, virtualClock()).write(target, text("a"), { by });
  expect(rows).toMatchObject([
    { ...cause, result: "lost", why: "the line broke" },
    { ...cause, result: "refused", why: "too many" },
    { ...cause, result: "ok" },
  ]);
});

it("lets nothing go out that is not noted", async () => {
  const cloud = createMemoryCloud({ clock: Date });
  const writer = { begin: () => Promise.reject(new Error("the disk is full")) };
  const tree = createMirror();
  const provider = withAudit(openMemory(cloud), { account: "work", tree, writer });
  const made = provider.createFolder({ parent: cloud.root, name: "in" });
  await expect(made).rejects.toThrow("the disk is full");
  expect(cloud.calls.createFolder).toBe(0);
});
