import type {
  Change,
  Entry,
  Hashes,
  ItemId,
  Kind,
  Revision,
  TreeView,
} from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";

/** What Graph says of a file, folder, notebook or shortcut; fields that don't apply are absent. */
export interface DriveItem {
  readonly id?: string;
  readonly name?: string;
  readonly size?: number;
  readonly eTag?: string;
  readonly cTag?: string;
  readonly createdDateTime?: string;
  readonly lastModifiedDateTime?: string;
  readonly parentReference?: {
    readonly id?: string;
    readonly driveId?: string;
    readonly driveType?: string;
  };
  readonly fileSystemInfo?: {
    readonly createdDateTime?: string;
    readonly lastModifiedDateTime?: string;
  };
  readonly file?: {
    readonly hashes?: {
      readonly quickXorHash?: string;
      readonly sha1Hash?: string;
      readonly sha256Hash?: string;
    };
  };
  readonly folder?: object;
  readonly package?: { readonly type?: string };
  readonly remoteItem?: object;
  readonly root?: object;
  readonly deleted?: object;
  readonly malware?: object;
  /** Only where no `$select` leaves it out; good for minutes, and for anybody. */
  readonly "@microsoft.graph.downloadUrl"?: string;
}

/** All that `toEntry` and the feed read. */
export const itemFields =
  "id,name,size,eTag,cTag,createdDateTime,lastModifiedDateTime,parentReference,fileSystemInfo," +
  "file,folder,package,remoteItem,root,deleted,malware";

/** The item as Syncline speaks of it. `unexpected` when a field is missing that Graph always sends. */
export function toEntry(item: DriveItem): Entry {
  const kind = kindOf(item);
  const isRoot = item.root !== undefined;
  return {
    id: idOf(item),
    parent: isRoot ? null : ((item.parentReference?.id ?? null) as ItemId | null),
    name: isRoot ? "" : nameOf(item),
    kind,
    sizeBytes: kind === "file" ? sizeOf(item) : null,
    revision: kind === "folder" ? null : revisionOf(item),
    hashes: kind === "file" ? hashesOf(item) : {},
    modifiedAt: toDate(item.fileSystemInfo?.lastModifiedDateTime ?? item.lastModifiedDateTime),
    createdAt: toDate(item.fileSystemInfo?.createdDateTime ?? item.createdDateTime),
    ...(kind === "native" && { native: { type: typeOf(item), exports: [] } }),
  };
}

/** What an item of the feed says; a deleted one may have nothing but its id. */
export function toChange(item: DriveItem, tree: Pick<TreeView, "get">): Change {
  const id = idOf(item);
  if (item.deleted) return { type: "gone", id };
  return { type: "put", entry: toKnownEntry(item, tree.get(id)) };
}

/**
 * Size and hash name the content: of all that Graph tells they alone change with it and never without it,
 * are in every answer (delta of Business leaves the cTag out, a rename changes the eTag), and can be found
 * again in the version history, which has neither tag. Where there is no hash, the cTag stands in.
 */
export function revisionOf(item: DriveItem): Revision {
  const hash = item.file?.hashes?.quickXorHash;
  if (hash && item.malware === undefined) return contentRevision(sizeOf(item), hash);
  const [letter, tag] = item.cTag ? ["c", item.cTag] : ["e", item.eTag ?? ""];
  return `${letter}.${tag}` as Revision;
}

/** The revision of bytes of this size and quickXorHash. */
export function contentRevision(sizeBytes: number, quickXor: string): Revision {
  return `${sizeBytes}.${quickXor}` as Revision;
}

/** Size of the content that a revision names; null where it names a tag. */
export function sizeOfRevision(revision: Revision): number | null {
  const digits = /^(\d+)\./.exec(revision)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The hash of the content that a revision names; none where it names a tag. */
export function hashesOfRevision(revision: Revision): Hashes {
  const quickXor = /^\d+\.(.+)/.exec(revision)?.[1];
  return quickXor === undefined ? {} : { quickXor };
}

/** Whether the item's content is this revision: one without a hash, as a fresh item may be, goes by its tag. */
export function isAt(item: DriveItem, revision: Revision | null): boolean {
  const names: readonly (string | null)[] = [revisionOf(item), `c.${item.cTag}`, `e.${item.eTag}`];
  return names.includes(revision);
}

/** To the second, as far as every kind of drive keeps it. */
export function toTimestamp(date: Date): string {
  return new Date(Math.floor(date.getTime() / 1000) * 1000).toISOString().replace(".000", "");
}

/** Office, PDF and HTML files: SharePoint writes properties of its own into them after an upload. */
const rewritten = new Set(
  (
    "doc docm docx dot dotm dotx xls xlsb xlsm xlsx xlt xltm xltx ppt pptm pptx pot potm potx pps ppsm ppsx " +
    "vsd vsdm vsdx one pdf htm html aspx msg"
  ).split(" "),
);

/** Whether the stored file may be other bytes than were sent, and of another size (OneDrive API docs, issue 935). */
export function isRewritten({ name = "", parentReference }: DriveItem): boolean {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const isSharePoint = ["business", "documentLibrary"].includes(parentReference?.driveType ?? "");
  return isSharePoint && rewritten.has(extension);
}

/**
 * The item, of which the mirror knows `known`. What SharePoint writes into a file of itself is nobody's edit:
 * the times that people see stay, and so does the revision. So it does where the hash is yet to come.
 */
export function toKnownEntry(item: DriveItem, known: Entry | null): Entry {
  const entry = toEntry(item);
  const isEdited =
    known?.kind !== "file" ||
    entry.kind !== "file" ||
    known.modifiedAt?.getTime() !== entry.modifiedAt?.getTime() ||
    known.createdAt?.getTime() !== entry.createdAt?.getTime();
  if (isEdited || isAt(item, known.revision)) return entry;
  const { revision } = known;
  if (lacksHash(item) && known.sizeBytes === entry.sizeBytes) return { ...entry, revision };
  return isRewritten(item) ? { ...entry, revision, rewritten: true } : entry;
}

/** A file may have no hash for a while after it was uploaded. */
export function lacksHash({ file }: DriveItem): boolean {
  return !file?.hashes?.quickXorHash;
}

/** One form for the ids of personal drives, whose case and leading zeros vary between answers. */
export function driveIdOf(id: string): string {
  return /^[0-9a-f]{1,16}$/i.test(id) ? id.toLowerCase().padStart(16, "0") : id;
}

/** Malware can't be read; what is neither file nor folder has no bytes. Neither is ever taken for gone. */
function kindOf({ folder, file, root, package: box, remoteItem, malware }: DriveItem): Kind {
  if (box || remoteItem || malware) return "native";
  if (folder || root) return "folder";
  return file ? "file" : "native";
}

function typeOf({ package: box, remoteItem, malware }: DriveItem): string {
  if (remoteItem) return "shortcut";
  if (malware) return "malware";
  return box ? (box.type ?? "package") : "other";
}

function hashesOf({ file }: DriveItem): Hashes {
  const { quickXorHash, sha1Hash, sha256Hash } = file?.hashes ?? {};
  return {
    ...(sha256Hash && { sha256: sha256Hash.toLowerCase() }),
    ...(sha1Hash && { sha1: sha1Hash.toLowerCase() }),
    ...(quickXorHash && { quickXor: quickXorHash }),
  };
}

function idOf({ id }: DriveItem): ItemId {
  if (id) return id as ItemId;
  throw new ProviderError("unexpected", 'onedrive: the answer has an item without "id"');
}

function nameOf({ id, name }: DriveItem): string {
  if (name !== undefined) return name;
  throw new ProviderError("unexpected", `onedrive: the answer has no "name" in item ${id}`);
}

function sizeOf({ id, size }: DriveItem): number {
  if (size !== undefined && Number.isSafeInteger(size)) return size;
  throw new ProviderError("unexpected", `onedrive: size of ${id} is "${size}"`);
}

/** Personal drives once kept milliseconds and no longer do for all: whole seconds compare the same everywhere. */
function toDate(text: string | undefined): Date | null {
  return text ? new Date(Math.floor(Date.parse(text) / 1000) * 1000) : null;
}
