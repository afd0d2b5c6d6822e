import { eq, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Db } from "./open.ts";
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
  const raw = (name: string) => sql`${sql.placeholder(name)}`;
  const opening = db
    .insert(intents)
    .values({
      id: raw("id"),
      destination: raw("destination"),
      item: raw("item"),
      body: raw("body"),
      createdAt: raw("createdAt"),
    })
    .onConflictDoUpdate({ target: intents.id, set: { body: sql`excluded.body` } })
    .prepare();
  const closing = db
    .delete(intents)
    .where(eq(intents.id, sql.placeholder("id")))
    .prepare();
  return {
    open: ({ body, ...intent }) =>
      void opening.run({ ...intent, body: JSON.stringify(body), createdAt: now() }),
    close: (id) => void closing.run({ id }),
    ofDestination: (destination) =>
      db.select().from(intents).where(eq(intents.destination, destination)).all(),
  };
}
