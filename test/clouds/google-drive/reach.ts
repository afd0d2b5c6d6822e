import type { DriveRole } from "./access.ts";
import { createChangeLog } from "./change-log.ts";
import type { Drive, SharedDrive } from "./drive.ts";
import { notFound, sharedDriveNotFound } from "./errors.ts";
import type { DriveItem } from "./item.ts";

/**
 * What a service account sees of it all: the shared drives that it is a member of. Its own My Drive, which has no
 * storage (Drive docs: "Service accounts don't have storage quota"), is left out.
 */
export function reachOf(drive: Drive, roles: ReadonlyMap<string, DriveRole>): Drive {
  const sharedDrives = new Map<string, SharedDrive>();
  for (const [id, role] of roles) {
    const known = drive.sharedDrives.get(id);
    if (known) sharedDrives.set(id, { ...known, role });
  }
  const sharedDriveOf = (item: DriveItem) =>
    sharedDrives.get(drive.sharedDriveOf(item)?.id ?? "") ?? null;
  const find = (id: string) => {
    const item = drive.find(id);
    return item && sharedDriveOf(item) !== null ? item : undefined;
  };
  const log = createChangeLog(1, () => {});
  return {
    ...drive,
    log,
    sharedDrives,
    sharedDriveOf,
    find,
    get(id) {
      const item = find(id);
      if (item === undefined) throw notFound(id);
      return item;
    },
    logOf(id) {
      if (id === null) return log;
      if (!sharedDrives.has(id)) throw sharedDriveNotFound(id);
      return drive.logOf(id);
    },
    usedBytes: () => 0,
    *listed(after, inFolders) {
      for (const item of drive.listed(after, inFolders)) {
        if (sharedDriveOf(item) !== null) yield item;
      }
    },
  };
}
