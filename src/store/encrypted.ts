import { eq, sql } from "drizzle-orm";
import type { Hashes } from "../core/entry.ts";
import { packHashes } from "./hashes.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { encrypted } from "./schema.ts";

/** What was encrypted, by what is stored of it. */
export interface Encrypted {
  get(stored: string): EncryptedContent | null;
  put(stored: string, content: EncryptedContent): void;
}

export interface EncryptedContent {
  readonly storedBytes: number;
  /** Of the content, as its hashes are. */
  readonly sizeBytes: number;
  readonly hashes: Hashes;
}

export function createEncrypted(db: Db): Encrypted {
  const statements = prepared({
    get: () =>
      db
        .select()
        .from(encrypted)
        .where(eq(encrypted.stored, sql.placeholder("stored")))
        .prepare(),
    put: () =>
      db
        .insert(encrypted)
        .values({
          stored: raw("stored"),
          storedBytes: raw("storedBytes"),
          sizeBytes: raw("sizeBytes"),
          hashes: raw("hashes"),
        })
        .onConflictDoNothing()
        .prepare(),
  });
  return {
    get: (stored) => statements.get.get({ stored }) ?? null,
    put(stored, { hashes, ...content }) {
      statements.put.run({ stored, ...content, hashes: packHashes(hashes) });
    },
  };
}
