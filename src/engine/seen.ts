import type { Entry, ItemId, TreeView } from "../core/entry.ts";
import { foldName } from "../core/names.ts";

/** A mirror of what was listed or made so far, in memory: for adapters that are used once, without a feed. */
export interface SeenTree extends TreeView {
  put(entry: Entry): void;
  remove(id: ItemId): void;
}

export function createSeenTree(): SeenTree {
  const entries = new Map<ItemId, Entry>();
  const below = new Map<ItemId, Set<ItemId>>();

  function remove(id: ItemId): void {
    const parent = entries.get(id)?.parent;
    if (parent) below.get(parent)?.delete(id);
    entries.delete(id);
  }

  const children = (parent: ItemId) =>
    [...(below.get(parent) ?? [])].flatMap((id) => entries.get(id) ?? []);
  return {
    put(entry) {
      remove(entry.id);
      entries.set(entry.id, entry);
      if (entry.parent === null) return;
      const siblings = below.get(entry.parent) ?? new Set();
      below.set(entry.parent, siblings.add(entry.id));
    },
    remove,
    get: (id) => entries.get(id) ?? null,
    children,
    named: (parent, name) =>
      children(parent).filter((entry) => foldName(entry.name) === foldName(name)),
  };
}
