import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import Database from "better-sqlite3";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { Actor } from "../core/audit.ts";
import { createAudit } from "./audit.ts";
import { deriveSecret, keyId, signInPurpose } from "./derived.ts";
import { bringUpToDate } from "./migrate.ts";
import type { Db } from "./open.ts";
import { lease, sessions, twoFactors, verifications } from "./schema.ts";
import { seal, unseal } from "./seal.ts";
import { sealedColumns } from "./sealed.ts";
import { recordedKey, recordKey, refuseOther, setKey } from "./sealed-with.ts";

export interface Rotation {
  /** The state, which nobody else may have open meanwhile. */
  readonly file: string;
  /** What it is sealed with. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Who wants it, for the audit log; default: the engine. */
  readonly actor?: Actor;
  readonly now: () => number;
  /** How long a program may take that looks at the state for a moment only. Default 2 s. */
  readonly patienceMs?: number;
}

export interface Rotated {
  /** How many values are sealed anew. */
  readonly values: number;
  /** People whose second factor is encrypted anew. */
  readonly secondFactors: number;
  /** People's sessions that ended: their cookies were signed with a secret of the former key. */
  readonly sessions: number;
}

/** What does not open with the key that is said to have sealed it; nothing was changed. */
export class Unopened extends Error {
  override readonly name = "Unopened";
}

/** Another program has the state open. */
export class StateInUse extends Error {
  override readonly name = "StateInUse";
}

/**
 * Seals all that is sealed in a state with another key, in one transaction: at every instant all of it opens with the one
 * that the state names. Null: it is sealed with `to` already. `WrongKey`, `Unopened` and `StateInUse` before
 * anything is changed.
 */
export async function rotate(rotation: Rotation): Promise<Rotated | null> {
  const { file, from, to, now, patienceMs } = rotation;
  const sqlite = openAlone(file, patienceMs);
  try {
    const db = drizzle(sqlite, { casing: "snake_case" });
    if (recordedKey(sqlite) === keyId(to)) return null;
    refuseOther(db, from);
    bringUpToDate(db);
    recordKey(db, from, now());
    const factors = await encryptedAnew(db, from, to);
    // What was sealed with the former key is overwritten, not only given up.
    sqlite.pragma("secure_delete = ON");
    return sqlite.transaction(() => {
      const values = sealAnew(db, from, to);
      for (const { id, ...factor } of factors) {
        db.update(twoFactors).set(factor).where(eq(twoFactors.id, id)).run();
      }
      const ended = db.delete(sessions).run().changes;
      db.delete(verifications).run();
      // Of an owner that is gone.
      db.delete(lease).run();
      setKey(db, to, now());
      tellOf(db, rotation);
      return { values, secondFactors: factors.length, sessions: ended };
    })();
  } finally {
    sqlite.close();
  }
}

/** Seals from then on are signed with another key: the first of them comes with the row that tells of it. */
function tellOf(db: Db, { actor = { kind: "engine" }, from, to, now }: Rotation): void {
  const audit = createAudit(db, {
    key: to,
    now,
    seals: true,
    note: async (work) => work(),
    along: (work) => work(),
    settle: () => {},
  });
  const why = `from key ${keyId(from)} to key ${keyId(to)}`;
  audit.record({ actor, action: "rotate-key", result: "ok", why });
  audit.seal();
}

/** Fails while anybody else has it open, and keeps them out until it is closed. */
function openAlone(file: string, patienceMs = 2_000): Database.Database {
  const sqlite = new Database(file, { timeout: patienceMs, fileMustExist: true });
  try {
    sqlite.pragma("locking_mode = EXCLUSIVE");
    // Given to those alone who have it to themselves; nothing of it stays in a log beside.
    sqlite.pragma("journal_mode = DELETE");
    sqlite.pragma("synchronous = EXTRA");
    sqlite.exec("BEGIN EXCLUSIVE; COMMIT");
    return sqlite;
  } catch (error) {
    sqlite.close();
    const isBusy = error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
    throw isBusy ? new StateInUse("another program has the state open") : error;
  }
}

function sealAnew(db: Db, from: Uint8Array, to: Uint8Array): number {
  const values = sealedColumns.flatMap((column) => column.values(db));
  for (const { sealed, context, replace } of values) {
    const text = unseal(from, sealed, context);
    if (text === null) throw new Unopened(`"${context}" does not open with key ${keyId(from)}`);
    replace(seal(to, text, context));
  }
  return values.length;
}

/** What better-auth encrypted with a secret of the key. */
async function encryptedAnew(db: Db, from: Uint8Array, to: Uint8Array) {
  const secretOf = (key: Uint8Array) => deriveSecret(key, signInPurpose);
  async function anew(data: string, user: string): Promise<string> {
    const text = await symmetricDecrypt({ key: secretOf(from), data }).catch((cause: unknown) => {
      const message = `the second factor of user ${user} does not open with key ${keyId(from)}`;
      throw new Unopened(message, { cause });
    });
    return symmetricEncrypt({ key: secretOf(to), data: text });
  }
  const rows = db.select().from(twoFactors).all();
  return Promise.all(
    rows.map(async ({ id, secret, backupCodes, userId }) => ({
      id,
      secret: await anew(secret, userId),
      backupCodes: await anew(backupCodes, userId),
    })),
  );
}
