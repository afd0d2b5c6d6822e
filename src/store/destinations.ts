import { and, eq, or } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Db } from "./open.ts";
import { destinations, dirty, links } from "./schema.ts";

export type DestinationRow = typeof destinations.$inferSelect;

export interface Destinations {
  /** The row of one destination of a rule; made when it is new. */
  ensure(
    key: Pick<DestinationRow, "rule" | "location" | "fromAccount" | "toAccount">,
  ): DestinationRow;
  get(id: number): DestinationRow;
  ofRule(rule: string): DestinationRow[];
  /** Those that look at an account, with the side it is for them. */
  reading(account: number): { readonly row: DestinationRow; readonly side: "from" | "to" }[];
  /** All in the rule's scope was looked at, or is marked to be. */
  setSeeded(id: number, fingerprint: string, fromRoot: ItemId): void;
  /** Ends the links that name ids of an account, and has its rules look at everything again. */
  forget(account: number): void;
}

export function createDestinations(db: Db): Destinations {
  // Asked for with every item that a feed brings; emptied with every write.
  const readers = new Map<number, ReturnType<Destinations["reading"]>>();

  const touching = (account: number) =>
    db
      .select()
      .from(destinations)
      .where(or(eq(destinations.fromAccount, account), eq(destinations.toAccount, account)))
      .all();

  return {
    ensure(key) {
      readers.clear();
      const where = and(eq(destinations.rule, key.rule), eq(destinations.location, key.location));
      const known = db.select().from(destinations).where(where).get();
      if (!known) return db.insert(destinations).values(key).returning().get();
      if (known.fromAccount === key.fromAccount && known.toAccount === key.toAccount) return known;
      return db
        .update(destinations)
        .set({ ...key, fingerprint: null })
        .where(eq(destinations.id, known.id))
        .returning()
        .get();
    },
    get(id) {
      const row = db.select().from(destinations).where(eq(destinations.id, id)).get();
      if (!row) throw new Error(`destination ${id} is not in the state`);
      return row;
    },
    ofRule: (rule) => db.select().from(destinations).where(eq(destinations.rule, rule)).all(),
    reading(account) {
      const known = readers.get(account);
      if (known) return known;
      const found = touching(account).flatMap((row) => [
        ...(row.fromAccount === account ? [{ row, side: "from" as const }] : []),
        ...(row.toAccount === account ? [{ row, side: "to" as const }] : []),
      ]);
      readers.set(account, found);
      return found;
    },
    setSeeded(id, fingerprint, fromRoot) {
      readers.clear();
      db.update(destinations).set({ fingerprint, fromRoot }).where(eq(destinations.id, id)).run();
    },
    forget(account) {
      readers.clear();
      for (const { id } of touching(account)) {
        db.delete(links).where(eq(links.destination, id)).run();
        db.delete(dirty).where(eq(dirty.destination, id)).run();
        db.update(destinations)
          .set({ fingerprint: null, fromRoot: null, toRoot: null })
          .where(eq(destinations.id, id))
          .run();
      }
    },
  };
}
