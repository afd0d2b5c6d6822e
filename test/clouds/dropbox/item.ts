import type { Content } from "../kit/content.ts";
import type { Path } from "./paths.ts";

/** One version of a file's content. */
export interface Version {
  readonly rev: string;
  readonly content: Content;
  readonly contentHash: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly clientModified: number;
  readonly serverModified: number;
  /** What a document without bytes of its own can be exported as; null for ordinary files. */
  readonly exports: Exports | null;
}

/** A document that lives inside the service (Paper, Google Docs). */
interface Exports {
  readonly as: string;
  /** The bytes of each format that it can be exported to, `as` among them. */
  readonly formats: ReadonlyMap<string, Content>;
}

/** A file as it is now. */
export interface FileItem extends Path {
  readonly kind: "file";
  readonly id: string;
  readonly version: Version;
}

/** A folder; it has nothing but a name and a place. */
export interface FolderItem extends Path {
  readonly kind: "folder";
  readonly id: string;
  /** Where others' folder is mounted; absent: a folder of one's own. */
  readonly mount?: Mount;
}

/** A shared folder as this account's member of it. */
export interface Mount {
  readonly sharedFolderId: string;
  readonly readOnly: boolean;
  /** Only that it is there may be known. */
  readonly noAccess: boolean;
}

/** Something that exists; never changed, only replaced. */
export type Item = FileItem | FolderItem;

/** A version of a file as it was at a path; kept when the file is gone. */
export interface Revision extends Path {
  readonly id: string;
  readonly version: Version;
}

/** Bytes that count against the quota. */
export function sizeOf(item: Item): number {
  return item.kind === "file" && item.version.exports === null ? item.version.content.sizeBytes : 0;
}
