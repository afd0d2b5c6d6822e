import { and, eq, sql } from "drizzle-orm";
import type { ChangePage, ItemId } from "../core/entry.ts";
import type { Db } from "./open.ts";
import { prepared } from "./prepared.ts";
import { unreadable } from "./schema.ts";

export type UnreadableRow = typeof unreadable.$inferSelect;

/** What accounts can't read, until they can. */
export interface Unreadables {
  of(account: number): UnreadableRow[];
  put(row: UnreadableRow): void;
  /** It can be read, or is gone. */
  clear(account: number, item: ItemId): void;
  /**
   * What a page names can be read, and so can the folder that it is in; but not what the page says of. In the
   * transaction that applies the page.
   */
  apply(account: number, page: Pick<ChangePage, "changes" | "unreadable">): void;
  /** A feed that tells of all of them in each reading has told of no others than `items`. */
  keep(account: number, items: ReadonlySet<ItemId>): void;
}

export function createUnreadables(db: Db): Unreadables {
  const statements = prepare(db);
  const of = (account: number) => statements.of.all({ account });

  function clear(account: number, item: ItemId): void {
    const isIt = and(eq(unreadable.account, account), eq(unreadable.item, item));
    db.delete(unreadable).where(isIt).run();
  }

  function put(row: UnreadableRow): void {
    const { reason, refused } = row;
    db.insert(unreadable)
      .values(row)
      .onConflictDoUpdate({
        target: [unreadable.account, unreadable.item],
        set: { reason, refused },
      })
      .run();
  }

  return {
    of,
    put,
    clear,
    apply(account, { changes, unreadable: told = [] }) {
      const known = of(account);
      if (known.length > 0) {
        const named = new Set<ItemId | null>(changes.flatMap(namedBy));
        for (const { item } of known) if (named.has(item)) clear(account, item);
      }
      for (const { id, reason } of told) put({ account, item: id, reason, refused: false });
    },
    keep(account, items) {
      for (const { item, refused } of of(account)) {
        if (!refused && !items.has(item)) clear(account, item);
      }
    },
  };
}

/** What every reading of a feed asks for. */
function prepare(db: Db) {
  const isOf = eq(unreadable.account, sql.placeholder("account"));
  return prepared({ of: () => db.select().from(unreadable).where(isOf).prepare() });
}

const namedBy = (change: ChangePage["changes"][number]): (ItemId | null)[] =>
  change.type === "gone" ? [change.id] : [change.entry.id, change.entry.parent];
