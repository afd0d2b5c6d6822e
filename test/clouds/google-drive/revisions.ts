import type { Blob } from "./blob.ts";
import type { Drive } from "./drive.ts";
import { badRequest, DriveError } from "./errors.ts";
import type { DriveItem, Revision } from "./item.ts";

/** Drive docs: a revision that is not kept forever goes 30 days after newer content, or as the 101st. */
const purgeAfterMs = 30 * 24 * 3600 * 1000;
const unpinnedKept = 100;
const pinnedMax = 200;

/** The revisions of a blob after new bytes; the new one is the last. */
export function withRevision(
  drive: Drive,
  former: readonly Revision[],
  blob: Blob,
  about: Pick<Revision, "mimeType" | "originalFilename" | "modifiedAt" | "keepForever">,
): readonly Revision[] {
  const revision: Revision = {
    id: drive.newRevisionId(),
    content: blob.content,
    // Read through the blob, which may not have needed its hashes yet.
    get hashes() {
      return blob.hashes;
    },
    storedAt: drive.now(),
    ...about,
  };
  return purged([...former, revision], drive.now());
}

/** The revisions that still exist at `now`: purging happens without any request. */
export function purged(revisions: readonly Revision[], now: number): readonly Revision[] {
  const unpinned = revisions.filter((revision) => !revision.keepForever);
  const tooMany = new Set(unpinned.slice(0, Math.max(0, unpinned.length - unpinnedKept)));
  return revisions.filter((revision, index) => {
    const newer = revisions[index + 1];
    if (newer === undefined || revision.keepForever) return true;
    return !tooMany.has(revision) && newer.storedAt + purgeAfterMs > now;
  });
}

/** One revision of a file that still exists. @throws DriveError 404 */
export function findRevision(drive: Drive, item: DriveItem, id: string): Revision {
  const head = id === "head" ? item.revisions.at(-1) : undefined;
  const found = head ?? purged(item.revisions, drive.now()).find((revision) => revision.id === id);
  if (found !== undefined) return found;
  throw new DriveError(404, "notFound", `Revision not found: ${id}.`, {
    place: { location: "revisionId", locationType: "parameter" },
  });
}

/** Pins or unpins a revision. @throws DriveError 404, 400 for the 201st pinned one */
export function keepRevision(drive: Drive, item: DriveItem, id: string, keep: boolean): Revision {
  const found = findRevision(drive, item, id);
  const pinned = item.revisions.filter(({ keepForever }) => keepForever).length;
  if (keep && !found.keepForever && pinned >= pinnedMax) {
    throw badRequest(`Only ${pinnedMax} revisions of a file can be kept forever.`);
  }
  const changed = { ...found, keepForever: keep };
  const revisions = item.revisions.map((revision) => (revision === found ? changed : revision));
  drive.update(item.id, { revisions });
  return changed;
}
