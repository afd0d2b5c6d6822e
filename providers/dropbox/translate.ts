import type { files } from "dropbox";
import type { Entry, ItemId, Native, Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { NameRules } from "../../src/core/names.ts";
import type { Version } from "../../src/core/provider.ts";

/** A file or folder in any of Dropbox's answers; `.tag` is only there where both could be. */
export type Described = files.FileMetadata | files.FolderMetadata;

/** The account's root, which has no id of its own. */
export const rootId = "/" as ItemId;

const folderFacts = {
  kind: "folder",
  sizeBytes: null,
  revision: null,
  hashes: {},
  modifiedAt: null,
  createdAt: null,
} as const;

/** The root folder: get_metadata refuses it (Dropbox docs: "the root folder is unsupported"). */
export const rootEntry: Entry = { id: rootId, parent: null, name: "", ...folderFacts };

/**
 * What Dropbox does with names. Dropbox help, "file names": no `/` and `\`; 255 characters; the reserved
 * ones are refused by the service or left alone by its desktop clients.
 */
export const nameRules: NameRules = {
  caseSensitive: false,
  unicode: "nfc",
  duplicates: false,
  maxLength: { unit: "utf16", limit: 255 },
  forbidden: ["/", "\\", "\0", "\x7f"],
  blankEdges: { leading: true, trailing: false },
  reserved: [
    "desktop.ini",
    "thumbs.db",
    ".ds_store",
    "icon\r",
    ".dropbox",
    ".dropbox.attr",
    ".dropbox.cache",
    "~$*",
    ".~*",
    "~*.tmp",
  ],
};

/** Why Dropbox can't hold an item of this name; null when it can. */
export function nameObjection(name: string): string | null {
  if (name === "" || name === "." || name === "..") return "no name";
  if (nameRules.forbidden.some((character) => name.includes(character)))
    return "holds a character that dropbox refuses";
  if (name.endsWith(" ")) return "ends with a blank";
  return name.normalize("NFC").length > 255 ? "longer than 255 characters" : null;
}

/** The entry for what Dropbox describes; `unexpected` when a field that it always had is missing. */
export function toEntry(metadata: Described, parent: ItemId | null): Entry {
  const common = { id: text(metadata, "id") as ItemId, parent, name: text(metadata, "name") };
  if (!isFile(metadata)) {
    const { shared_folder_id: shared, no_access: isClosed } = metadata.sharing_info ?? {};
    return { ...common, ...folderFacts, ...((shared || isClosed) && { foreign: true as const }) };
  }
  const native = nativeOf(metadata);
  const hash = metadata.content_hash;
  return {
    ...common,
    kind: native ? "native" : "file",
    sizeBytes: native ? null : count(metadata, "size"),
    revision: text(metadata, "rev") as Revision,
    hashes: native || hash === undefined ? {} : { dropbox: hash },
    modifiedAt: instant(metadata, "client_modified"),
    createdAt: null,
    ...(native && { native }),
  };
}

/** One of the revisions that list_revisions answers. */
export function toVersion(metadata: files.FileMetadata): Version {
  return {
    revision: text(metadata, "rev") as Revision,
    sizeBytes: count(metadata, "size"),
    hashes: metadata.content_hash === undefined ? {} : { dropbox: metadata.content_hash },
    modifiedAt: instant(metadata, "client_modified"),
  };
}

/** Whether it is a file, in answers with and without `.tag`. */
export function isFile(metadata: Described): metadata is files.FileMetadata {
  return "rev" in metadata;
}

/** The time in the only form that Dropbox takes: UTC, whole seconds (fractions are refused with 400). */
export function toTimestamp(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}

/** `md` for Dropbox's `markdown`: its export formats as file extensions. */
export function formatOf(extension: string): string {
  return formats.find(([, known]) => known === extension)?.[0] ?? extension;
}

const formats: readonly (readonly [string, string])[] = [
  ["markdown", "md"],
  ["plain_text", "txt"],
];

const typeByExtension: Readonly<Record<string, string>> = {
  paper: "paper",
  papert: "paper-template",
  gdoc: "document",
  gsheet: "spreadsheet",
  gslides: "presentation",
};

function nativeOf(metadata: files.FileMetadata): Native | null {
  if (metadata.symlink_info !== undefined) return { type: "symlink", exports: [] };
  if (metadata.is_downloadable !== false) return null;
  const { export_as, export_options = [] } = metadata.export_info ?? {};
  const offered = [...(export_as === undefined ? [] : [export_as]), ...export_options];
  const exports = offered.map((format) => formats.find(([name]) => name === format)?.[1] ?? format);
  const extension = /\.([^.]+)$/.exec(metadata.name)?.[1]?.toLowerCase() ?? "";
  return { type: typeByExtension[extension] ?? "paper", exports: [...new Set(exports)] };
}

function text<Field extends string>(metadata: Partial<Record<Field, unknown>>, field: Field) {
  const value = metadata[field];
  if (typeof value === "string" && value !== "") return value;
  throw missing(metadata, field);
}

function count<Field extends string>(metadata: Partial<Record<Field, unknown>>, field: Field) {
  const value = metadata[field];
  if (typeof value === "number" && value >= 0) return value;
  throw missing(metadata, field);
}

function instant<Field extends string>(metadata: Partial<Record<Field, unknown>>, field: Field) {
  const value = new Date(text(metadata, field));
  if (!Number.isNaN(value.getTime())) return value;
  throw missing(metadata, field);
}

function missing(metadata: object, field: string): ProviderError {
  const answer = JSON.stringify(metadata).slice(0, 300);
  return new ProviderError("unexpected", `dropbox: an answer without a usable ${field}: ${answer}`);
}
