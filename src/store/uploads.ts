import { and, eq, sql } from "drizzle-orm";
import type { ItemId, Revision } from "../core/entry.ts";
import type { Side } from "../core/plan.ts";
import type { Target } from "../core/provider.ts";
import type { Db } from "./open.ts";
import { prepared } from "./prepared.ts";
import { uploads } from "./schema.ts";
import type { Sealer } from "./seal.ts";
import { contexts } from "./sealed.ts";

/** What names an upload: of one source to one side of a destination there is one. */
export interface UploadKey {
  readonly destination: number;
  readonly side: Side;
  readonly source: ItemId;
}

/** An upload that a later attempt can go on with, as long as all of this holds. */
export interface KeptUpload extends UploadKey {
  /** Of the source. */
  readonly revision: Revision | null;
  readonly target: Target;
  readonly operation: string;
  /** As it was given; kept sealed. */
  readonly state: string;
}

export interface Uploads {
  /** Null as well where it can't be unsealed. */
  of(key: UploadKey): KeptUpload | null;
  ofDestination(destination: number): KeptUpload[];
  /** Keeps where it is now. */
  put(upload: KeptUpload): void;
  remove(key: UploadKey): void;
}

export function createUploads(db: Db, sealer: Sealer, now: () => number): Uploads {
  const statements = prepare(db);
  const whereOf = ({ destination, side, source }: UploadKey) =>
    and(eq(uploads.destination, destination), eq(uploads.side, side), eq(uploads.source, source));

  function opened({ savedAt, state, ...row }: typeof uploads.$inferSelect): KeptUpload[] {
    const text = sealer.unseal(state, contexts.upload(row));
    return text === null ? [] : [{ ...row, state: text }];
  }

  return {
    of: (upload) =>
      db.select().from(uploads).where(whereOf(upload)).all().flatMap(opened)[0] ?? null,
    ofDestination: (destination) =>
      db.select().from(uploads).where(eq(uploads.destination, destination)).all().flatMap(opened),
    put(upload) {
      const state = sealer.seal(upload.state, contexts.upload(upload));
      const values = { ...upload, state, savedAt: new Date(now()) };
      const target = [uploads.destination, uploads.side, uploads.source];
      db.insert(uploads).values(values).onConflictDoUpdate({ target, set: values }).run();
    },
    remove: ({ destination, side, source }) =>
      void statements.remove.run({ destination, side, source }),
  };
}

/** Every file that was brought asks for this. */
function prepare(db: Db) {
  const where = and(
    eq(uploads.destination, sql.placeholder("destination")),
    eq(uploads.side, sql.placeholder("side")),
    eq(uploads.source, sql.placeholder("source")),
  );
  return prepared({ remove: () => db.delete(uploads).where(where).prepare() });
}
