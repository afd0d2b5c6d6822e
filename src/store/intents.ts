import { eq, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { intents } from "./schema.ts";

export interface IntentRow {
  readonly id: string;
  readonly destination: number;
  readonly item: ItemId;
  /** As `open` was given it; plain data. */
  readonly body: unknown;
}

/** Steps that were begun: written before the request, closed in the transaction that records its result. */
export interface Intents {
  open(intent: IntentRow): void;
  close(id: string): void;
  ofDestination(destination: number): IntentRow[];
}

export function createIntents(db: Db, now: () => number): Intents {
  const statements = prepare(db);
  return {
    open: ({ body, ...intent }) =>
      void statements.open.run({ ...intent, body: JSON.stringify(body), createdAt: now() }),
    close: (id) => void statements.close.run({ id }),
    ofDestination: (destination) => statements.ofDestination.all({ destination }),
  };
}

function prepare(db: Db) {
  return prepared({
    open: () =>
      db
        .insert(intents)
        .values({
          id: raw("id"),
          destination: raw("destination"),
          item: raw("item"),
          body: raw("body"),
          createdAt: raw("createdAt"),
        })
        .onConflictDoUpdate({ target: intents.id, set: { body: sql`excluded.body` } })
        .prepare(),
    close: () =>
      db
        .delete(intents)
        .where(eq(intents.id, sql.placeholder("id")))
        .prepare(),
    ofDestination: () =>
      db
        .select()
        .from(intents)
        .where(eq(intents.destination, sql.placeholder("destination")))
        .prepare(),
  });
}
