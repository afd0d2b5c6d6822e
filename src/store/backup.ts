import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { keyId } from "./derived.ts";
import { createLeases, type Leases } from "./lease.ts";
import { versionProblem } from "./migrate.ts";
import { unseal } from "./seal.ts";
import { recordedKey } from "./sealed-with.ts";

/** Copies of a state, and the way back; whichever version wrote it. */

/** What a copy tells about whoever had it is nothing for others: who owns the folder, who is signed in to the dashboard. */
const leftOut = ["lease", "sessions", "verifications"];
/** So much is copied before others have a turn. */
const pagesAtOnce = 500;

/**
 * Writes a copy of the state as it is at one moment, in which everything was proven to be whole, to a new file that
 * only this user may read. What is written meanwhile waits for nothing. Gives its size.
 */
export async function copyState(sqlite: Database.Database, to: string): Promise<number> {
  writeFileSync(to, "", { mode: 0o600, flag: "wx" });
  try {
    await sqlite.backup(to, { progress: () => pagesAtOnce });
    const copy = new Database(to);
    try {
      // One file, without another that belongs to it.
      copy.pragma("journal_mode = DELETE");
      const present = copy.prepare("select name from sqlite_schema where type = 'table'").pluck();
      const names = new Set(present.all());
      for (const table of leftOut) if (names.has(table)) copy.exec(`delete from ${table}`);
      refuseDamaged(copy);
    } finally {
      copy.close();
    }
    sync(to);
    return statSync(to).size;
  } catch (error) {
    removeState(to);
    throw error;
  }
}

/** The same of a state that another process may be at work with. `to` appears whole or not at all. */
export async function backUpState(file: string, to: string): Promise<number> {
  const part = `${to}.${process.pid}.part`;
  const sqlite = new Database(file, { readonly: true, timeout: 10_000 });
  try {
    // All is read as it was at the first look, else each change beside us would begin the copy anew.
    sqlite.exec("BEGIN");
    sqlite.prepare("select count(*) from sqlite_schema").get();
    const bytes = await copyState(sqlite, part);
    renameSync(part, to);
    sync(dirname(to));
    return bytes;
  } finally {
    sqlite.close();
  }
}

/** Who has a state, whichever version wrote it; null: nobody, or it is too damaged to say. */
export function ownerOf(file: string): ReturnType<Leases["owner"]> {
  const sqlite = new Database(file, { readonly: true, timeout: 10_000 });
  try {
    return createLeases(drizzle(sqlite, { casing: "snake_case" }), Date.now).owner();
  } catch (error) {
    if (isBusy(error)) throw error;
    return null;
  } finally {
    sqlite.close();
  }
}

const partPrefix = "syncline-backup-";
const oldMs = 86_400_000;

/** Where a copy is made that is to be sent; what a program that was killed has left there is removed. */
export function placeForCopy(sqlite: Database.Database, name: string): string {
  const folder = sqlite.memory ? tmpdir() : dirname(sqlite.name);
  for (const each of readdirSync(folder).filter((each) => each.startsWith(partPrefix))) {
    const left = join(folder, each);
    if (Date.now() - statSync(left).mtimeMs > oldMs) rmSync(left, { force: true });
  }
  return join(folder, `${partPrefix}${name}`);
}

/** Why a file can't take the place of a state, in words for people; null: it can. */
export function problemOfCopy(file: string): string | null {
  let sqlite: Database.Database | null = null;
  try {
    sqlite = new Database(file);
    refuseDamaged(sqlite);
    return versionProblem({ $client: sqlite });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    sqlite?.close();
  }
}

function refuseDamaged(sqlite: Database.Database): void {
  const found = sqlite.pragma("integrity_check(1)", { simple: true });
  if (found !== "ok") throw new Error(`it is damaged: ${found}`);
}

/** Whether what is sealed in a state was sealed with this key; null: nothing is. */
export function isKeyOf(file: string, key: Uint8Array): boolean | null {
  const sqlite = new Database(file, { readonly: true });
  try {
    const recorded = recordedKey(sqlite);
    if (recorded !== null) return recorded === keyId(key);
    const all = (text: string): { sealed: Uint8Array; context: string }[] =>
      sqlite.prepare<[], { sealed: Uint8Array; context: string }>(text).all();
    const hasMade = sqlite
      .prepare("select 1 from sqlite_schema where name = 'made_accounts'")
      .get();
    const sealed = [
      ...all(
        "select tokens as sealed, name || ' ' || settings_hash as context from accounts where tokens is not null",
      ),
      ...(hasMade
        ? all(
            "select fields as sealed, 'account of the dashboard ' || name as context from made_accounts",
          )
        : []),
    ];
    if (sealed.length === 0) return null;
    return sealed.some((each) => unseal(key, each.sealed, each.context) !== null);
  } finally {
    sqlite.close();
  }
}

/** Nobody else may write meanwhile. The state that was there is kept under the name that is given back; null: none was. */
export function replaceState(file: string, part: string, now: Date): string | null {
  sync(part);
  const kept = existsSync(file) ? keep(file, now) : null;
  renameSync(part, file);
  sync(dirname(file));
  return kept;
}

/** It stays in its place, too, until another takes that: there is no moment without a state. */
function keep(file: string, now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  let kept = `${file}.before-${stamp}`;
  for (let n = 2; existsSync(kept); n++) kept = `${file}.before-${stamp}-${n}`;
  // What was not written into the file yet belongs to it, and to no other.
  const log = `${file}-wal`;
  if (existsSync(log) && statSync(log).size > 0) renameSync(log, `${kept}-wal`);
  rmSync(`${file}-shm`, { force: true });
  try {
    linkSync(file, kept);
  } catch {
    // Some file systems know no second name of a file.
    copyFileSync(file, kept);
  }
  return kept;
}

/** Whoever owns a data folder, in a state of any version. */
export interface OwnedState {
  readonly leases: Leases;
  /**
   * Ends with all that was written in the file itself; false: another program has it open, even if only to look. Who
   * owns it stays written down in it.
   */
  close(): boolean;
}

/** Null: the file is too damaged for anybody to own it. */
export function openOwned(file: string, now: () => number): OwnedState | null {
  let sqlite: Database.Database | null = null;
  try {
    const opened = new Database(file, { timeout: 10_000 });
    sqlite = opened;
    const leases = createLeases(drizzle(opened, { casing: "snake_case" }), now);
    leases.owner();
    return {
      leases,
      close() {
        try {
          // Given to those alone who have it to themselves.
          opened.pragma(`busy_timeout = ${patienceMs}`);
          return opened.pragma("journal_mode = DELETE", { simple: true }) === "delete";
        } catch (error) {
          if (isBusy(error)) return false;
          throw error;
        } finally {
          opened.close();
        }
      },
    };
  } catch (error) {
    sqlite?.close();
    if (isBusy(error)) throw error;
    return null;
  }
}

/** How long a program may take that looks at the state for a moment only. */
const patienceMs = 2_000;

const isBusy = (error: unknown) =>
  error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");

/** A state's file and what belongs to it. */
function removeState(file: string): void {
  for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
}

/** What is written there survives a power cut. */
function sync(path: string): void {
  const isFolder = statSync(path).isDirectory();
  // Windows opens no folders.
  if (isFolder && process.platform === "win32") return;
  const handle = openSync(path, isFolder ? "r" : "r+");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
