import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { onTestFinished } from "vitest";
import type { Change, ChangePage, Cursor, Entry, ItemId, Revision } from "../../src/core/entry.ts";
import type { Link, LinkEnd } from "../../src/core/plan.ts";
import { openStore, type Store, type StoreOptions } from "../../src/store/open.ts";
import { quickDisk } from "../disk.ts";

export const key = new Uint8Array(32).fill(7);

/** A folder of the test's own, gone when it ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(quickDisk(), "syncline-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a state and closes it when the test ends. */
export function open(options: Partial<StoreOptions> = {}): Store {
  const store = openStore({ file: ":memory:", key, now: Date.now, ...options });
  onTestFinished(() => store.close());
  return store;
}

const migrations = readMigrationFiles({ migrationsFolder: "migrations" });

/** Numbers of the newest migration that the state of an older version has. */
export const olderVersions = migrations.slice(0, -1).map((_, version) => version);

/** An empty state, as a version left it whose newest migration has that number. */
export function writeOlderState(file: string, version: number): void {
  const sqlite = new Database(file);
  sqlite.exec(
    "create table __drizzle_migrations (id integer primary key, hash text, created_at numeric)",
  );
  for (const { sql, hash, folderMillis } of migrations.slice(0, version + 1)) {
    for (const statement of sql) sqlite.exec(statement);
    sqlite
      .prepare("insert into __drizzle_migrations (hash, created_at) values (?, ?)")
      .run(hash, folderMillis);
  }
  sqlite.close();
}

/** The state in memory and in a file: what holds for one must hold for the other. */
export const places: [string, () => string][] = [
  ["in memory", () => ":memory:"],
  ["in a file", () => join(temporaryFolder(), "state.sqlite")],
];

export interface World {
  readonly store: Store;
  readonly nowMs: { value: number };
  readonly a: number;
  readonly b: number;
  /** `a` to `b`, of the rule `docs`; nothing seeded yet. */
  readonly destination: number;
}

/** Two accounts and one rule between them. */
export function createWorld(file = ":memory:"): World {
  const nowMs = { value: Date.UTC(2026, 0, 1) };
  const store = open({ file, now: () => nowMs.value });
  const a = store.accounts.ensure("a", "memory").id;
  const b = store.accounts.ensure("b", "memory").id;
  const { id } = store.destinations.ensure(rule(a, b));
  return { store, nowMs, a, b, destination: id };
}

export const rule = (fromAccount: number, toAccount: number, name = "docs") => ({
  rule: name,
  location: "b:/out",
  fromAccount,
  toAccount,
});

export const idOf = (text: string) => text as ItemId;

/** A file in the root folder `root`. */
export function file(id: string, over: Partial<Entry> = {}): Entry {
  return {
    id: idOf(id),
    parent: idOf("root"),
    name: `${id}.txt`,
    kind: "file",
    sizeBytes: 5,
    revision: `${id}-1` as Revision,
    hashes: {},
    modifiedAt: new Date(1_000),
    createdAt: new Date(1_000),
    ...over,
  };
}

export function folder(id: string, parent: string | null = "root"): Entry {
  const none = { sizeBytes: null, revision: null, modifiedAt: null, createdAt: null };
  return {
    ...file(id),
    ...none,
    kind: "folder",
    name: id,
    parent: parent === null ? null : idOf(parent),
  };
}

export const put = (entry: Entry): Change => ({ type: "put", entry });
export const gone = (id: string): Change => ({ type: "gone", id: idOf(id) });

export const page = (...changes: Change[]): ChangePage => ({
  changes,
  next: "next" as Cursor,
  stage: "changes",
});

interface LinkOver extends Partial<Omit<Link, "from" | "to">> {
  readonly from?: Partial<LinkEnd>;
  readonly to?: Partial<LinkEnd>;
}

export function link(fromId: string, toId: string, { from, to, ...over }: LinkOver = {}): Link {
  return {
    kind: "file",
    from: {
      id: idOf(fromId),
      parent: idOf("root"),
      name: `${fromId}.txt`,
      revision: `${fromId}-1` as Revision,
      ...from,
    },
    to: { id: idOf(toId), parent: null, name: `${toId}.txt`, revision: null, ...to },
    sizeBytes: 5,
    hashes: { sha256: "ab" },
    ...over,
  };
}

/** What a destination is to look at now, in order. */
export function marked({ store, nowMs }: World, destination: number): string[] {
  return store.dirty
    .due(destination, nowMs.value, 0, 1_000)
    .map(({ side, item }) => `${side} ${item}`);
}
