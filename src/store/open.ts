import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { type Accounts, createAccounts } from "./accounts.ts";
import { createDestinations, type Destinations } from "./destinations.ts";
import { createDirty, type Dirty } from "./dirty.ts";
import { createIntents, type Intents } from "./intents.ts";
import { createLeases, type Leases } from "./lease.ts";
import { createLinks, type Links } from "./links.ts";
import { createRuns, type Runs } from "./runs.ts";
import { createTrees, type Trees } from "./tree.ts";

export type Db = BetterSQLite3Database;

/** The state of one data folder. Everything is synchronous; only one process may write at a time. */
export interface Store {
  readonly accounts: Accounts;
  readonly trees: Trees;
  readonly destinations: Destinations;
  readonly links: Links;
  readonly dirty: Dirty;
  readonly intents: Intents;
  readonly runs: Runs;
  readonly leases: Leases;
  /** All of `work` or nothing of it; a transaction inside another is part of it. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface StoreOptions {
  /** The SQLite file, or `:memory:`. Its folder is made when it is missing. */
  readonly file: string;
  /** 32 bytes that seal tokens at rest. */
  readonly key: Uint8Array;
  readonly now: () => number;
  /** Only read: no migration, no write; for commands beside a running process. Default false. */
  readonly readonly?: boolean;
}

/**
 * Opens the state and brings it to the newest schema. WAL with synchronous=FULL: an intent that was
 * written survives a power cut, so that no effect exists of which no intent knows.
 */
export function openStore(options: StoreOptions): Store {
  const { file, now, readonly = false } = options;
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const sqlite = new Database(file, { readonly });
  sqlite.pragma("busy_timeout = 10000");
  if (!readonly) {
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = FULL");
  }
  sqlite.pragma("temp_store = MEMORY");
  sqlite.pragma("cache_size = -16384");
  const db = drizzle(sqlite, { casing: "snake_case" });
  if (!readonly) migrate(db, { migrationsFolder: migrationsFolder() });

  const dirty = createDirty(db);
  const destinations = createDestinations(db);
  const accounts = createAccounts(db, options.key, now, destinations);
  const epochOf = (account: number) => accounts.get(account).epoch;
  return {
    accounts,
    trees: createTrees(db, { destinations, dirty, epochOf, now }),
    destinations,
    links: createLinks(db, now),
    dirty,
    intents: createIntents(db, now),
    runs: createRuns(db, now),
    leases: createLeases(db, now),
    transaction: (work) => (sqlite.inTransaction ? work() : sqlite.transaction(work).immediate()),
    close: () => {
      if (!readonly) sqlite.pragma("wal_checkpoint(TRUNCATE)");
      sqlite.close();
    },
  };
}

/** The repository's `migrations` folder, seen from the sources as well as from the bundle. */
function migrationsFolder(): string {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const folder = join(at, "migrations");
    if (existsSync(join(folder, "meta", "_journal.json"))) return folder;
    if (at === dirname(at))
      throw new Error("the migrations folder of this installation is missing");
  }
}
