import { and, asc, count, eq, gt, isNotNull, isNull, lte, min, or, sql, sum } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { ItemRef, Side } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { dirty } from "./schema.ts";

export interface DirtyRow extends ItemRef {
  /** Grows with every row that is added: where to go on reading. */
  readonly position: number;
}

export interface Failed extends ItemRef {
  readonly error: string;
  readonly retryable: boolean;
  readonly attempts: number;
}

/** What each destination has to look at; planning reads nothing else, so its cost follows the changes. */
export interface Dirty {
  /** Marks an item as due now, also where it was deferred; a row that is there keeps its position. */
  mark(destination: number, item: ItemRef): void;
  /**
   * Marks an item for every destination that reads its account, on each side on which it does. One that
   * was not seeded yet will look at all it has anyway.
   */
  markForReaders(account: number, item: ItemId): void;
  /** Marks all below a folder of `side`, which is in `account`; parents first, and the folder itself. */
  markTree(destination: number, side: Side, account: number, folder: ItemId): void;
  markChildren(destination: number, side: Side, account: number, folder: ItemId): void;
  /** Marks an item anew, behind all others: whoever reads on behind a position sees it again. */
  renew(destination: number, item: ItemRef): void;
  /** How often an item was marked since it was last cleared; 0: it is not marked. */
  marksOf(destination: number, item: ItemRef): number;
  /** How often anything that is marked now was marked: grows with every mark, whatever else becomes of it. */
  totalMarks(destination: number): number;
  clear(destination: number, item: ItemRef): void;
  defer(destination: number, item: ItemRef, dueAtMs: number): void;
  /** Has all that was deferred be due now. */
  undefer(destination: number): void;
  fail(destination: number, item: ItemRef, error: string, retryable: boolean): void;
  /** Forgets why an item failed: it is taken up again. */
  excuse(destination: number, item: ItemRef): void;
  /** Items that are due, in the order in which they were marked. */
  due(destination: number, nowMs: number, after: number, limit: number): DirtyRow[];
  countDue(destination: number, nowMs: number): number;
  /** When the next deferred item is due; null when none is deferred. */
  nextDue(destination: number): Date | null;
  /** In the order in which they were marked. */
  failed(destination: number): Failed[];
  counts(destination: number): { readonly waiting: number; readonly failed: number };
}

export function createDirty(db: Db): Dirty {
  const statements = prepare(db);
  return {
    mark: (destination, { side, item }) => void statements.mark.run({ destination, side, item }),
    markForReaders: (account, item) => void statements.markForReaders.run({ account, item }),
    markTree: (destination, side, account, folder) =>
      void statements.markTree.run({ destination, side, account, folder }),
    markChildren: (destination, side, account, folder) =>
      void statements.markChildren.run({ destination, side, account, folder }),
    renew: (destination, { side, item }) => void statements.renew.run({ destination, side, item }),
    marksOf: (destination, { side, item }) =>
      statements.marksOf.get({ destination, side, item })?.marks ?? 0,
    totalMarks: (destination) => Number(statements.totalMarks.get({ destination })?.n ?? 0),
    clear: (destination, { side, item }) => void statements.clear.run({ destination, side, item }),
    defer: (destination, { side, item }, dueAtMs) =>
      void statements.defer.run({ destination, side, item, dueAt: dueAtMs }),
    undefer: (destination) => void statements.undefer.run({ destination }),
    fail: (destination, { side, item }, error, retryable) =>
      void statements.fail.run({ destination, side, item, error, retryable: Number(retryable) }),
    excuse: (destination, { side, item }) =>
      void statements.excuse.run({ destination, side, item }),
    due: (destination, nowMs, after, limit) =>
      statements.due.all({ destination, now: nowMs, after, limit }),
    countDue: (destination, nowMs) => statements.countDue.get({ destination, now: nowMs })?.n ?? 0,
    nextDue: (destination) => statements.nextDue.get({ destination })?.at ?? null,
    failed: (destination) =>
      db
        .select()
        .from(dirty)
        .where(and(eq(dirty.destination, destination), isNotNull(dirty.error)))
        .orderBy(asc(dirty.position))
        .all()
        .map((row) => ({
          side: row.side,
          item: row.item,
          error: row.error ?? "",
          retryable: row.retryable ?? false,
          attempts: row.attempts,
        })),
    counts(destination) {
      const row = statements.counts.get({ destination });
      return { waiting: row?.waiting ?? 0, failed: row?.failed ?? 0 };
    },
  };
}

/** Those that every run asks for, once or for every item. */
function prepare(db: Db) {
  const ofDestination = eq(dirty.destination, sql.placeholder("destination"));
  const ofItem = and(
    ofDestination,
    eq(dirty.side, sql.placeholder("side")),
    eq(dirty.item, sql.placeholder("item")),
  );
  const isDue = or(isNull(dirty.dueAt), lte(dirty.dueAt, raw("now")));
  const target = [dirty.destination, dirty.side, dirty.item];
  return prepared({
    ...marksIn(db),
    totalMarks: () =>
      db
        .select({ n: sum(dirty.marks) })
        .from(dirty)
        .where(ofDestination)
        .prepare(),
    countDue: () =>
      db.select({ n: count() }).from(dirty).where(and(ofDestination, isDue)).prepare(),
    nextDue: () =>
      db
        .select({ at: min(dirty.dueAt) })
        .from(dirty)
        .where(ofDestination)
        .prepare(),
    counts: () =>
      db
        .select({ waiting: count(), failed: count(dirty.error) })
        .from(dirty)
        .where(ofDestination)
        .prepare(),
    marksOf: () => db.select({ marks: dirty.marks }).from(dirty).where(ofItem).prepare(),
    clear: () => db.delete(dirty).where(ofItem).prepare(),
    defer: () =>
      db
        .update(dirty)
        .set({ dueAt: raw("dueAt") })
        .where(ofItem)
        .prepare(),
    undefer: () => db.update(dirty).set({ dueAt: null }).where(ofDestination).prepare(),
    excuse: () =>
      db
        .update(dirty)
        .set({ error: null, retryable: null })
        .where(and(ofItem, isNotNull(dirty.error)))
        .prepare(),
    fail: () =>
      db
        .insert(dirty)
        .values({
          destination: raw("destination"),
          side: raw("side"),
          item: raw("item"),
          error: raw("error"),
          retryable: raw("retryable"),
          attempts: 1,
        })
        .onConflictDoUpdate({
          target,
          set: {
            error: sql`excluded.error`,
            retryable: sql`excluded.retryable`,
            attempts: sql`attempts + 1`,
          },
        })
        .prepare(),
    due: () =>
      db
        .select({ side: dirty.side, item: dirty.item, position: dirty.position })
        .from(dirty)
        .where(and(ofDestination, gt(dirty.position, sql.placeholder("after")), isDue))
        .orderBy(asc(dirty.position))
        .limit(sql.placeholder("limit"))
        .prepare(),
  });
}

function marksIn({ $client }: Db) {
  const marking = (select: string) => () =>
    $client.prepare(
      `insert into dirty (destination, side, item) ${select}
       on conflict (destination, side, item) do update set due_at = null, marks = marks + 1`,
    );
  return {
    mark: marking("values (:destination, :side, :item)"),
    // Replacing gives the row a new position, as an update would not.
    renew: () =>
      $client.prepare(
        `insert or replace into dirty (destination, side, item, error, retryable, attempts, marks)
       select :destination, :side, :item, error, retryable, coalesce(attempts, 0), coalesce(marks, 0) + 1
       from (select 1) left join dirty
         on destination = :destination and side = :side and item = :item`,
      ),
    markForReaders: marking(
      `select id, 'from', :item from destinations
       where from_account = :account and fingerprint is not null
       union all
       select id, 'to', :item from destinations
       where to_account = :account and fingerprint is not null`,
    ),
    // A cross join keeps its order: each folder found asks for its children by their place.
    markTree: marking(
      `select :destination, :side, id from (
         with recursive below (id) as (
           select :folder
           union
           select items.id from below cross join items
           where items.account = :account and items.parent = below.id
         ) select id from below
       ) where true`,
    ),
    markChildren: marking(
      `select :destination, :side, id from items where account = :account and parent = :folder`,
    ),
  };
}
