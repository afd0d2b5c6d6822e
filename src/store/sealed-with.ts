import Database from "better-sqlite3";
import { getTableName } from "drizzle-orm";
import { keyId } from "./derived.ts";
import type { Db } from "./open.ts";
import { sealedWith } from "./schema.ts";
import { unseal } from "./seal.ts";
import { sealedColumns } from "./sealed.ts";

/** Which key a state is sealed with, so that a wrong one is found before anything is written. */

/** The key that was given did not seal this state. */
export class WrongKey extends Error {
  override readonly name = "WrongKey";
  /** By which the right one is known; null: a state of an older version, which does not say. */
  readonly sealedWith: string | null;
  /** The id of the one that was given. */
  readonly given: string;

  constructor(sealedWith: string | null, given: string) {
    super(
      `the state is sealed with key ${sealedWith ?? "that is another one"}, not with key ${given}`,
    );
    this.sealedWith = sealedWith;
    this.given = given;
  }
}

/** Throws `WrongKey` where a state, of whatever version, says that it is another one. */
export function refuseOther({ $client }: Pick<Db, "$client">, key: Uint8Array): void {
  const recorded = recordedKey($client);
  if (recorded !== null && recorded !== keyId(key)) throw new WrongKey(recorded, keyId(key));
}

/** Writes down whose key it is where nobody did yet; `WrongKey` when it opens nothing of what is there. */
export function recordKey(db: Db, key: Uint8Array, nowMs: number): void {
  if (recordedKey(db.$client) !== null) return;
  const values = sealedColumns.flatMap((column) => column.values(db));
  const fits = values.some(({ sealed, context }) => unseal(key, sealed, context) !== null);
  if (values.length > 0 && !fits) throw new WrongKey(null, keyId(key));
  setKey(db, key, nowMs);
}

/** In the transaction that seals everything with it. */
export function setKey(db: Db, key: Uint8Array, nowMs: number): void {
  const values = { keyId: keyId(key), since: new Date(nowMs) };
  db.insert(sealedWith)
    .values({ id: 1, ...values })
    .onConflictDoUpdate({ target: sealedWith.id, set: values })
    .run();
}

/** The key of a state, by its id; "unknown": of an older version that holds sealed values; null: no key was used. */
export function keyOfState(file: string): string | "unknown" | null {
  const sqlite = new Database(file, { readonly: true, timeout: 10_000 });
  try {
    return recordedKey(sqlite) ?? (holdsSealed(sqlite) ? "unknown" : null);
  } finally {
    sqlite.close();
  }
}

/** The id of the key that a state, of whatever version, says it is sealed with; null: it says nothing. */
export function recordedKey(sqlite: Database.Database): string | null {
  if (!hasTable(sqlite, getTableName(sealedWith))) return null;
  const row = sqlite.prepare<[], { key_id: string }>("select key_id from sealed_with").get();
  return row?.key_id ?? null;
}

const holdsSealed = (sqlite: Database.Database) =>
  sealedColumns.some(({ table, column }) => {
    const name = getTableName(table);
    if (!hasTable(sqlite, name)) return false;
    return sqlite.prepare(`select 1 from "${name}" where "${column}" is not null limit 1`).get();
  });

const hasTable = (sqlite: Database.Database, name: string) =>
  sqlite.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !==
  undefined;
