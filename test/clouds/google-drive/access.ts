import type { Drive } from "./drive.ts";
import type { DriveItem } from "./item.ts";

/** Roles of a member of a shared drive (Drive docs: "Roles and permissions"), the strongest first. */
const driveRoles = ["organizer", "fileOrganizer", "writer", "commenter", "reader"] as const;
export type DriveRole = (typeof driveRoles)[number];

/** What the signed-in user may do to an item. */
export interface Access {
  readonly edit: boolean;
  /** To another folder of the same drive. */
  readonly move: boolean;
  readonly trash: boolean;
  /** For good. */
  readonly remove: boolean;
}

/**
 * In My Drive the owner trashes and deletes, writers edit and move. In a shared drive, where nobody owns, it
 * goes by the member's role: contributors (`writer`) edit, content managers (`fileOrganizer`) also move and
 * trash, managers (`organizer`) also delete.
 */
export function accessOf(drive: Drive, item: DriveItem): Access {
  const shared = drive.sharedDriveOf(item);
  if (shared === null) {
    const edit = item.role !== "reader";
    const owns = item.role === "owner" && item.id !== drive.rootId;
    return { edit, move: edit && item.id !== drive.rootId, trash: owns, remove: owns };
  }
  const rank = driveRoles.indexOf(shared.role);
  const isRoot = item.id === shared.id;
  return {
    edit: rank <= 2,
    move: rank <= 1 && !isRoot,
    trash: rank <= 1 && !isRoot,
    remove: rank === 0 && !isRoot,
  };
}
