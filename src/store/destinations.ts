import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import {
  conflicts,
  decisions,
  destinations,
  dirty,
  holds,
  intents,
  links,
  uploads,
} from "./schema.ts";

export type DestinationRow = typeof destinations.$inferSelect;

export interface Destinations {
  /** The row of one destination of a rule; made when it is new, begun anew when its accounts are others. */
  ensure(
    key: Pick<DestinationRow, "rule" | "location" | "fromAccount" | "toAccount">,
  ): DestinationRow;
  get(id: number): DestinationRow;
  ofRule(rule: string): DestinationRow[];
  /**
   * All in the rule's scope was looked at, or is marked to be; no run was completed since. What a person
   * was asked, or has said, of the rule as it was before is void.
   */
  setSeeded(id: number, fingerprint: string, fromRoot: ItemId): void;
  /** A run was completed; the first one since `setSeeded` counts. */
  setRan(id: number): void;
  /** The folder that the location names; null while it does not exist. */
  setToRoot(id: number, toRoot: ItemId | null): void;
  /** Ends all that names ids of an account, and has its rules look at everything again. */
  forget(account: number): void;
}

const unseeded = { fingerprint: null, fromRoot: null, toRoot: null, ranAt: null };

const reviewTables = [conflicts, decisions, holds];
/** All of these name ids of the accounts that a destination has. */
const tablesOfRule = [links, dirty, intents, uploads, ...reviewTables];

export function createDestinations(db: Db, now: () => number): Destinations {
  const statements = prepare(db);

  function empty(id: number, tables = tablesOfRule): void {
    for (const table of tables) db.delete(table).where(eq(table.destination, id)).run();
  }

  return {
    ensure(key) {
      const known = statements.byLocation.get({ rule: key.rule, location: key.location });
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
      const row = statements.byId.get({ id });
      if (!row) throw new Error(`destination ${id} is not in the state`);
      return row;
    },
    ofRule: (rule) => statements.ofRule.all({ rule }),
    setToRoot: (id, toRoot) => void statements.setToRoot.run({ id, toRoot }),
    setSeeded(id, fingerprint, fromRoot) {
      empty(id, reviewTables);
      db.update(destinations)
        .set({ fingerprint, fromRoot, ranAt: null })
        .where(eq(destinations.id, id))
        .run();
    },
    setRan: (id) => void statements.setRan.run({ id, ranAt: now() }),
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

/** Those that every run asks for. */
function prepare(db: Db) {
  const byId = eq(destinations.id, sql.placeholder("id"));
  const ofRule = eq(destinations.rule, sql.placeholder("rule"));
  const atLocation = eq(destinations.location, sql.placeholder("location"));
  return prepared({
    byId: () => db.select().from(destinations).where(byId).prepare(),
    byLocation: () => db.select().from(destinations).where(and(ofRule, atLocation)).prepare(),
    ofRule: () => db.select().from(destinations).where(ofRule).prepare(),
    setToRoot: () =>
      db
        .update(destinations)
        .set({ toRoot: raw("toRoot") })
        .where(byId)
        .prepare(),
    setRan: () =>
      db
        .update(destinations)
        .set({ ranAt: raw("ranAt") })
        .where(and(byId, isNull(destinations.ranAt)))
        .prepare(),
  });
}
