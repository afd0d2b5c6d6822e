import type { Entry, ItemId, Native, Place, Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { type NameRules, nameKey } from "../../src/core/names.ts";
import type { Content } from "./content.ts";
import { storedName } from "./names.ts";

/** One version of a file's bytes, or of what a native item exports as. */
export interface Kept {
  readonly revision: Revision;
  readonly content: Content;
  readonly exports: ReadonlyMap<string, Content>;
  readonly modifiedAt: Date;
}

/** An item as the service keeps it; trashed ones stay, out of reach. */
export interface Item {
  readonly id: ItemId;
  readonly kind: Entry["kind"];
  readonly native: Native | null;
  readonly createdAt: Date;
  parent: ItemId | null;
  name: string;
  trashed: boolean;
  /** Oldest first; empty for folders. */
  versions: Kept[];
}

/** The items of an account: a tree, whose places are taken by the rules for names. */
export interface Items {
  /** The item, unless it or a folder above it is in the trash. */
  find(id: ItemId): Item | null;
  /** Like `find`; `not-found`. */
  need(id: ItemId): Item;
  /** Also what is in the trash. */
  any(id: ItemId): Item | null;
  children(folder: ItemId): Item[];
  /** Children that would take this name away from another, oldest first. */
  named(folder: ItemId, name: string): Item[];
  /** The place with its name as stored; `not-found`, `name-refused`, `already-exists`. */
  free(place: Place, exceptFor?: ItemId): Place;
  add(item: Item): void;
  /** Puts the item there, or with null nowhere: into the trash. */
  place(item: Item, place: Place | null): void;
}

/** Items under these rules, with the root alone. */
export function createItems(root: Item, rules: NameRules): Items {
  const items = new Map<ItemId, Item>([[root.id, root]]);
  const childIds = new Map<ItemId, Set<ItemId>>();

  const find = (id: ItemId): Item | null => {
    const item = items.get(id);
    if (!item || item.trashed) return null;
    return item.parent === null || find(item.parent) ? item : null;
  };
  const need = (id: ItemId) => {
    const item = find(id);
    if (item) return item;
    throw new ProviderError("not-found", `memory: there is no item ${id}`);
  };
  const siblings = (folder: ItemId) => {
    const ids = childIds.get(folder) ?? new Set();
    childIds.set(folder, ids);
    return ids;
  };
  const children = (folder: ItemId) => [...siblings(folder)].flatMap((id) => items.get(id) ?? []);
  const named = (folder: ItemId, name: string) => {
    const key = nameKey(name, rules);
    return children(folder).filter((item) => nameKey(item.name, rules) === key);
  };

  return {
    find,
    need,
    any: (id) => items.get(id) ?? null,
    children,
    named,
    free: ({ parent, name }, exceptFor) => {
      const stored = storedName(name, rules);
      if (need(parent).kind !== "folder") {
        throw new ProviderError("not-found", `memory: ${parent} is no folder`);
      }
      const taken = named(parent, stored).find(({ id }) => id !== exceptFor);
      if (!taken || rules.duplicates) return { parent, name: stored };
      const message = `memory: ${JSON.stringify(stored)} is taken in ${parent}`;
      throw new ProviderError("already-exists", message, { existing: entryOf(taken) });
    },
    add: (item) => {
      items.set(item.id, item);
      if (item.parent !== null) siblings(item.parent).add(item.id);
    },
    place: (item, place) => {
      if (item.parent !== null) siblings(item.parent).delete(item.id);
      item.trashed = place === null;
      if (place === null) return;
      item.parent = place.parent;
      item.name = place.name;
      siblings(place.parent).add(item.id);
    },
  };
}

/** The item in the words of the contract. */
export function entryOf({ id, parent, name, kind, native, createdAt, versions }: Item): Entry {
  const now = versions.at(-1);
  return {
    id,
    parent,
    name,
    kind,
    sizeBytes: kind === "file" && now ? now.content.sizeBytes : null,
    revision: now?.revision ?? null,
    hashes: kind === "file" && now ? now.content.hashes : {},
    modifiedAt: now?.modifiedAt ?? null,
    createdAt,
    ...(native && { native }),
  };
}
