import type { ChangePage, ItemId, TreeView } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import type { DriveApi } from "./api.ts";
import { type DriveFile, folderType } from "./translate.ts";

/** Tells what is gone from what this account only sees no more: Drive answers 404, or `removed`, for both. */
export interface Sight {
  /** Whether that an item of the mirror can't be found may mean that access to it was lost. */
  isLost(id: ItemId): Promise<boolean>;
}

/**
 * In My Drive access is lost only to what belongs to others; a file that its owner trashes is still seen, as
 * trashed (Drive API reference, `files.trashed`). Nobody owns what is in a shared drive: there all members see
 * all, but for what is in a folder with limited access, so it goes by the nearest folder that is still seen.
 */
export function openSight(api: DriveApi, tree: TreeView, rootId: () => Promise<ItemId>): Sight {
  async function isOutOfSight(id: ItemId): Promise<boolean> {
    const folder = tree.get(id)?.parent ?? null;
    if (folder === null) return id === (await rootId());
    try {
      const file = await api.file(folder);
      return !file.trashed && isLimited(file);
    } catch (error) {
      if (!isProviderError(error, "not-found")) throw error;
      return isOutOfSight(folder);
    }
  }

  return {
    async isLost(id) {
      if ((await api.sharedDrive()) !== null) return isOutOfSight(id);
      return tree.get(id)?.foreign === true && isBelow(tree, id, await rootId());
    },
  };
}

/** A folder of which this account sees nothing but the folder itself. */
export function isLimited({ mimeType, capabilities }: DriveFile): boolean {
  return mimeType === folderType && capabilities?.canListChildren === false;
}

/** The folders among the files that can't be looked into. */
export function limitedAmong(
  files: readonly DriveFile[],
): NonNullable<ChangePage["unreadable"]>[number][] {
  return files.filter(isLimited).map(({ id, name }) => ({
    id: id as ItemId,
    reason: `google-drive: "${name}" has limited access, and this account may not look into it`,
  }));
}

/** What others share outside of My Drive is in no rule's reach: nothing hangs on it. */
function isBelow(tree: TreeView, id: ItemId, root: ItemId): boolean {
  for (let at: ItemId | null = id; at !== null; at = tree.get(at)?.parent ?? null) {
    if (at === root) return true;
  }
  return false;
}
