import type { Entry, ItemId, TreeView } from "./entry.ts";
import { type NameRules, sameName } from "./names.ts";

/**
 * How many levels below a rule's folder an item is looked at; what lies deeper is left alone, and told. No service
 * holds so many for people: Google Drive 100 (support.google.com/a/answer/2490100), OneDrive 400 characters of path,
 * S3 1,024 bytes. Planning calls itself once a level, and the stack holds twice as many.
 */
export const deepest = 500;

/**
 * The names from `root` (left out) down to the item, or null when the item is not below `root`: not
 * known, a parent of it is not, or it lies deeper than `deepest`. Empty for the root itself.
 */
export function pathBelow(tree: TreeView, root: ItemId, id: ItemId): string[] | null {
  const path: string[] = [];
  let at = id;
  for (let depth = 0; at !== root; depth++) {
    const entry = tree.get(at);
    if (!entry?.parent || depth > deepest) return null;
    path.push(entry.name);
    at = entry.parent;
  }
  return path.reverse();
}

/** Answers where items of a tree are, each folder asked for once, as long as the tree stays as it is. */
export interface Paths {
  /** As `pathBelow`; of an item deeper than `deepest`, the path of the topmost item above it that is, or its own. */
  of(id: ItemId): readonly string[] | null;
  /** The tree is another one now. */
  forget(): void;
}

export function createPaths(tree: TreeView, root: ItemId): Paths {
  const known = new Map<ItemId, readonly string[] | null>();
  function of(id: ItemId): readonly string[] | null {
    const chain: Entry[] = [];
    let at = id;
    known.set(root, []);
    while (!known.has(at)) {
      const entry = tree.get(at);
      // Until its place is known: a chain that comes back to it leads nowhere.
      known.set(at, null);
      if (!entry?.parent) break;
      chain.push(entry);
      at = entry.parent;
    }
    let path = known.get(at) ?? null;
    for (const entry of chain.reverse()) {
      if (path && path.length <= deepest) path = [...path, entry.name];
      known.set(entry.id, path);
    }
    const [item] = chain.slice(-1);
    if (item && item.kind !== "folder") known.delete(item.id);
    return path;
  }
  return { of, forget: () => known.clear() };
}

/** The item and all that hold it, from the inside out, as far as the tree knows; no more than `deepest` of these. */
export function* ancestry(tree: TreeView, id: ItemId): Generator<ItemId, undefined> {
  let at: ItemId | null = id;
  for (let depth = 0; at && depth <= deepest; depth++) {
    yield at;
    at = tree.get(at)?.parent ?? null;
  }
}

/** Whether `id` is `ancestor` or lies below it. */
export function isWithin(tree: TreeView, ancestor: ItemId, id: ItemId): boolean {
  return pathBelow(tree, ancestor, id) !== null;
}

/** The folder that a path names, as far as it exists, and the names that do not. */
export interface Resolved {
  readonly folder: ItemId;
  readonly missing: readonly string[];
}

/** Follows a path of folder names from `root`; among duplicates the oldest wins, so that it stays the same. */
export function resolveFolder(
  tree: TreeView,
  root: ItemId,
  path: readonly string[],
  rules: NameRules,
): Resolved {
  let folder = root;
  for (const [depth, name] of path.entries()) {
    const next = tree
      .named(folder, name)
      .filter((entry) => entry.kind === "folder" && sameName(entry.name, name, rules))
      .sort(byAge)[0];
    if (!next) return { folder, missing: path.slice(depth) };
    folder = next.id;
  }
  return { folder, missing: [] };
}

/** Oldest first, then by id: an order that no later change of the items disturbs. */
export function byAge(a: Entry, b: Entry): number {
  const age = (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0);
  return age || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
