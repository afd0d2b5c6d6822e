import { randomUUID } from "node:crypto";
import { desc } from "drizzle-orm";
import { copyState, placeForCopy } from "./backup.ts";
import type { Db } from "./open.ts";
import { backups } from "./schema.ts";

export interface BackupRow {
  readonly at: Date;
  readonly bytes: number;
}

/** Backups of this state, and when the last was made. */
export interface Backups {
  last(): BackupRow | null;
  record(bytes: number): void;
  /** A copy in a file of its own, for whoever removes it after; see `copyState`. */
  make(): Promise<{ readonly file: string; readonly bytes: number }>;
}

export function createBackups(db: Db, now: () => number): Backups {
  return {
    last: () =>
      db
        .select({ at: backups.at, bytes: backups.bytes })
        .from(backups)
        .orderBy(desc(backups.id))
        .limit(1)
        .get() ?? null,
    record: (bytes) =>
      void db
        .insert(backups)
        .values({ at: new Date(now()), bytes })
        .run(),
    async make() {
      const file = placeForCopy(db.$client, randomUUID());
      return { file, bytes: await copyState(db.$client, file) };
    },
  };
}
