import { and, eq, or, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Db } from "./open.ts";
import { destinations, dirty, intents, links } from "./schema.ts";

export type DestinationRow = typeof destinations.$inferSelect;

export interface Destinations {
  /** The row of one destination of a rule; made when it is new, begun anew when its accounts are others. */
  ensure(
    key: Pick<DestinationRow, "rule" | "location" | "fromAccount" | "toAccount">,
  ): DestinationRow;
  get(id: number): DestinationRow;
  ofRule(rule: string): DestinationRow[];
  /** All in the rule's scope was looked at, or is marked to be. */
  setSeeded(id: number, fingerprint: string, fromRoot: ItemId): void;
  /** The folder that the location names; null while it does not exist. */
  setToRoot(id: number, toRoot: ItemId | null): void;
  /** Ends all that names ids of an account, and has its rules look at everything again. */
  forget(account: number): void;
}

const unseeded = { fingerprint: null, fromRoot: null, toRoot: null };

export function createDestinations(db: Db): Destinations {
  const byId = db
    .select()
    .from(destinations)
    .where(eq(destinations.id, sql.placeholder("id")))
    .prepare();

  /** Links, marks and open steps name ids of the accounts that the destination had. */
  function empty(id: number): void {
    db.delete(links).where(eq(links.destination, id)).run();
    db.delete(dirty).where(eq(dirty.destination, id)).run();
    db.delete(intents).where(eq(intents.destination, id)).run();
  }

  return {
    ensure(key) {
      const where = and(eq(destinations.rule, key.rule), eq(destinations.location, key.location));
      const known = db.select().from(destinations).where(where).get();
      if (!known) return db.insert(destinations).values(key).returning().get();
      if (known.fromAccount === key.fromAccount && known.toAccount === key.toAccount) return known;
      return db.transaction((tx) => {
        empty(known.id);
        return tx
          .update(destinations)
          .set({ ...key, ...unseeded })
          .where(eq(destinations.id, known.id))
          .returning()
          .get();
      });
    },
    get(id) {
      const row = byId.get({ id });
      if (!row) throw new Error(`destination ${id} is not in the state`);
      return row;
    },
    ofRule: (rule) => db.select().from(destinations).where(eq(destinations.rule, rule)).all(),
    setToRoot(id, toRoot) {
      db.update(destinations).set({ toRoot }).where(eq(destinations.id, id)).run();
    },
    setSeeded(id, fingerprint, fromRoot) {
      db.update(destinations).set({ fingerprint, fromRoot }).where(eq(destinations.id, id)).run();
    },
    forget(account) {
      const touched = or(
        eq(destinations.fromAccount, account),
        eq(destinations.toAccount, account),
      );
      for (const { id } of db.select().from(destinations).where(touched).all()) {
        empty(id);
        db.update(destinations).set(unseeded).where(eq(destinations.id, id)).run();
      }
    },
  };
}
