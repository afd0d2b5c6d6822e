import { and, eq, sql } from "drizzle-orm";
import type { ItemId, Revision } from "../core/entry.ts";
import type { Decision, ItemRef } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
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
  const statements = prepare(db);
  return {
    put: (destination, { unit, ...facts }) =>
      void statements.put.run({ destination, ...unit, ...facts, at: now() }),
    of(destination, unit) {
      const row = statements.of.get({ destination, side: unit.side, item: unit.item });
      if (!row) return null;
      const { side, item, destination: _, ...rest } = row;
      return { ...rest, unit: { side, item } };
    },
    any: (destination) => statements.any.get({ destination }) !== undefined,
    remove: (destination, { side, item }) =>
      void statements.remove.run({ destination, side, item }),
  };
}

/** Those that are asked for every unit that is planned, and for every one that is done. */
function prepare(db: Db) {
  const ofDestination = eq(decisions.destination, sql.placeholder("destination"));
  const ofUnit = and(
    ofDestination,
    eq(decisions.side, sql.placeholder("side")),
    eq(decisions.item, sql.placeholder("item")),
  );
  return prepared({
    of: () => db.select().from(decisions).where(ofUnit).prepare(),
    any: () =>
      db.select({ item: decisions.item }).from(decisions).where(ofDestination).limit(1).prepare(),
    remove: () => db.delete(decisions).where(ofUnit).prepare(),
    put: () => preparePut(db),
  });
}

/** One rejection decides about as many files as a guard holds. */
function preparePut(db: Db) {
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
