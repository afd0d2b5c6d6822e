import { and, eq, sql } from "drizzle-orm";
import type { ItemId, Revision } from "../core/entry.ts";
import type { Decision, ItemRef } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { decisions } from "./schema.ts";

/** What a person has decided, and what they saw then; it says nothing of what came later. */
export interface Decided {
  readonly unit: ItemRef;
  readonly keep: Decision;
  /** Null where that side had no item. */
  readonly fromId: ItemId | null;
  readonly toId: ItemId | null;
  /** Null where that side had no item, or a folder. */
  readonly fromRevision: Revision | null;
  readonly toRevision: Revision | null;
}

export interface DecisionRow extends Decided {
  readonly at: Date;
}

export interface Decisions {
  /** The newest decision for a unit is the one that counts. */
  put(destination: number, decided: Decided): void;
  of(destination: number, unit: ItemRef): DecisionRow | null;
  /** Whether a run has any to carry out. */
  any(destination: number): boolean;
  remove(destination: number, unit: ItemRef): void;
}

export function createDecisions(db: Db, now: () => number): Decisions {
  // Asked for every unit that is planned, and for every one that is done.
  const ofUnit = and(
    eq(decisions.destination, sql.placeholder("destination")),
    eq(decisions.side, sql.placeholder("side")),
    eq(decisions.item, sql.placeholder("item")),
  );
  const selecting = db.select().from(decisions).where(ofUnit).prepare();
  const removing = db.delete(decisions).where(ofUnit).prepare();
  const putting = preparePut(db);
  return {
    put: (destination, { unit, ...facts }) =>
      void putting.run({ destination, ...unit, ...facts, at: now() }),
    of(destination, unit) {
      const row = selecting.get({ destination, side: unit.side, item: unit.item });
      if (!row) return null;
      const { side, item, destination: _, ...rest } = row;
      return { ...rest, unit: { side, item } };
    },
    any: (destination) =>
      db
        .select({ item: decisions.item })
        .from(decisions)
        .where(eq(decisions.destination, destination))
        .limit(1)
        .get() !== undefined,
    remove: (destination, { side, item }) => void removing.run({ destination, side, item }),
  };
}

/**
 * Prepared, since one rejection decides about as many files as a guard holds; with raw values, since
 * drizzle's encoders of placeholders do not know null.
 */
function preparePut(db: Db) {
  const raw = (name: string) => sql`${sql.placeholder(name)}`;
  const facts = {
    keep: raw("keep"),
    fromId: raw("fromId"),
    toId: raw("toId"),
    fromRevision: raw("fromRevision"),
    toRevision: raw("toRevision"),
    at: raw("at"),
  };
  return db
    .insert(decisions)
    .values({ destination: raw("destination"), side: raw("side"), item: raw("item"), ...facts })
    .onConflictDoUpdate({
      target: [decisions.destination, decisions.side, decisions.item],
      set: facts,
    })
    .prepare();
}
