import type { drive_v3 } from "googleapis/build/src/apis/drive/index.js";
import type {
  Change,
  Entry,
  Hashes,
  ItemId,
  Kind,
  Native,
  Revision,
} from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Version } from "../../src/core/provider.ts";

/** A file, folder or document as the Drive API v3 describes it. */
export type DriveFile = drive_v3.Schema$File;

/** All that `toEntry` reads; without a mask Drive answers with id, name and type only. */
export const fileFields =
  "id,name,mimeType,parents,size,md5Checksum,sha1Checksum,sha256Checksum,headRevisionId," +
  "modifiedTime,createdTime,trashed,ownedByMe,driveId,version,capabilities(canListChildren)";

const nativePrefix = "application/vnd.google-apps.";

/** The type that makes an item a folder. */
export const folderType = `${nativePrefix}folder`;

const officePrefix = "application/vnd.openxmlformats-officedocument.";
const openPrefix = "application/vnd.oasis.opendocument.";

/**
 * What each kind of document can be exported as, by file extension; the usual office format first.
 * Drive docs: "Export MIME types for Google Workspace documents".
 */
const exportTypes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  document: {
    docx: `${officePrefix}wordprocessingml.document`,
    pdf: "application/pdf",
    odt: `${openPrefix}text`,
    rtf: "application/rtf",
    txt: "text/plain",
    epub: "application/epub+zip",
    md: "text/markdown",
  },
  spreadsheet: {
    xlsx: `${officePrefix}spreadsheetml.sheet`,
    pdf: "application/pdf",
    ods: "application/vnd.oasis.opendocument.spreadsheet",
    csv: "text/csv",
    tsv: "text/tab-separated-values",
  },
  presentation: {
    pptx: `${officePrefix}presentationml.presentation`,
    pdf: "application/pdf",
    odp: `${openPrefix}presentation`,
    txt: "text/plain",
  },
  drawing: {
    png: "image/png",
    pdf: "application/pdf",
    svg: "image/svg+xml",
    jpg: "image/jpeg",
  },
};

/** The MIME type to ask for when a native item is exported; null when Drive has no such export. */
export function exportType(native: Native, extension: string): string | null {
  return exportTypes[native.type]?.[extension] ?? null;
}

/**
 * The item as Syncline speaks of it.
 * `unexpected` when a field is missing that Drive always sends if asked for `fileFields`.
 */
export function toEntry(file: DriveFile): Entry {
  const kind = kindOf(file);
  const native = kind === "native" ? { native: nativeOf(file) } : {};
  return {
    id: required(file, "id") as ItemId,
    parent: (file.parents?.[0] ?? null) as ItemId | null,
    name: required(file, "name"),
    kind,
    sizeBytes: kind === "file" ? sizeOf(file) : null,
    revision: revisionOf(file, kind),
    hashes: kind === "file" ? hashesOf(file) : {},
    modifiedAt: toDate(file.modifiedTime),
    createdAt: toDate(file.createdTime),
    ...native,
    // Nobody owns what is in a shared drive: there it is not said.
    ...(file.ownedByMe === false && !file.driveId && { foreign: true as const }),
  };
}

/** What an entry of the change log says. */
export type Told =
  | Change
  /** Deleted for good, or out of this account's sight: Drive does not say which. */
  | { readonly type: "removed"; readonly id: ItemId };

/**
 * What a change entry says in the account that is the shared drive `driveId`, or My Drive where null; null for
 * entries about a shared drive as a whole, which name no item. Trashed is gone: what the trash holds can come
 * back only through another change. So is what lies in another drive now.
 */
export function toChange(change: drive_v3.Schema$Change, driveId: string | null): Told | null {
  if (change.changeType === "drive" || !change.fileId) return null;
  const id = change.fileId as ItemId;
  const lies = change.file?.driveId ?? null;
  const isElsewhere = lies !== null ? lies !== driveId : driveId !== null && change.removed;
  if (change.file && (change.file.trashed || isElsewhere)) return { type: "gone", id };
  if (change.removed) return { type: "removed", id };
  if (!change.file) throw missing("file", `change of ${id}`);
  return { type: "put", entry: toEntry(change.file) };
}

/** The version, or null for one of a document: Drive keeps those but lets nobody read them. */
export function toVersion(revision: drive_v3.Schema$Revision): Version | null {
  if (!revision.id) throw missing("id", "revision");
  if (!revision.md5Checksum && !revision.size) return null;
  return {
    revision: revision.id as Revision,
    sizeBytes: revision.size ? Number(revision.size) : null,
    hashes: hashesOf(revision),
    modifiedAt: toDate(revision.modifiedTime),
  };
}

/**
 * `size` tells nothing, documents have one too; an MD5 comes with bytes and only with bytes
 * (Drive API reference, `files`). Something without an MD5 is never taken for a file by guess.
 */
function kindOf(file: DriveFile): Kind {
  const type = required(file, "mimeType");
  if (type === folderType) return "folder";
  if (file.md5Checksum) return "file";
  return !type.startsWith(nativePrefix) && file.headRevisionId && file.size ? "file" : "native";
}

function nativeOf(file: DriveFile): Native {
  const mimeType = file.mimeType ?? "";
  if (!mimeType.startsWith(nativePrefix)) return { type: "other", exports: [] };
  const type = mimeType.slice(nativePrefix.length).split(".")[0] ?? "";
  return { type, exports: Object.keys(exportTypes[type] ?? {}) };
}

/** Documents have no revision id that follows their content, but each edit moves their time. */
function revisionOf(file: DriveFile, kind: Kind): Revision | null {
  if (kind === "folder") return null;
  if (kind === "native") return (file.modifiedTime ?? null) as Revision | null;
  return (file.headRevisionId ?? file.md5Checksum ?? null) as Revision | null;
}

function hashesOf(
  file: Pick<DriveFile, "md5Checksum" | "sha1Checksum" | "sha256Checksum">,
): Hashes {
  return {
    ...(file.md5Checksum && { md5: file.md5Checksum }),
    ...(file.sha1Checksum && { sha1: file.sha1Checksum }),
    ...(file.sha256Checksum && { sha256: file.sha256Checksum }),
  };
}

function sizeOf(file: DriveFile): number {
  const size = Number(required(file, "size"));
  if (Number.isSafeInteger(size)) return size;
  throw new ProviderError("unexpected", `google-drive: size of ${file.id} is "${file.size}"`);
}

function toDate(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}

function required(file: DriveFile, field: "id" | "name" | "mimeType" | "size"): string {
  const value = file[field];
  if (typeof value === "string") return value;
  throw missing(field, `item ${file.id ?? "without id"}`);
}

function missing(field: string, where: string): ProviderError {
  return new ProviderError("unexpected", `google-drive: the answer has no "${field}" in ${where}`);
}
