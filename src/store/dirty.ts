import { and, asc, count, eq, gt, isNotNull, isNull, lte, min, or, sql } from "drizzle-orm";
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
  /** Marks an item as due now, also where it was deferred; a row that is there keeps its position. */
  mark(destination: number, item: DirtyItem): void;
  /**
   * Marks an item for every destination that reads its account, on each side on which it does. One that
   * was not seeded yet will look at all it has anyway.
   */
  markForReaders(account: number, item: ItemId): void;
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
  /** In the order in which they were marked. */
  failed(destination: number): Failed[];
  counts(destination: number): { readonly waiting: number; readonly failed: number };
}

export function createDirty(db: Db): Dirty {
  const statements = prepare(db);
  const isDue = (destination: number, nowMs: number) =>
    and(
      eq(dirty.destination, destination),
      or(isNull(dirty.dueAt), lte(dirty.dueAt, new Date(nowMs))),
    );

  return {
    mark: (destination, { side, item }) => void statements.mark.run({ destination, side, item }),
    markForReaders: (account, item) => void statements.markForReaders.run({ account, item }),
    markTree: (destination, account, folder) =>
      void statements.markTree.run({ destination, account, folder }),
    markChildren: (destination, account, folder) =>
      void statements.markChildren.run({ destination, account, folder }),
    clear: (destination, { side, item }) => void statements.clear.run({ destination, side, item }),
    defer: (destination, { side, item }, dueAtMs) =>
      void statements.defer.run({ destination, side, item, dueAt: dueAtMs }),
    fail: (destination, item, error, retryable) =>
      void statements.fail.run({ destination, item, error, retryable: Number(retryable) }),
    due: (destination, nowMs, after, limit) =>
      statements.due.all({ destination, now: nowMs, after, limit }),
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
      const row = db
        .select({ waiting: count(), failed: count(dirty.error) })
        .from(dirty)
        .where(eq(dirty.destination, destination))
        .get();
      return { waiting: row?.waiting ?? 0, failed: row?.failed ?? 0 };
    },
  };
}

/** Those that run once or more for every item; prepared once, because preparing costs more than running. */
function prepare(db: Db) {
  const placeholder = (name: string) => sql`${sql.placeholder(name)}`;
  const ofDestination = eq(dirty.destination, sql.placeholder("destination"));
  const ofItem = and(
    ofDestination,
    eq(dirty.side, sql.placeholder("side")),
    eq(dirty.item, sql.placeholder("item")),
  );
  const target = [dirty.destination, dirty.side, dirty.item];
  return {
    ...prepareMarks(db),
    clear: db.delete(dirty).where(ofItem).prepare(),
    defer: db
      .update(dirty)
      .set({ dueAt: placeholder("dueAt") })
      .where(ofItem)
      .prepare(),
    fail: db
      .insert(dirty)
      .values({
        destination: placeholder("destination"),
        side: "from",
        item: placeholder("item"),
        error: placeholder("error"),
        retryable: placeholder("retryable"),
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
    due: db
      .select({ side: dirty.side, item: dirty.item, position: dirty.position })
      .from(dirty)
      .where(
        and(
          ofDestination,
          gt(dirty.position, sql.placeholder("after")),
          or(isNull(dirty.dueAt), lte(dirty.dueAt, placeholder("now"))),
        ),
      )
      .orderBy(asc(dirty.position))
      .limit(sql.placeholder("limit"))
      .prepare(),
  };
}

function prepareMarks({ $client }: Db) {
  const marking = (select: string) =>
    $client.prepare(
      `insert into dirty (destination, side, item) ${select}
       on conflict (destination, side, item) do update set due_at = null`,
    );
  return {
    mark: marking("values (:destination, :side, :item)"),
    markForReaders: marking(
      `select id, 'from', :item from destinations
       where from_account = :account and fingerprint is not null
       union all
       select id, 'to', :item from destinations
       where to_account = :account and fingerprint is not null`,
    ),
    // A cross join keeps its order: each folder found asks for its children by their place.
    markTree: marking(
      `select :destination, 'from', id from (
         with recursive below (id) as (
           select :folder
           union
           select items.id from below cross join items
           where items.account = :account and items.parent = below.id
         ) select id from below
       ) where true`,
    ),
    markChildren: marking(
      `select :destination, 'from', id from items where account = :account and parent = :folder`,
    ),
  };
}
