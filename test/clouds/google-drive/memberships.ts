import type { DriveRole } from "./access.ts";
import type { Drive, SharedDrive } from "./drive.ts";
import type { DriveItem } from "./item.ts";

/** What people do with shared drives, past the API; every step enters the logs. */
export interface Memberships {
  readonly sharedDrives: () => readonly SharedDrive[];
  /** An entry about a shared drive: renamed, or (removed) lost. */
  sharedDrive(driveId: string, removed: boolean): void;
  /** The user becomes a member of a new shared drive; its root folder. */
  createSharedDrive(name: string, role?: DriveRole): DriveItem;
  setDriveRole(driveId: string, role: DriveRole): void;
  leaveSharedDrive(driveId: string): void;
  /** The folder gets limited access, which leaves this user out: what is in it is out of reach. */
  limit(id: string): DriveItem;
  /** The folder can be looked into again. */
  unlimit(id: string): DriveItem;
}

export function createMemberships(drive: Drive): Memberships {
  return {
    sharedDrives: () => [...drive.sharedDrives.values()],
    sharedDrive: (id, removed) =>
      drive.log.record({ at: drive.now(), subject: { type: "drive", id, removed } }),
    createSharedDrive(name, role = "organizer") {
      const id = `0A${drive.newId().slice(1, 15)}PVA`;
      drive.join({ id, name, role });
      return drive.get(id);
    },
    setDriveRole(id, role) {
      const known = drive.sharedDrives.get(id);
      if (known === undefined) throw new Error(`${id} is no shared drive`);
      drive.join({ ...known, role });
    },
    leaveSharedDrive: (id) => drive.leave(id),
    limit(id) {
      for (const child of drive.children(id)) drive.remove(child.id);
      return drive.update(id, { limited: true });
    },
    unlimit: (id) => drive.update(id, { limited: false }),
  };
}
