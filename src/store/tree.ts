import { isDeepStrictEqual } from "node:util";
import { and, asc, eq, gt, lt, sql } from "drizzle-orm";
import { compareContent } from "../core/content.ts";
import type { ChangePage, Entry, Hashes, ItemId, TreeView } from "../core/entry.ts";
import { foldName } from "../core/names.ts";
import type { Dirty } from "./dirty.ts";
import { areSameHashes, packHashes } from "./hashes.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { items } from "./schema.ts";

type ItemRow = typeof items.$inferSelect;

/** Of how many items that something was told of it is kept when that was. */
const keptTurns = 10_000;

/** The mirror of one account. */
export interface TreeStore extends TreeView {
  /**
   * Applies one page; call it in the transaction that saves the cursor. Items that really differ from
   * what was known are marked for every destination that reads the account.
   */
  apply(page: ChangePage, epoch: number): void;
  /** What a request of our own, or a reading of one item, showed: known at once, before the feed tells it. */
  observe(entry: Entry): void;
  /** One item, and all below it, is known to be gone. */
  drop(id: ItemId): void;
  /** Hashes learned by reading; kept only while the item is at `revision`. */
  learn(id: ItemId, revision: string | null, hashes: Hashes): void;
  changedAt(id: ItemId): Date | null;
  /** Another number whenever anything was told of the item, be it what was known before. */
  turnOf(id: ItemId): number;
  /** The item and all below it, parents first; the id alone where the item is not known. */
  subtree(id: ItemId): ItemId[];
  /** Items that no page of the listing `epoch` named, `limit` of them after `after`. */
  unseen(epoch: number, after: ItemId | null, limit: number): ItemId[];
  /** Folders that are only known by what they hold: nothing was told of them yet. */
  unknownFolders(): ItemId[];
  /** Takes an item out of doubt. */
  confirm(id: ItemId, epoch: number): void;
  count(): number;
  /** Of these, those that are folders. */
  countFolders(): number;
}

export interface Trees {
  of(account: number): TreeStore;
}

interface TreeContext {
  readonly dirty: Dirty;
  /** The account's newest listing. */
  readonly epochOf: (account: number) => number;
  readonly now: () => number;
}

export function createTrees(db: Db, context: TreeContext): Trees {
  const statements = prepare(db);
  return { of: (account) => createTree(db, statements, account, context) };
}

function createTree(
  db: Db,
  statements: Statements,
  account: number,
  { dirty, epochOf, now }: TreeContext,
): TreeStore {
  const row = (id: ItemId): ItemRow | undefined => statements.byId.get({ account, id });
  /** Of items of which something was told, the last one last. */
  const turns = new Map<ItemId, number>();
  let turn = 0;

  function noteTurn(id: ItemId): void {
    turns.delete(id);
    turns.set(id, ++turn);
    const [oldest] = turns.keys();
    if (turns.size > keptTurns && oldest !== undefined) turns.delete(oldest);
  }

  function put(entry: Entry, epoch: number): void {
    noteTurn(entry.id);
    const known = row(entry.id);
    const merged = known ? withKnownHashes(entry, known) : entry;
    if (known && isSame(known, merged)) {
      if (known.epoch !== epoch) statements.confirm.run({ account, id: entry.id, epoch });
      return;
    }
    const moved = !known || known.parent !== entry.parent || known.name !== entry.name;
    const edited = known?.revision !== entry.revision;
    statements.put.run({
      ...encode(account, merged),
      epoch,
      changedAt: moved || edited ? now() : known.changedAt.getTime(),
    });
    dirty.markForReaders(account, entry.id);
  }

  const subtree = (id: ItemId): ItemId[] => statements.subtree.all({ account, id });

  function drop(id: ItemId): void {
    for (const below of subtree(id)) {
      noteTurn(below);
      const { changes } = statements.remove.run({ account, id: below });
      if (changes > 0) dirty.markForReaders(account, below);
    }
  }

  return {
    get(id) {
      const found = row(id);
      return found ? decode(found) : null;
    },
    children: (parent) => statements.children.all({ account, parent }).map(decode),
    named: (parent, name) =>
      statements.named.all({ account, parent, folded: foldName(name) }).map(decode),
    apply(page, epoch) {
      for (const change of page.changes) {
        if (change.type === "put") put(change.entry, epoch);
        else drop(change.id);
      }
    },
    // What we just saw is not in doubt, whether or not a listing that runs will name it.
    observe: (entry) => put(entry, epochOf(account)),
    drop,
    learn(id, revision, hashes) {
      const known = row(id);
      if (!known || known.revision !== revision) return;
      statements.learn.run({
        account,
        id,
        hashes: packHashes({ ...known.hashes, ...hashes }),
      });
    },
    changedAt: (id) => row(id)?.changedAt ?? null,
    turnOf: (id) => turns.get(id) ?? 0,
    subtree,
    unseen: (epoch, after, limit) =>
      db
        .select({ id: items.id })
        .from(items)
        .where(
          and(
            eq(items.account, account),
            lt(items.epoch, epoch),
            ...(after === null ? [] : [gt(items.id, after)]),
          ),
        )
        .orderBy(asc(items.id))
        .limit(limit)
        .all()
        .map(({ id }) => id),
    unknownFolders: () => statements.unknownFolders.all({ account }),
    confirm: (id, epoch) => void statements.confirm.run({ account, id, epoch }),
    countFolders: () =>
      db
        .select({ n: sql<number>`count(*)` })
        .from(items)
        .where(and(eq(items.account, account), eq(items.kind, "folder")))
        .get()?.n ?? 0,
    count: () =>
      db.select({ n: sql<number>`count(*)` }).from(items).where(eq(items.account, account)).get()
        ?.n ?? 0,
  };
}

/**
 * Hashes stay true for a revision: what was learned before is not lost to an entry that lacks it. Where one is
 * another than was known, the service has changed the bytes itself, and nothing that was learned is true.
 */
function withKnownHashes(entry: Entry, known: ItemRow): Entry {
  if (entry.revision === null || entry.revision !== known.revision) return entry;
  if (compareContent(entry, known) === "different") return entry;
  return { ...entry, hashes: { ...known.hashes, ...entry.hashes } };
}

function isSame(known: ItemRow, entry: Entry): boolean {
  return (
    known.parent === entry.parent &&
    known.name === entry.name &&
    known.kind === entry.kind &&
    known.revision === entry.revision &&
    known.sizeBytes === entry.sizeBytes &&
    known.modifiedAt?.getTime() === entry.modifiedAt?.getTime() &&
    known.createdAt?.getTime() === entry.createdAt?.getTime() &&
    areSameHashes(known.hashes, entry.hashes) &&
    JSON.stringify(known.native) === JSON.stringify(entry.native ?? null) &&
    (known.isForeign ?? false) === (entry.foreign ?? false) &&
    isDeepStrictEqual(known.stored ?? undefined, entry.stored)
  );
}

/** Prepared with raw values: drizzle's encoders of placeholders do not know null. */
function encode(account: number, entry: Entry) {
  return {
    account,
    id: entry.id,
    parent: entry.parent,
    name: entry.name,
    folded: foldName(entry.name),
    kind: entry.kind,
    sizeBytes: entry.sizeBytes,
    revision: entry.revision,
    hashes: packHashes(entry.hashes),
    modifiedAt: entry.modifiedAt?.getTime() ?? null,
    createdAt: entry.createdAt?.getTime() ?? null,
    native: entry.native ? JSON.stringify(entry.native) : null,
    isForeign: entry.foreign ? 1 : null,
    stored: entry.stored ? JSON.stringify(entry.stored) : null,
  };
}

function decode(row: ItemRow): Entry {
  return {
    id: row.id,
    parent: row.parent,
    name: row.name,
    kind: row.kind,
    sizeBytes: row.sizeBytes,
    revision: row.revision,
    hashes: row.hashes,
    modifiedAt: row.modifiedAt,
    createdAt: row.createdAt,
    ...(row.native ? { native: row.native } : {}),
    ...(row.isForeign ? { foreign: true as const } : {}),
    ...(row.stored ? { stored: row.stored } : {}),
  };
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: Db) {
  const ofAccount = eq(items.account, sql.placeholder("account"));
  const byId = and(ofAccount, eq(items.id, sql.placeholder("id")));
  const inFolder = and(ofAccount, eq(items.parent, sql.placeholder("parent")));
  return prepared({
    byId: () => db.select().from(items).where(byId).prepare(),
    children: () => db.select().from(items).where(inFolder).prepare(),
    named: () =>
      db
        .select()
        .from(items)
        .where(and(inFolder, eq(items.folded, sql.placeholder("folded"))))
        .prepare(),
    remove: () => db.delete(items).where(byId).prepare(),
    confirm: () =>
      db
        .update(items)
        .set({ epoch: raw("epoch") })
        .where(byId)
        .prepare(),
    learn: () =>
      db
        .update(items)
        .set({ hashes: raw("hashes") })
        .where(byId)
        .prepare(),
    // A cross join keeps its order: each folder found asks for its children by their place.
    subtree: () =>
      db.$client
        .prepare<{ account: number; id: ItemId }, ItemId>(`
        with recursive below (id) as (
          select :id
          union
          select items.id from below cross join items
          where items.account = :account and items.parent = below.id
        ) select id from below`)
        .pluck(),
    // From each parent to the next one by its place: what a folder holds is not read.
    unknownFolders: () =>
      db.$client
        .prepare<{ account: number }, ItemId>(`
        with recursive folders (id) as (
          select min(parent) from items where account = :account and parent > ''
          union all
          select (select min(parent) from items where account = :account and parent > folders.id)
          from folders where folders.id is not null
        ) select id from folders where id is not null and not exists (
          select 1 from items where items.account = :account and items.id = folders.id
        )`)
        .pluck(),
    put: () =>
      db
        .insert(items)
        .values({
          account: raw("account"),
          id: raw("id"),
          parent: raw("parent"),
          name: raw("name"),
          folded: raw("folded"),
          kind: raw("kind"),
          sizeBytes: raw("sizeBytes"),
          revision: raw("revision"),
          hashes: raw("hashes"),
          modifiedAt: raw("modifiedAt"),
          createdAt: raw("createdAt"),
          native: raw("native"),
          isForeign: raw("isForeign"),
          stored: raw("stored"),
          epoch: raw("epoch"),
          changedAt: raw("changedAt"),
        })
        .onConflictDoUpdate({
          target: [items.account, items.id],
          set: {
            parent: sql`excluded.parent`,
            name: sql`excluded.name`,
            folded: sql`excluded.folded`,
            kind: sql`excluded.kind`,
            sizeBytes: sql`excluded.size_bytes`,
            revision: sql`excluded.revision`,
            hashes: sql`excluded.hashes`,
            modifiedAt: sql`excluded.modified_at`,
            createdAt: sql`excluded.created_at`,
            native: sql`excluded.native`,
            isForeign: sql`excluded.is_foreign`,
            stored: sql`excluded.stored`,
            epoch: sql`excluded.epoch`,
            changedAt: sql`excluded.changed_at`,
          },
        })
        .prepare(),
  });
}
