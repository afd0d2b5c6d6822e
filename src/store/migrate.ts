import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Db } from "./open.ts";

/**
 * Brings the state to this version's schema; harmless when it is there already. Throws when a newer
 * version of the program wrote it, whose words this one doesn't know.
 */
export function bringUpToDate(db: Db): void {
  const newestMs = newestMigrationMs();
  refuseNewer(db, newestMs);
  if (migratedMs(db) === newestMs) return;
  try {
    migrate(db, { migrationsFolder: migrationsFolder() });
  } catch (error) {
    // Of two first starts at once one finds the work done, by the other, halfway through its own.
    if (migratedMs(db) !== newestMs) throw wasRolledBack(error) ?? error;
  }
}

/** SQLite has ended the transaction before drizzle could: of why, drizzle's error says nothing. sqlite.org: "Response To Errors Within A Transaction". */
function wasRolledBack(error: unknown): Error | null {
  if (!(error instanceof Error) || !error.message.includes("'ROLLBACK'")) return null;
  const message = "the disk with the state is full, or fails: free space on it, and start again";
  return new Error(message, { cause: error });
}

/** Whether a state can be read as it is; one that is not of this version is left to who may say so. */
export function isUpToDate(file: string): boolean {
  const sqlite = new Database(file, { readonly: true });
  try {
    return migratedMs({ $client: sqlite }) === newestMigrationMs();
  } finally {
    sqlite.close();
  }
}

/** For those who may not write: throws unless the schema is this version's. */
export function requireUpToDate(db: Db): void {
  const newestMs = newestMigrationMs();
  refuseNewer(db, newestMs);
  if (migratedMs(db) < newestMs) {
    throw new Error("it was written by an older version; the next run brings it up to date");
  }
}

function refuseNewer(db: Db, newestMs: number): void {
  if (migratedMs(db) <= newestMs) return;
  const backup = db.$client.memory ? null : backupForThisVersion(db.$client.name);
  const way = backup === null ? "" : `, or go back with "syncline restore ${backup}"`;
  throw new Error(`${newer}${way}`);
}

const newer = "it was written by a newer version of Syncline; use that one";

/** Why a file is no state that this version can bring up to date; null: it is one. */
export function versionProblem(db: Pick<Db, "$client">): string | null {
  const ms = migratedMs(db);
  if (ms === 0) return "it is no state of Syncline";
  return ms > newestMigrationMs() ? newer : null;
}

/** The time stamp of the newest migration that the state has; 0 for an empty file. */
function migratedMs({ $client }: Pick<Db, "$client">): number {
  const table = $client
    .prepare("select 1 from sqlite_schema where name = '__drizzle_migrations'")
    .get();
  if (!table) return 0;
  const newest = $client.prepare("select max(created_at) from __drizzle_migrations").pluck().get();
  return Number(newest ?? 0);
}

/** A migration's place in their order, and its name, such as `0016_hooks`. */
interface Migration {
  readonly idx: number;
  readonly when: number;
  readonly tag: string;
}

function allMigrations(): readonly Migration[] {
  const journal = readFileSync(join(migrationsFolder(), "meta", "_journal.json"), "utf8");
  return JSON.parse(journal).entries;
}

/** What is to be kept of a state before it is brought up to date, so that one can go back. */
export interface Upgrade {
  /** Beside the state, named after the first migration that it lacks: the version that wrote it ends before that. */
  readonly backup: string;
}

/** Null: the state is of this version, of a newer one, or empty. */
export function upgradeOf(file: string): Upgrade | null {
  const sqlite = new Database(file, { readonly: true });
  try {
    const ms = migratedMs({ $client: sqlite });
    const first = ms === 0 ? undefined : allMigrations().find(({ when }) => when > ms);
    return first ? { backup: `${file}.before-${first.tag}` } : null;
  } finally {
    sqlite.close();
  }
}

/** Those of `upgradeOf`, not what a restore has kept; by the number of their migration. */
function upgradeBackups(file: string): { readonly path: string; readonly number: number }[] {
  const start = `${basename(file)}.before-`;
  return readdirSync(dirname(file)).flatMap((name) => {
    const number = name.startsWith(start)
      ? /^(\d{4})_[\w-]+$/.exec(name.slice(start.length))
      : null;
    return number ? [{ path: join(dirname(file), name), number: Number(number[1]) }] : [];
  });
}

/** Made when a state of this version's schema was brought up to a newer one's; null: there is none. */
function backupForThisVersion(file: string): string | null {
  const next = allMigrations().length;
  return upgradeBackups(file).find(({ number }) => number === next)?.path ?? null;
}

/** Forgets all but the newest so many. */
export function keepNewestUpgradeBackups(file: string, most: number): void {
  const madeMs = ({ path }: { readonly path: string }) => statSync(path).mtimeMs;
  const old = upgradeBackups(file)
    .sort((a, b) => madeMs(b) - madeMs(a))
    .slice(most);
  for (const { path } of old) rmSync(path, { force: true });
}

function newestMigrationMs(): number {
  const migrations = readMigrationFiles({ migrationsFolder: migrationsFolder() });
  return Math.max(...migrations.map(({ folderMillis }) => folderMillis));
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
