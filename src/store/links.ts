import { and, count, eq, gt, ne, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Link, Side } from "../core/plan.ts";
import type { Dirty } from "./dirty.ts";
import { packHashes } from "./hashes.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { links } from "./schema.ts";

export interface LinkRow extends Link {
  readonly id: number;
  readonly linkedAt: Date;
}

export interface Links {
  /** The link of an item of `side`. */
  of(destination: number, side: Side, id: ItemId): LinkRow | null;
  /**
   * Records what both sides agree on now. One item has one link: older links of either side end, and what
   * has lost its counterpart so is marked.
   */
  put(destination: number, link: Link): void;
  /** Forgets what an item of `side` is the counterpart of. */
  end(destination: number, side: Side, id: ItemId): void;
  /** Ends all links of a destination. */
  forget(destination: number): void;
  count(destination: number): number;
  /** All but those of folders. */
  countFiles(destination: number): number;
  /** All links of a destination, by pages of `limit`, in a stable order; `after`: the last row's id. */
  page(destination: number, after: number, limit: number): LinkRow[];
}

export function createLinks(db: Db, now: () => number, dirty: Pick<Dirty, "renew">): Links {
  const statements = prepare(db);
  return {
    of(destination, side, id) {
      const row = statements.of[side].get({ destination, id });
      return row ? decode(row) : null;
    },
    put(destination, link) {
      const { from, to } = link;
      const former = statements.of.from.get({ destination, id: from.id })?.toId ?? to.id;
      if (former !== to.id) dirty.renew(destination, { side: "to", item: former });
      for (const { item } of statements.endOther.all({
        destination,
        fromId: from.id,
        toId: to.id,
      })) {
        dirty.renew(destination, { side: "from", item });
      }
      statements.put.run({
        destination,
        kind: link.kind,
        fromId: from.id,
        fromParent: from.parent,
        fromName: from.name,
        fromRevision: from.revision,
        toId: to.id,
        toParent: to.parent,
        toName: to.name,
        toRevision: to.revision,
        sizeBytes: link.sizeBytes,
        hashes: packHashes(link.hashes),
        linkedAt: now(),
      });
    },
    end: (destination, side, id) => void statements.end[side].run({ destination, id }),
    forget: (destination) => void db.delete(links).where(eq(links.destination, destination)).run(),
    count: (destination) => statements.count.get({ destination })?.n ?? 0,
    countFiles: (destination) => statements.countFiles.get({ destination })?.n ?? 0,
    page: (destination, after, limit) =>
      db
        .select()
        .from(links)
        // The plus keeps the table's own order: every index of a destination would sort all its links first.
        .where(and(sql`+${links.destination} = ${destination}`, gt(links.id, after)))
        .orderBy(links.id)
        .limit(limit)
        .all()
        .map(decode),
  };
}

function decode(row: typeof links.$inferSelect): LinkRow {
  return {
    id: row.id,
    kind: row.kind,
    from: {
      id: row.fromId,
      parent: row.fromParent,
      name: row.fromName,
      revision: row.fromRevision,
    },
    to: { id: row.toId, parent: row.toParent, name: row.toName, revision: row.toRevision },
    sizeBytes: row.sizeBytes,
    hashes: row.hashes,
    linkedAt: row.linkedAt,
  };
}

function prepare(db: Db) {
  const ofDestination = eq(links.destination, sql.placeholder("destination"));
  const ofItem = {
    from: and(ofDestination, eq(links.fromId, sql.placeholder("id"))),
    to: and(ofDestination, eq(links.toId, sql.placeholder("id"))),
  };
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
  return prepared({
    of: () => ({
      from: db.select().from(links).where(ofItem.from).prepare(),
      to: db.select().from(links).where(ofItem.to).prepare(),
    }),
    end: () => ({
      from: db.delete(links).where(ofItem.from).prepare(),
      to: db.delete(links).where(ofItem.to).prepare(),
    }),
    count: () => db.select({ n: count() }).from(links).where(ofDestination).prepare(),
    countFiles: () =>
      db
        .select({ n: count() })
        .from(links)
        // As the index over them says it, word by word.
        .where(and(ofDestination, sql`kind <> 'folder'`))
        .prepare(),
    endOther: () =>
      db
        .delete(links)
        .where(
          and(
            ofDestination,
            eq(links.toId, sql.placeholder("toId")),
            ne(links.fromId, sql.placeholder("fromId")),
          ),
        )
        .returning({ item: links.fromId })
        .prepare(),
    put: () =>
      db
        .insert(links)
        .values({ destination: raw("destination"), fromId: raw("fromId"), ...content })
        .onConflictDoUpdate({ target: [links.destination, links.fromId], set: content })
        .prepare(),
  });
}
