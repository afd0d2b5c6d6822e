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
  /** Forgets what an item of the destination is the counterpart of. */
  end(destination: number, toId: ItemId): void;
  /** Ends all links of a destination. */
  forget(destination: number): void;
  count(destination: number): number;
  /** All links of a destination, by pages of `limit`, in a stable order; `after`: the last row's id. */
  page(destination: number, after: number, limit: number): LinkRow[];
}

export function createLinks(db: Db, now: () => number): Links {
  const statements = prepare(db);
  return {
    byFrom: (destination, id) => statements.byFrom.get({ destination, id }) ?? null,
    byTo: (destination, id) => statements.byTo.get({ destination, id }) ?? null,
    put(destination, link) {
      statements.endOther.run({ destination, fromId: link.fromId, toId: link.toId });
      statements.put.run({
        destination,
        kind: link.kind,
        fromId: link.fromId,
        fromParent: link.fromParent,
        fromName: link.fromName,
        fromRevision: link.fromRevision,
        toId: link.toId,
        toParent: link.toParent,
        toName: link.toName,
        toRevision: link.toRevision,
        sizeBytes: link.sizeBytes,
        hashes: JSON.stringify(link.hashes),
        linkedAt: now(),
      });
    },
    end(destination, toId) {
      db.delete(links)
        .where(and(eq(links.destination, destination), eq(links.toId, toId)))
        .run();
    },
    forget: (destination) => void db.delete(links).where(eq(links.destination, destination)).run(),
    count: (destination) =>
      db.select({ n: count() }).from(links).where(eq(links.destination, destination)).get()?.n ?? 0,
    page: (destination, after, limit) =>
      db
        .select()
        .from(links)
        // The plus keeps the table's own order: every index of a destination would sort all its links first.
        .where(and(sql`+${links.destination} = ${destination}`, gt(links.id, after)))
        .orderBy(links.id)
        .limit(limit)
        .all(),
  };
}

/** Prepared with raw values: drizzle's encoders of placeholders do not know null. */
function prepare(db: Db) {
  const raw = (name: string) => sql`${sql.placeholder(name)}`;
  const ofDestination = eq(links.destination, sql.placeholder("destination"));
  const ofFrom = eq(links.fromId, sql.placeholder("id"));
  const ofTo = eq(links.toId, sql.placeholder("id"));
  const content = {
    fromParent: raw("fromParent"),
    fromName: raw("fromName"),
    fromRevision: raw("fromRevision"),
    toId: raw("toId"),
    toParent: raw("toParent"),
    toName: raw("toName"),
    toRevision: raw("toRevision"),
    kind: raw("kind"),
    sizeBytes: raw("sizeBytes"),
    hashes: raw("hashes"),
    linkedAt: raw("linkedAt"),
  };
  return {
    byFrom: db.select().from(links).where(and(ofDestination, ofFrom)).prepare(),
    byTo: db.select().from(links).where(and(ofDestination, ofTo)).prepare(),
    endOther: db
      .delete(links)
      .where(
        and(
          ofDestination,
          eq(links.toId, sql.placeholder("toId")),
          ne(links.fromId, sql.placeholder("fromId")),
        ),
      )
      .prepare(),
    put: db
      .insert(links)
      .values({ destination: raw("destination"), fromId: raw("fromId"), ...content })
      .onConflictDoUpdate({ target: [links.destination, links.fromId], set: content })
      .prepare(),
  };
}
