import type { Content } from "../kit/content.ts";

/** One file, folder, document or shortcut as the service keeps it. Never altered: a change makes a new one. */
export interface DriveItem {
  readonly id: string;
  /** Rises with each item that enters the drive; listings go by it. */
  readonly order: number;
  readonly name: string;
  readonly mimeType: string;
  /** Null for the root and for items of others that lie outside of what this user sees. */
  readonly parent: string | null;
  /** Rises with every change, also with those that people don't see. */
  readonly version: number;
  /** Instants in milliseconds since 1970. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly viewedAt: number | null;
  readonly sharedAt: number | null;
  /** Put into the trash itself, not through a folder above it. */
  readonly trashed: boolean;
  readonly role: Role;
  readonly starred: boolean;
  readonly description: string | null;
  readonly properties: Readonly<Record<string, string>>;
  /** By OAuth client id. */
  readonly appProperties: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly originalFilename: string | null;
  /** Oldest first; the last is the head. Empty for everything that isn't a blob. */
  readonly revisions: readonly Revision[];
  /** What a document occupies; null for all others. */
  readonly documentBytes: number | null;
  readonly shortcutTarget: string | null;
  /** A folder with limited access, to which this user has none: it is seen, what is in it is not. */
  readonly limited: boolean;
  readonly trouble: Trouble;
}

/** What the signed-in user may do: everything, edit, or read. */
export type Role = "owner" | "writer" | "reader";

/** What is wrong with an item, as seeded by a test. */
export interface Trouble {
  /** Flagged as malware: downloads need `acknowledgeAbuse`, and only the owner may give it. */
  readonly abusive?: boolean;
  /** The daily limit of downloads for this file is used up. */
  readonly downloadQuotaExceeded?: boolean;
  /** An old file for which only MD5 was ever computed. */
  readonly onlyMd5?: boolean;
}

/** One version of a blob's bytes. */
export interface Revision {
  readonly id: string;
  readonly content: Content;
  readonly hashes: BlobHashes;
  readonly mimeType: string;
  readonly originalFilename: string | null;
  readonly modifiedAt: number;
  /** When it became the head, by the service's clock. */
  readonly storedAt: number;
  readonly keepForever: boolean;
}

/** Lower-case hex. */
export interface BlobHashes {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
}

const google = "application/vnd.google-apps.";
export const folderType = `${google}folder`;
export const shortcutType = `${google}shortcut`;

export function isFolder(item: DriveItem): boolean {
  return item.mimeType === folderType;
}

/** Whether a MIME type is one of Google's own: such items have no bytes of their own. */
export function isGoogleType(mimeType: string): boolean {
  return mimeType.startsWith(google);
}

/** The short word of a Google type: `document`, `folder`, `shortcut`, ... */
export function googleType(kind: string): string {
  return google + kind;
}

/** The current bytes of a blob; undefined for everything else. */
export function headOf(item: DriveItem): Revision | undefined {
  return item.revisions.at(-1);
}

/** What an item counts against the storage: its head and the revisions that are kept forever. */
export function quotaBytes(item: DriveItem): number {
  const head = headOf(item);
  return item.revisions
    .filter((revision) => revision === head || revision.keepForever)
    .reduce((sum, revision) => sum + revision.content.sizeBytes, item.documentBytes ?? 0);
}
