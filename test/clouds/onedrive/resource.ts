import { driveById, siteId } from "./address.ts";
import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { headOf, type Item, tagsOf } from "./item.ts";

/** All properties of a driveItem that this service knows; `$select` takes them. */
export const itemProperties: ReadonlySet<string> = new Set(
  (
    "@microsoft.graph.downloadUrl content.downloadUrl createdBy createdDateTime cTag deleted eTag file fileSystemInfo " +
    "folder id lastModifiedBy lastModifiedDateTime malware name package parentReference remoteItem root shared size " +
    "specialFolder webUrl"
  ).split(" "),
);

export interface ResourceOptions {
  readonly select?: ReadonlySet<string> | null;
  /** In delta: no paths, and on personal drives no counts. */
  readonly inDelta?: boolean;
}

/** A driveItem as JSON (Graph docs: "driveItem resource type"). */
export function itemResource(
  context: Context,
  drive: Drive,
  item: Item,
  { select = null, inDelta = false }: ResourceOptions = {},
): object {
  const { eTag, cTag } = tagsOf(item);
  const by = { user: { id: context.user.id, displayName: context.user.displayName } };
  const whole = {
    id: item.id,
    name: item.name,
    size: drive.sizeOf(item),
    eTag,
    ...(item.kind === "folder" ? folderTag(drive, item) : { cTag }),
    createdDateTime: isoSeconds(item.createdAt),
    lastModifiedDateTime: isoSeconds(item.modifiedAt),
    createdBy: by,
    lastModifiedBy: by,
    webUrl: `https://onedrive.example/${encodeURIComponent(item.id)}`,
    parentReference: parentReference(drive, item, inDelta),
    fileSystemInfo: {
      createdDateTime: isoSeconds(item.clientCreatedAt),
      lastModifiedDateTime: isoSeconds(item.clientModifiedAt),
    },
    ...facets(context, drive, item, inDelta),
  };
  return pick(whole, select);
}

/** Only the selected properties. */
function pick(whole: object, select: ReadonlySet<string> | null): object {
  if (select === null) return whole;
  const wanted = select.has("content.downloadUrl")
    ? new Set([...select, "@microsoft.graph.downloadUrl"])
    : select;
  return Object.fromEntries(Object.entries(whole).filter(([name]) => wanted.has(name)));
}

/** Work drives give none for folders. */
function folderTag(drive: Drive, item: Item): object {
  if (drive.type !== "personal") return {};
  return { cTag: `"c:{${item.guid}},${drive.contentCountOf(item)}"` };
}

/** Where a folder's children say that they lie. */
function parentReference(drive: Drive, item: Item, inDelta: boolean): object {
  const base = {
    driveType: drive.type,
    driveId: drive.id,
    ...(drive.type === "documentLibrary" ? { siteId } : {}),
  };
  const [parent, ...above] = drive.ancestors(item);
  if (parent === undefined) return item.parentId === null ? base : { ...base, id: item.parentId };
  const names = [parent, ...above]
    .toReversed()
    .slice(1)
    .map(({ name }) => encodeURIComponent(name));
  const path = `/drives/${drive.id}/root:${names.map((name) => `/${name}`).join("")}`;
  return { ...base, id: parent.id, name: parent.name, ...(inDelta ? {} : { path }) };
}

function facets(context: Context, drive: Drive, item: Item, inDelta: boolean): object {
  switch (item.kind) {
    case "file":
      return { ...fileFacets(context, drive, item) };
    case "folder":
      return {
        folder: {
          childCount: inDelta && drive.type === "personal" ? 0 : drive.countChildren(item.id),
        },
        ...(item.parentId === null ? { root: {} } : {}),
      };
    case "package":
      return { package: { type: "oneNote" } };
    case "shortcut":
      return { remoteItem: remoteItem(context, item) };
  }
}

function fileFacets(context: Context, drive: Drive, item: Item): object {
  const head = headOf(item);
  if (head === undefined) return {};
  const { malware = false } = item.trouble;
  const isFresh = context.now() < head.modifiedAt + context.choices.hashMs;
  const noHashes = item.trouble.noHashes === true || isFresh;
  const { quickXor, sha1, sha256 } = noHashes
    ? { quickXor: "", sha1: "", sha256: "" }
    : head.blob.hashes;
  const old = drive.type === "personal" && context.choices.oldHashes;
  const hashes = { quickXorHash: quickXor, ...(old ? { sha1Hash: sha1, sha256Hash: sha256 } : {}) };
  return {
    ...(malware ? { malware: { description: "A virus was found." } } : {}),
    "@microsoft.graph.downloadUrl": context.links.create(drive.id, item.id, head.id),
    file: { mimeType: head.mimeType, ...(noHashes ? {} : { hashes }) },
  };
}

function remoteItem(context: Context, { target }: Item): object {
  const drive = driveById(context, target?.driveId ?? "");
  const item = drive?.find(target?.itemId ?? "");
  if (drive === undefined || item === undefined) return { id: target?.itemId };
  const short = drive.type === "personal" && context.choices.shortDriveIds;
  const driveId = short ? drive.id.replace(/^0/, "") : drive.id;
  return {
    id: item.id,
    name: item.name,
    size: drive.sizeOf(item),
    folder: { childCount: drive.countChildren(item.id) },
    fileSystemInfo: {
      createdDateTime: isoSeconds(item.clientCreatedAt),
      lastModifiedDateTime: isoSeconds(item.clientModifiedAt),
    },
    parentReference: {
      driveId,
      driveType: drive.type,
      ...(item.parentId === null ? {} : { id: item.parentId }),
    },
  };
}

/**
 * What delta tells of an item that is gone: less on each kind of drive, in its own way. A `$select` without `deleted`
 * hides that it is (wisecom-oy/atlas pull request 145).
 */
export function tombstone(
  context: Context,
  drive: Drive,
  item: Item,
  select: ReadonlySet<string> | null,
): object {
  const personal = drive.type === "personal";
  const kind = item.kind === "folder" ? { folder: {} } : item.kind === "file" ? { file: {} } : {};
  if (context.choices.tombstones === "bare") {
    return pick({ id: item.id, deleted: { state: "deleted" } }, select);
  }
  const whole = {
    id: item.id,
    ...(personal ? { name: item.name } : { size: 0 }),
    parentReference: {
      driveType: drive.type,
      driveId: drive.id,
      ...(item.parentId === null ? {} : { id: item.parentId }),
    },
    ...kind,
    deleted: { state: "deleted" },
  };
  return pick(whole, select);
}

/** An instant as the service writes it: whole seconds. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
