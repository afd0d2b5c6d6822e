import { accessOf } from "./access.ts";
import type { Blob } from "./blob.ts";
import { type ContentRequest, contentFields } from "./content-fields.ts";
import type { Drive } from "./drive.ts";
import { badRequest, DriveError, fieldNotWritable, noPermission, notFound } from "./errors.ts";
import { type DriveItem, isFolder, isGoogleType, shortcutType } from "./item.ts";
import type { Metadata } from "./metadata.ts";
import { checkCreate, checkDelete, checkParent, checkTrash, checkWriter } from "./rules.ts";

/** Changes as the API's callers may make them: rules first, then the drive. All throw `DriveError`. */

export interface EditOptions extends ContentRequest {
  /** The calling app: `appProperties` are its own. */
  readonly clientId: string;
  /** Whether the request reaches into shared drives. */
  readonly allDrives: boolean;
  readonly addParents?: readonly string[];
  readonly removeParents?: readonly string[];
}

/** Creates a file, with bytes or (blob null) without. */
export function createFile(
  drive: Drive,
  metadata: Metadata,
  blob: Blob | null,
  options: EditOptions,
): DriveItem {
  checkCreate(drive, metadata);
  const parent = drive.get(metadata.parents?.[0] ?? "root");
  const isShared = drive.sharedDriveOf(parent) !== null;
  if (isShared && !options.allDrives) throw notFound(parent.id);
  const name = metadata.name ?? "Untitled";
  const target = { name, mimeType: metadata.mimeType ?? null, revisions: [] };
  return drive.insert({
    ...plainFields(metadata, options, null),
    ...contentFields(drive, target, metadata, blob, options),
    ...(metadata.id === undefined ? {} : { id: metadata.id }),
    name,
    parent: parent.id,
    // What is in a shared drive belongs to the drive.
    ...(isShared ? { role: "writer" } : {}),
    createdAt: metadata.createdTime ?? drive.now(),
    modifiedAt: metadata.modifiedTime ?? drive.now(),
    shortcutTarget: metadata.shortcutDetails?.targetId ?? null,
  });
}

/** Changes a file's metadata, folder, bytes, or all at once. */
export function updateFile(
  drive: Drive,
  id: string,
  metadata: Metadata,
  blob: Blob | null,
  options: EditOptions,
): DriveItem {
  const item = drive.get(id);
  checkUpdate(drive, item, metadata, blob !== null);
  const parent = parentAfter(drive, item, options);
  if (parent !== item.parent) checkMove(drive, item, parent);
  const target = { ...item, mimeType: metadata.mimeType ?? item.mimeType };
  const moves = parent !== item.parent || (metadata.name ?? item.name) !== item.name;
  const touched = blob !== null || (moves && drive.behaviour.renameSetsModifiedTime);
  return drive.update(item.id, {
    ...plainFields(metadata, options, item),
    ...(blob === null ? {} : contentFields(drive, target, metadata, blob, options)),
    parent,
    modifiedAt: metadata.modifiedTime ?? (touched ? drive.now() : item.modifiedAt),
  });
}

/** Whether this update is allowed at all, before any byte of it arrives. */
export function checkUpdate(
  drive: Drive,
  item: DriveItem,
  metadata: Metadata,
  hasBlob: boolean,
): void {
  if (item.id === drive.rootId) throw noPermission();
  const isDriveRoot = drive.sharedDrives.has(item.id);
  if (isDriveRoot) throw noPermission();
  checkWriter(drive, item);
  if (metadata.trashed !== undefined && metadata.trashed !== item.trashed) checkTrash(drive, item);
  const { mimeType = item.mimeType } = metadata;
  const converts = isGoogleType(item.mimeType) !== isGoogleType(mimeType);
  if (mimeType !== item.mimeType && (!hasBlob || converts)) {
    throw fieldNotWritable("The MIME type only changes together with the content.");
  }
}

/** Copies a blob or a document; folders can't be copied. */
export function copyFile(
  drive: Drive,
  id: string,
  metadata: Metadata,
  options: EditOptions,
): DriveItem {
  const source = drive.get(id);
  if (isFolder(source) || source.mimeType === shortcutType) {
    throw new DriveError(403, "cannotCopyFile", "This file cannot be copied by the user.");
  }
  const copied: Metadata = {
    ...metadata,
    name: metadata.name ?? `Copy of ${source.name}`,
    mimeType: metadata.mimeType ?? source.mimeType,
    parents: metadata.parents ?? [source.parent ?? drive.rootId],
  };
  const copy = createFile(drive, copied, source.revisions.at(-1) ?? null, options);
  return source.documentBytes === null
    ? copy
    : drive.update(copy.id, { documentBytes: source.documentBytes });
}

/** Deletes for good, past the trash, with all that lies below. */
export function deleteFile(drive: Drive, id: string): void {
  const item = drive.get(id);
  if (item.id === drive.rootId) throw noPermission();
  checkDelete(drive, item);
  drive.remove(item.id);
}

function plainFields(
  metadata: Metadata,
  { clientId }: EditOptions,
  former: DriveItem | null,
): Partial<DriveItem> {
  const { name, starred, trashed, description } = metadata;
  const own = former?.appProperties[clientId] ?? {};
  return {
    ...(name === undefined ? {} : { name }),
    ...(starred === undefined ? {} : { starred }),
    ...(trashed === undefined ? {} : { trashed }),
    ...(description === undefined ? {} : { description }),
    ...(metadata.viewedByMeTime === undefined ? {} : { viewedAt: metadata.viewedByMeTime }),
    properties: patched(former?.properties ?? {}, metadata.properties, 100),
    appProperties: {
      ...former?.appProperties,
      [clientId]: patched(own, metadata.appProperties, 30),
    },
  };
}

function patched(
  former: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>> = {},
  limit: number,
): Record<string, string> {
  const after: Record<string, string> = { ...former };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete after[key];
    else after[key] = value;
  }
  if (Object.keys(after).length > limit) throw badRequest(`More than ${limit} properties.`);
  return after;
}

/** Where the item lies after `removeParents` and `addParents`; one that loses its folder lands in the root. */
function parentAfter(
  drive: Drive,
  item: DriveItem,
  { addParents = [], removeParents = [] }: EditOptions,
): string | null {
  const idOf = (id: string) => drive.get(id).id;
  const parents = new Set(item.parent === null ? [] : [item.parent]);
  for (const id of removeParents) parents.delete(idOf(id));
  for (const id of addParents) parents.add(idOf(id));
  if (parents.size > 1) {
    throw new DriveError(403, "cannotAddParent", "Increasing the number of parents is not allowed");
  }
  return [...parents][0] ?? (item.parent === null ? null : drive.rootId);
}

function checkMove(drive: Drive, item: DriveItem, parent: string | null): void {
  if (item.parent === null || parent === null) throw noPermission();
  if (!accessOf(drive, item).move) throw noPermission();
  checkWriter(drive, drive.get(item.parent));
  checkParent(drive, drive.get(parent), item);
}
