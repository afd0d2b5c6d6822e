import { accessOf } from "./access.ts";
import type { Drive } from "./drive.ts";
import { exportFormats, extensionOf } from "./formats.ts";
import { type DriveItem, headOf, isFolder, quotaBytes, type Revision } from "./item.ts";

/** The signed-in user. */
export interface User {
  readonly email: string;
  readonly displayName: string;
  readonly permissionId: string;
}

/** Where and for whom resources are written. */
export interface View {
  readonly drive: Drive;
  readonly user: User;
  readonly clientId: string;
  readonly origin: string;
}

/** A `User` resource. */
export function userResource(user: User, me = true): object {
  return {
    kind: "drive#user",
    displayName: user.displayName,
    me,
    permissionId: user.permissionId,
    emailAddress: user.email,
  };
}

const stranger: User = {
  displayName: "Somebody Else",
  email: "somebody@example.org",
  permissionId: "09876543210987654321",
};

/** An instant as Drive writes it: RFC 3339 with milliseconds, UTC. */
export function time(instant: number): string {
  return new Date(instant).toISOString();
}

/** A `File` resource with all the fields that this item has; hashes are computed when read. */
export function fileResource(view: View, item: DriveItem): object {
  const { drive } = view;
  return lazily(
    {
      kind: "drive#file",
      id: item.id,
      name: item.name,
      mimeType: item.mimeType,
      ...(item.description === null ? {} : { description: item.description }),
      starred: item.starred,
      trashed: drive.isTrashed(item),
      explicitlyTrashed: item.trashed,
      ...(item.parent === null ? {} : { parents: [item.parent] }),
      ...propertyFields(view, item),
      spaces: ["drive"],
      version: String(item.version),
      ...timeFields(item),
      ...peopleFields(view, item),
      ...linkFields(view, item),
      quotaBytesUsed: String(quotaBytes(item)),
      ...shortcutFields(drive, item),
      ...(item.documentBytes === null ? {} : { size: String(item.documentBytes) }),
    },
    headOf(item),
    (head) => blobFields(item, head),
  );
}

/** Adds fields that are only computed when read. */
function lazily(
  resource: object,
  head: Revision | undefined,
  fields: (head: Revision) => Readonly<Record<string, () => string | undefined>>,
): object {
  if (head === undefined) return resource;
  for (const [name, get] of Object.entries(fields(head))) {
    Object.defineProperty(resource, name, { enumerable: true, get });
  }
  return resource;
}

function blobFields(
  item: DriveItem,
  head: Revision,
): Readonly<Record<string, () => string | undefined>> {
  const { onlyMd5 = false } = item.trouble;
  const extension = extensionOf(item.name) ?? undefined;
  return {
    size: () => String(head.content.sizeBytes),
    md5Checksum: () => head.hashes.md5,
    sha1Checksum: () => (onlyMd5 ? undefined : head.hashes.sha1),
    sha256Checksum: () => (onlyMd5 ? undefined : head.hashes.sha256),
    headRevisionId: () => head.id,
    originalFilename: () => item.originalFilename ?? item.name,
    fileExtension: () => extension,
    fullFileExtension: () => extension,
  };
}

function propertyFields({ clientId }: View, item: DriveItem): object {
  const own = item.appProperties[clientId] ?? {};
  return {
    ...(Object.keys(item.properties).length === 0 ? {} : { properties: item.properties }),
    ...(Object.keys(own).length === 0 ? {} : { appProperties: own }),
  };
}

function timeFields(item: DriveItem): object {
  return {
    createdTime: time(item.createdAt),
    modifiedTime: time(item.modifiedAt),
    modifiedByMe: item.role === "owner",
    ...(item.role === "owner" ? { modifiedByMeTime: time(item.modifiedAt) } : {}),
    viewedByMe: item.viewedAt !== null,
    ...(item.viewedAt === null ? {} : { viewedByMeTime: time(item.viewedAt) }),
    ...(item.sharedAt === null ? {} : { sharedWithMeTime: time(item.sharedAt) }),
  };
}

function peopleFields({ user, drive }: View, item: DriveItem): object {
  const shared = drive.sharedDriveOf(item);
  const rights = { capabilities: capabilities(drive, item) };
  // Nobody owns what is in a shared drive: `ownedByMe` and `owners` are not there (Drive API reference, `files`).
  if (shared !== null)
    return { driveId: shared.id, teamDriveId: shared.id, shared: true, ...rights };
  const mine = item.role === "owner";
  const owner = mine ? userResource(user) : userResource(stranger, false);
  return {
    ownedByMe: mine,
    shared: !mine,
    owners: [owner],
    lastModifyingUser: owner,
    ...(item.sharedAt === null ? {} : { sharingUser: userResource(stranger, false) }),
    ...rights,
  };
}

function capabilities(drive: Drive, item: DriveItem): object {
  const { edit: writes, move, trash, remove } = accessOf(drive, item);
  const folder = isFolder(item);
  return {
    canAddChildren: folder && writes,
    canCopy: !folder,
    canDelete: remove,
    canDownload: headOf(item) !== undefined,
    canEdit: writes,
    canListChildren: folder && !item.limited,
    canModifyContent: writes,
    canMoveChildrenWithinDrive: folder && writes,
    canMoveItemWithinDrive: move,
    canReadRevisions: writes,
    canRemoveChildren: folder && writes,
    canRename: writes && item.parent !== null,
    canShare: writes,
    canTrash: trash,
    canUntrash: trash,
  };
}

function linkFields({ origin }: View, item: DriveItem): object {
  const { id, mimeType } = item;
  const formats = exportFormats[mimeType];
  const exportLink = (format: string) =>
    `${origin}/feeds/download/documents/export/Export?id=${id}&exportFormat=${format}`;
  return {
    webViewLink: `https://drive.google.com/file/d/${id}/view?usp=drivesdk`,
    ...(headOf(item) === undefined
      ? {}
      : { webContentLink: `https://drive.google.com/uc?id=${id}&export=download` }),
    ...(formats === undefined
      ? {}
      : { exportLinks: Object.fromEntries(formats.map((type) => [type, exportLink(type)])) }),
  };
}

/** A dangling shortcut keeps its target's id; the target's type is unknown then. */
function shortcutFields(drive: Drive, item: DriveItem): object {
  if (item.shortcutTarget === null) return {};
  const target = drive.find(item.shortcutTarget);
  return {
    shortcutDetails: {
      targetId: item.shortcutTarget,
      ...(target === undefined ? {} : { targetMimeType: target.mimeType }),
    },
  };
}

/** A `Revision` resource. */
export function revisionResource(revision: Revision): object {
  return {
    kind: "drive#revision",
    id: revision.id,
    mimeType: revision.mimeType,
    modifiedTime: time(revision.modifiedAt),
    keepForever: revision.keepForever,
    published: false,
    ...(revision.originalFilename === null ? {} : { originalFilename: revision.originalFilename }),
    get md5Checksum() {
      return revision.hashes.md5;
    },
    size: String(revision.content.sizeBytes),
  };
}
