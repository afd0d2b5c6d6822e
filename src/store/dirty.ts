import { and, count, eq, gt, isNotNull, isNull, lte, min, or, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { DirtyItem } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { dirty } from "./schema.ts";

export interface DirtyRow extends DirtyItem {
  /** Grows with every row that is added: where to go on reading. */
  readonly position: number;
}

export interface Failed {
  readonly side: "from" | "to";
  readonly item: ItemId;
  readonly error: string;
  readonly retryable: boolean;
  readonly attempts: number;
}

/** What each destination has to look at; planning reads nothing else, so its cost follows the changes. */
export interface Dirty {
  mark(destination: number, item: DirtyItem): void;
  /** Marks all below a folder, parents first, and the folder itself. */
  markTree(destination: number, account: number, folder: ItemId): void;
  markChildren(destination: number, account: number, folder: ItemId): void;
  clear(destination: number, item: DirtyItem): void;
  defer(destination: number, item: DirtyItem, dueAtMs: number): void;
  fail(destination: number, item: ItemId, error: string, retryable: boolean): void;
  /** Items that are due, in the order in which they were marked. */
  due(destination: number, nowMs: number, after: number, limit: number): DirtyRow[];
  countDue(destination: number, nowMs: number): number;
  /** When the next deferred item is due; null when none is deferred. */
  nextDue(destination: number): Date | null;
  failed(destination: number): Failed[];
  counts(destination: number): { readonly waiting: number; readonly failed: number };
}

export function createDirty(db: Db): Dirty {
  const of = (destination: number, { side, item }: DirtyItem) =>
    and(eq(dirty.destination, destination), eq(dirty.side, side), eq(dirty.item, item));
  const isDue = (destination: number, nowMs: number) =>
    and(
      eq(dirty.destination, destination),
      or(isNull(dirty.dueAt), lte(dirty.dueAt, new Date(nowMs))),
    );

  const marking = db
    .insert(dirty)
    .values({
      destination: sql.placeholder("destination"),
      side: sql.placeholder("side"),
      item: sql.placeholder("item"),
    })
    .onConflictDoUpdate({
      target: [dirty.destination, dirty.side, dirty.item],
      set: { dueAt: null },
    })
    .prepare();
  const clearing = db
    .delete(dirty)
    .where(
      and(
        eq(dirty.destination, sql.placeholder("destination")),
        eq(dirty.side, sql.placeholder("side")),
        eq(dirty.item, sql.placeholder("item")),
      ),
    )
    .prepare();

  return {
    mark: (destination, { side, item }) => void marking.run({ destination, side, item }),
    markTree(destination, account, folder) {
      db.run(sql`
        insert or ignore into dirty (destination, side, item)
        with recursive below (id) as (
          select ${folder}
          union
          select items.id from items join below on items.parent = below.id
          where items.account = ${account}
        ) select ${destination}, 'from', id from below`);
    },
    markChildren(destination, account, folder) {
      db.run(sql`
        insert or ignore into dirty (destination, side, item)
        select ${destination}, 'from', id from items where account = ${account} and parent = ${folder}`);
    },
    clear: (destination, { side, item }) => void clearing.run({ destination, side, item }),
    defer(destination, item, dueAtMs) {
      db.update(dirty)
        .set({ dueAt: new Date(dueAtMs) })
        .where(of(destination, item))
        .run();
    },
    fail(destination, item, error, retryable) {
      db.insert(dirty)
        .values({ destination, side: "from", item, error, retryable, attempts: 1 })
        .onConflictDoUpdate({
          target: [dirty.destination, dirty.side, dirty.item],
          set: { error, retryable, attempts: sql`attempts + 1` },
        })
        .run();
    },
    due: (destination, nowMs, after, limit) =>
      db
        .select({ side: dirty.side, item: dirty.item, position: sql<number>`rowid` })
        .from(dirty)
        .where(and(isDue(destination, nowMs), gt(sql`rowid`, after)))
        .orderBy(sql`rowid`)
        .limit(limit)
        .all(),
    countDue: (destination, nowMs) =>
      db.select({ n: count() }).from(dirty).where(isDue(destination, nowMs)).get()?.n ?? 0,
    nextDue: (destination) =>
      db
        .select({ at: min(dirty.dueAt) })
        .from(dirty)
        .where(eq(dirty.destination, destination))
        .get()?.at ?? null,
    failed: (destination) =>
      db
        .select()
        .from(dirty)
        .where(and(eq(dirty.destination, destination), isNotNull(dirty.error)))
        .all()
        .map((row) => ({
          side: row.side,
          item: row.item,
          error: row.error ?? "",
          retryable: row.retryable ?? false,
          attempts: row.attempts,
        })),
    counts(destination) {
      const row = db
        .select({ waiting: count(), failed: count(dirty.error) })
        .from(dirty)
        .where(eq(dirty.destination, destination))
        .get();
      return { waiting: row?.waiting ?? 0, failed: row?.failed ?? 0 };
    },
  };
}
