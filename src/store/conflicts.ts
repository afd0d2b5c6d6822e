import { and, asc, count, eq, sql } from "drizzle-orm";
import type { ItemId, Revision } from "../core/entry.ts";
import type { ItemRef, Side } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { prepared } from "./prepared.ts";
import { conflicts } from "./schema.ts";

/** A unit that both sides changed: its two versions, and why a person is asked. */
export interface Conflict {
  readonly unit: ItemRef;
  readonly fromId: ItemId;
  readonly toId: ItemId;
  readonly fromRevision: Revision | null;
  readonly toRevision: Revision | null;
  readonly path: string;
  readonly why: string;
}

export interface ConflictRow extends Conflict {
  /** Short, for people to type (`c12`); stays while the conflict does, and is never given again. */
  readonly id: string;
  readonly destination: number;
  /** When it was first seen. */
  readonly at: Date;
}

/** The review queue: what waits for a person to say which version stands. */
export interface Conflicts {
  /** One unit has one entry: what is known of it is replaced, its id and `at` stay. */
  record(destination: number, conflict: Conflict): ConflictRow;
  /** In the order in which they were first seen. */
  open(destination: number): ConflictRow[];
  byId(id: string): ConflictRow | null;
  /** The conflict of which an item is one version. */
  ofItem(destination: number, side: Side, id: ItemId): ConflictRow | null;
  /** What was there; null when nothing was. */
  remove(destination: number, unit: ItemRef): ConflictRow | null;
  count(destination: number): number;
}

export function createConflicts(db: Db, now: () => number): Conflicts {
  const ofDestination = (destination: number) => eq(conflicts.destination, destination);
  const statements = prepare(db);
  return {
    record(destination, { unit, ...facts }) {
      const row = db
        .insert(conflicts)
        .values({ destination, ...unit, ...facts, at: new Date(now()) })
        .onConflictDoUpdate({
          target: [conflicts.destination, conflicts.side, conflicts.item],
          set: facts,
        })
        .returning()
        .get();
      return decode(row);
    },
    open: (destination) => statements.open.all({ destination }).map(decode),
    byId(id) {
      const number = numberOf(id);
      if (number === null) return null;
      const row = db.select().from(conflicts).where(eq(conflicts.number, number)).get();
      return row ? decode(row) : null;
    },
    ofItem(destination, side, id) {
      const end = side === "from" ? conflicts.fromId : conflicts.toId;
      const row = db
        .select()
        .from(conflicts)
        .where(and(ofDestination(destination), eq(end, id)))
        .get();
      return row ? decode(row) : null;
    },
    remove(destination, { side, item }) {
      const row = statements.remove.get({ destination, side, item });
      return row ? decode(row) : null;
    },
    count: (destination) => statements.count.get({ destination })?.n ?? 0,
  };
}

/** Those that every run asks for, or every unit that is done. */
function prepare(db: Db) {
  const ofDestination = eq(conflicts.destination, sql.placeholder("destination"));
  const ofUnit = and(
    ofDestination,
    eq(conflicts.side, sql.placeholder("side")),
    eq(conflicts.item, sql.placeholder("item")),
  );
  return prepared({
    open: () =>
      db.select().from(conflicts).where(ofDestination).orderBy(asc(conflicts.number)).prepare(),
    count: () => db.select({ n: count() }).from(conflicts).where(ofDestination).prepare(),
    remove: () => db.delete(conflicts).where(ofUnit).returning().prepare(),
  });
}

const idPattern = /^c([1-9][0-9]{0,14})$/;

function numberOf(id: string): number | null {
  const digits = idPattern.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}

function decode(row: typeof conflicts.$inferSelect): ConflictRow {
  const { number, side, item, ...rest } = row;
  return { ...rest, id: `c${number}`, unit: { side, item } };
}
