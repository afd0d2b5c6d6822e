import { accessOf } from "./access.ts";
import type { Drive } from "./drive.ts";
import { badRequest, DriveError, invalidBody, noPermission } from "./errors.ts";
import { type DriveItem, folderType, isFolder, isGoogleType, shortcutType } from "./item.ts";
import type { Metadata } from "./metadata.ts";

/** What the service refuses; every function throws a `DriveError` or lets pass. */

/** Checks what can be checked before any byte of a new file arrives. */
export function checkCreate(drive: Drive, metadata: Metadata): void {
  const { id, parents = ["root"], mimeType = "" } = metadata;
  if (id !== undefined) checkId(drive, id, mimeType);
  if (parents.length !== 1) {
    throw invalidBody("A file can't be created in more than one folder.");
  }
  checkParent(drive, drive.get(parents[0] ?? "root"), null);
  if ((mimeType === shortcutType) !== (metadata.shortcutDetails !== undefined)) {
    throw badRequest("A shortcut, and only a shortcut, needs shortcutDetails.targetId.");
  }
}

/** Whether a new item may have this id: given out by generateIds, and not used before. */
function checkId(drive: Drive, id: string, mimeType: string): void {
  if (isGoogleType(mimeType) && mimeType !== folderType && mimeType !== shortcutType) {
    throw invalidBody("Generated IDs are not supported for Docs Editors formats.");
  }
  if (drive.isUsed(id)) {
    throw new DriveError(409, "fileIdInUse", "A file already exists with the provided ID.");
  }
  if (!drive.isReserved(id)) throw invalidBody("The provided file ID is not usable.");
}

/** Whether `parent` takes another child: a new one (null), or an item that comes from elsewhere. */
export function checkParent(drive: Drive, parent: DriveItem, item: DriveItem | null): void {
  if (!isFolder(parent)) {
    throw new DriveError(403, "parentNotAFolder", "The specified parent is not a folder.");
  }
  if (!accessOf(drive, parent).edit) {
    throw new DriveError(
      403,
      "insufficientParentPermissions",
      "Insufficient permissions for the specified parent.",
    );
  }
  const above = [parent, ...drive.ancestors(parent)];
  if (item !== null && above.some(({ id }) => id === item.id)) {
    throw badRequest("The specified parent would create a cycle in the directory graph.");
  }
  checkRoom(drive, parent, above.length);
}

function checkRoom(drive: Drive, parent: DriveItem, depth: number): void {
  if (depth > drive.behaviour.maxDepth) {
    throw new DriveError(
      403,
      "myDriveHierarchyDepthLimitExceeded",
      "Your My Drive can't contain more levels of folders.",
    );
  }
  const shared = drive.sharedDriveOf(parent);
  if (shared !== null && drive.subtree(shared.id).length > drive.behaviour.maxSharedDriveItems) {
    throw new DriveError(
      403,
      "teamDriveFileLimitExceeded",
      "The limit for the number of items in this shared drive has been exceeded.",
    );
  }
  const full = drive.countChildren(parent.id) >= drive.behaviour.maxChildren;
  if (full && parent.id !== drive.rootId) {
    throw new DriveError(
      403,
      "numChildrenInNonRootLimitExceeded",
      "The limit for the number of items in this folder has been exceeded.",
    );
  }
}

/** Editing needs the role of a writer. */
export function checkWriter(drive: Drive, item: DriveItem): void {
  if (!accessOf(drive, item).edit) throw noPermission();
}

/** Trashing, and bringing back from the trash, needs the owner, or a content manager. */
export function checkTrash(drive: Drive, item: DriveItem): void {
  if (!accessOf(drive, item).trash) throw noPermission();
}

/** Deleting for good needs the owner, or a manager. */
export function checkDelete(drive: Drive, item: DriveItem): void {
  if (!accessOf(drive, item).remove) throw noPermission();
}
