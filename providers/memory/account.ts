import type { Entry, ItemId, Native, Place, Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { NameRules } from "../../src/core/names.ts";
import type { Clock } from "../../src/core/provider.ts";
import type { Content } from "./content.ts";
import { createItems, entryOf, type Item, type Items, type Kept } from "./items.ts";
import { createJournal, type Journal, type JournalWatcher } from "./journal.ts";

/** The state of an account and every effect on it; each one is whole at once and told to the journal. */
export interface Account {
  readonly root: ItemId;
  readonly items: Items;
  readonly journal: Journal;
  mintId(): ItemId;
  /** `already-exists` for a used id or a taken place; see `Items.free` for the rest. */
  create(at: Place & { readonly id?: ItemId }, what: NewItem): Entry;
  /** `changed` unless the item is at `revision`; `not-found`. */
  check(id: ItemId, revision: Revision): void;
  /** Gives the item new bytes; `changed` unless it is at `revision`, where one is given. */
  replace(id: ItemId, revision: Revision | null, version: NewVersion): Entry;
  move(id: ItemId, to: Place): Entry;
  trash(id: ItemId, revision?: Revision): void;
  /** Brings an item back from the trash; `not-found` when it is not there, see `Items.free` for the rest. */
  restore(id: ItemId, at: Place): Entry;
  usedBytes(): number;
}

interface NewItem {
  readonly kind: Entry["kind"];
  readonly native?: Native;
  /** Absent for folders. */
  readonly version?: NewVersion;
}

export interface NewVersion {
  readonly content: Content;
  readonly exports?: ReadonlyMap<string, Content>;
  /** Default: now. */
  readonly modifiedAt?: Date | null;
}

export interface AccountOptions {
  readonly clock: Pick<Clock, "now">;
  readonly rules: NameRules;
  readonly totalBytes: number | null;
  /** To what modified times are rounded down; null: they can't be set. */
  readonly modifiedPrecisionMs: number | null;
  readonly watcher?: JournalWatcher;
}

/** An empty account. */
export function createAccount(options: AccountOptions): Account {
  const { clock, rules } = options;
  const counters = { ids: 0, revisions: 0 };
  const now = () => new Date(clock.now());
  const mintId = () => `i${++counters.ids}` as ItemId;
  const root = newItem({ id: mintId(), parent: null, name: "", kind: "folder", at: now() });
  const items = createItems(root, rules);
  const journal = createJournal(entryOf(root), options.watcher);
  let usedBytes = 0;

  const tell = (item: Item): Entry => {
    const entry = entryOf(item);
    journal.append({ type: "put", entry });
    return entry;
  };
  const tellAll = (item: Item): Entry => {
    const entry = tell(item);
    for (const child of items.children(item.id)) tellAll(child);
    return entry;
  };
  const keep = ({ content, exports = new Map(), modifiedAt }: NewVersion): Kept => {
    if (options.totalBytes !== null && usedBytes + content.sizeBytes > options.totalBytes) {
      throw new ProviderError("out-of-space", "memory: the account is full");
    }
    usedBytes += content.sizeBytes;
    const revision = `r${++counters.revisions}` as Revision;
    return { revision, content, exports, modifiedAt: rounded(modifiedAt ?? null, options, now()) };
  };
  const mustBeAt = (item: Item, revision: Revision | null | undefined) => {
    const existing = entryOf(item);
    if (revision == null || revision === existing.revision) return;
    const message = `memory: ${item.id} is at ${existing.revision}, not at ${revision}`;
    throw new ProviderError("changed", message, { existing });
  };

  return {
    root: root.id,
    items,
    journal,
    mintId,
    create: ({ id, ...at }, { kind, native, version }) => {
      if (id !== undefined) mustBeUnused(items, id);
      const place = items.free(at);
      const versions = version ? [keep(version)] : [];
      const item = newItem({ id: id ?? mintId(), ...place, kind, at: now(), native, versions });
      items.add(item);
      return tell(item);
    },
    check: (id, revision) => mustBeAt(items.need(id), revision),
    replace: (id, revision, version) => {
      const item = items.need(id);
      mustBeAt(item, revision);
      item.versions.push(keep(version));
      return tell(item);
    },
    move: (id, to) => {
      const item = items.need(id);
      const place = items.free(to, id);
      mustNotContain(items, item, place.parent);
      items.place(item, place);
      return tell(item);
    },
    trash: (id, revision) => {
      const item = items.find(id);
      if (!item) return;
      if (item.parent === null) throw new ProviderError("forbidden", "memory: the root stays");
      mustBeAt(item, revision);
      items.place(item, null);
      journal.append({ type: "gone", id });
    },
    restore: (id, at) => {
      const item = items.any(id);
      if (!item?.trashed) {
        throw new ProviderError("not-found", `memory: ${id} is not in the trash`);
      }
      items.place(item, items.free(at));
      return tellAll(item);
    },
    usedBytes: () => usedBytes,
  };
}

interface ItemFacts extends Pick<Item, "id" | "parent" | "name" | "kind"> {
  readonly at: Date;
  readonly native?: Native | undefined;
  readonly versions?: Kept[];
}

function newItem({ at, native, versions = [], ...facts }: ItemFacts): Item {
  return { ...facts, createdAt: at, native: native ?? null, trashed: false, versions };
}

function rounded(modifiedAt: Date | null, options: AccountOptions, now: Date): Date {
  const precisionMs = options.modifiedPrecisionMs;
  if (precisionMs === null || modifiedAt === null) return now;
  return new Date(Math.floor(modifiedAt.getTime() / precisionMs) * precisionMs);
}

function mustBeUnused(items: Items, id: ItemId) {
  const user = items.any(id);
  if (!user) return;
  const existing = user.trashed ? null : entryOf(user);
  throw new ProviderError("already-exists", `memory: the id ${id} is used`, { existing });
}

function mustNotContain(items: Items, item: Item, folder: ItemId) {
  for (let at: Item | null = items.need(folder); at; at = at.parent && items.find(at.parent)) {
    if (at.id !== item.id) continue;
    throw new ProviderError("forbidden", `memory: ${item.id} can't be moved into itself`);
  }
}
