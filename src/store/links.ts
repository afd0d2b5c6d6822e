import { and, count, eq, gt, ne, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Link } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { links } from "./schema.ts";

export interface LinkRow extends Link {
  readonly id: number;
  readonly linkedAt: Date;
}

export interface Links {
  byFrom(destination: number, id: ItemId): LinkRow | null;
  byTo(destination: number, id: ItemId): LinkRow | null;
  /** Records what both sides agree on now. One item has one link: older links of either side end. */
  put(destination: number, link: Link): void;
  count(destination: number): number;
  /** All links of a destination, by pages of `limit`, in a stable order; `after`: the last row's id. */
  page(destination: number, after: number, limit: number): LinkRow[];
}

export function createLinks(db: Db, now: () => number): Links {
  const byFrom = db
    .select()
    .from(links)
    .where(
      and(
        eq(links.destination, sql.placeholder("destination")),
        eq(links.fromId, sql.placeholder("id")),
      ),
    )
    .prepare();
  const byTo = db
    .select()
    .from(links)
    .where(
      and(
        eq(links.destination, sql.placeholder("destination")),
        eq(links.toId, sql.placeholder("id")),
      ),
    )
    .prepare();

  return {
    byFrom: (destination, id) => byFrom.get({ destination, id }) ?? null,
    byTo: (destination, id) => byTo.get({ destination, id }) ?? null,
    put(destination, link) {
      const values = {
        kind: link.kind,
        fromParent: link.fromParent,
        fromName: link.fromName,
        fromRevision: link.fromRevision,
        toId: link.toId,
        toParent: link.toParent,
        toName: link.toName,
        toRevision: link.toRevision,
        sizeBytes: link.sizeBytes,
        hashes: link.hashes,
        linkedAt: new Date(now()),
      };
      db.delete(links)
        .where(
          and(
            eq(links.destination, destination),
            eq(links.toId, link.toId),
            ne(links.fromId, link.fromId),
          ),
        )
        .run();
      db.insert(links)
        .values({ ...values, destination, fromId: link.fromId })
        .onConflictDoUpdate({ target: [links.destination, links.fromId], set: values })
        .run();
    },
    count: (destination) =>
      db.select({ n: count() }).from(links).where(eq(links.destination, destination)).get()?.n ?? 0,
    page: (destination, after, limit) =>
      db
        .select()
        .from(links)
        .where(and(eq(links.destination, destination), gt(links.id, after)))
        .orderBy(links.id)
        .limit(limit)
        .all(),
  };
}
