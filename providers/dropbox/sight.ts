import type { Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { type Described, isFile } from "./translate.ts";

/**
 * The folder with which an item went out of this account's sight: one that others share with it and it is no
 * member of any more, or may not look into; null: the item itself is gone. The feed says `deleted` and a look
 * says `not_found` for both, so the shared folder above the item is asked for, and the folder that it lies in.
 * A shared folder that is not there is never taken for deleted: to delete it is to leave it, and others keep it
 * (Dropbox help: "Delete a shared folder").
 */
export async function lostWith(
  id: ItemId,
  tree: Pick<TreeView, "get">,
  now: (id: ItemId) => Promise<Described | null>,
): Promise<ItemId | null> {
  const shared = sharedAbove(id, tree);
  if (shared === null) return null;
  const top = await now(shared.id);
  if (top === null || isClosed(top)) return shared.id;
  const folder = tree.get(id)?.parent ?? null;
  if (shared.id === id || folder === null || folder === shared.id) return null;
  const above = await now(folder);
  return above !== null && isClosed(above) ? folder : null;
}

/** A folder of which Dropbox only says that it is there. */
export function isClosed(item: Described): boolean {
  return !isFile(item) && item.sharing_info?.no_access === true;
}

/** The item, or the nearest folder above it, that is shared. */
function sharedAbove(id: ItemId, tree: Pick<TreeView, "get">): Entry | null {
  for (let at = tree.get(id); at !== null; at = at.parent === null ? null : tree.get(at.parent)) {
    if (at.foreign) return at;
  }
  return null;
}
