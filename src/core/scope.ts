import type { Entry, ItemId, TreeView } from "./entry.ts";
import { type NameRules, sameName } from "./names.ts";

/** Deeper than any service allows; a longer chain of parents is a cycle. */
const maxDepth = 1000;

/**
 * The names from `root` (left out) down to the item, or null when the item is not below `root`: not
 * known, or a parent of it is not. Empty for the root itself.
 */
export function pathBelow(tree: TreeView, root: ItemId, id: ItemId): string[] | null {
  const path: string[] = [];
  let at = id;
  for (let depth = 0; at !== root; depth++) {
    const entry = tree.get(at);
    if (!entry?.parent || depth > maxDepth) return null;
    path.push(entry.name);
    at = entry.parent;
  }
  return path.reverse();
}

/** The item and all that hold it, from the inside out, as far as the tree knows. */
export function ancestry(tree: TreeView, id: ItemId): ItemId[] {
  const chain: ItemId[] = [];
  for (let at: ItemId | null = id; at && chain.length <= maxDepth; ) {
    chain.push(at);
    at = tree.get(at)?.parent ?? null;
  }
  return chain;
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
