import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { bringUpToDate } from "../../src/store/migrate.ts";
import { openStore, type Store } from "../../src/store/open.ts";

/** A new state in memory. Its tables are made once for all stories: each begins with a copy of them. */
export function openState(now: () => number): Store {
  return openStore({ file: empty, key: new Uint8Array(32), now });
}

const empty = emptyState();

function emptyState(): Buffer {
  const sqlite = new Database(":memory:");
  try {
    bringUpToDate(drizzle(sqlite, { casing: "snake_case" }));
    return sqlite.serialize();
  } finally {
    sqlite.close();
  }
}
