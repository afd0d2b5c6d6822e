import type { Blob } from "./blob.ts";

/** Where a drive lies: with a person, a person's work account, or a SharePoint site. */
export type DriveType = "personal" | "business" | "documentLibrary";

/** One item as the service keeps it. Never altered: a change makes a new one. */
export interface Item {
  readonly id: string;
  /** `package`: a OneNote notebook; `shortcut`: stands for a folder of another drive. */
  readonly kind: "file" | "folder" | "package" | "shortcut";
  readonly name: string;
  /** Null for the root alone. */
  readonly parentId: string | null;
  /** Where it lay before its latest move; null: it never moved. */
  readonly formerParentId: string | null;
  /** Part of its tags. */
  readonly guid: string;
  /** Rises with every change of the item. */
  readonly eTagCount: number;
  /** Rises with every change of its content. */
  readonly cTagCount: number;
  /** The service's own instants, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** What clients said of it (`fileSystemInfo`), in whole seconds. */
  readonly clientCreatedAt: number;
  readonly clientModifiedAt: number;
  /** Oldest first, the last is the current one; empty for everything that is no file. */
  readonly versions: readonly Version[];
  /** What a shortcut stands for; null for all others. */
  readonly target: { readonly driveId: string; readonly itemId: string } | null;
  readonly trouble: Trouble;
}

export interface Version {
  /** `1.0`, `2.0`, ... */
  readonly id: string;
  readonly blob: Blob;
  readonly mimeType: string;
  readonly modifiedAt: number;
}

/** What keeps people from an item. */
export interface Trouble {
  /** Open in an Office app, or checked out: nobody else may write. */
  readonly locked?: boolean;
  readonly malware?: boolean;
  /** Hashes are not computed (yet). */
  readonly noHashes?: boolean;
  /** A photo with a video: size and hash are of both, a download is the photo alone. */
  readonly livePhoto?: boolean;
}

/** The current version of a file. */
export function headOf(item: Item): Version | undefined {
  return item.versions.at(-1);
}

/** Whole seconds, which is all that the service keeps of a client's times. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** The tags of an item, quotes included, as JSON and headers have them. */
export function tagsOf(item: Item): { eTag: string; cTag: string } {
  return {
    eTag: `"{${item.guid}},${item.eTagCount}"`,
    cTag: `"c:{${item.guid}},${item.cTagCount}"`,
  };
}
