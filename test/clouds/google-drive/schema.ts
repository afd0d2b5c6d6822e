import { fieldsOf, type Mask } from "./fields.ts";

/** The fields of Drive v3's resources (Drive API reference, revision 2026), and what comes unasked. */

const user = fieldsOf("kind displayName photoLink me permissionId emailAddress");

const capabilities = fieldsOf(
  "canAcceptOwnership canAddChildren canAddMyDriveParent canChangeCopyRequiresWriterPermission " +
    "canComment canCopy canDelete canDownload canEdit canListChildren canModifyContent " +
    "canMoveChildrenWithinDrive canMoveItemWithinDrive canReadRevisions canRemoveChildren " +
    "canRemoveMyDriveParent canRename canShare canTrash canUntrash",
);

const file = fieldsOf(
  "kind id name mimeType description starred trashed explicitlyTrashed parents properties " +
    "appProperties spaces version webContentLink webViewLink iconLink hasThumbnail thumbnailLink " +
    "thumbnailVersion viewedByMe viewedByMeTime createdTime modifiedTime modifiedByMe " +
    "modifiedByMeTime sharedWithMeTime shared ownedByMe viewersCanCopyContent writersCanShare " +
    "copyRequiresWriterPermission permissionIds permissions folderColorRgb originalFilename " +
    "fullFileExtension fileExtension md5Checksum sha1Checksum sha256Checksum size quotaBytesUsed " +
    "headRevisionId isAppAuthorized exportLinks driveId teamDriveId resourceKey trashedTime " +
    "hasAugmentedPermissions contentRestrictions imageMediaMetadata videoMediaMetadata labelInfo " +
    "linkShareMetadata downloadRestrictions inheritedPermissionsDisabled clientEncryptionDetails",
  {
    capabilities,
    owners: user,
    sharingUser: user,
    lastModifyingUser: user,
    trashingUser: user,
    shortcutDetails: fieldsOf("targetId targetMimeType targetResourceKey"),
  },
);

/** The names of all fields of a file. */
export const fileFields: ReadonlySet<string> = new Set(Object.keys(file));

const revision = fieldsOf(
  "kind id mimeType modifiedTime keepForever published publishedLink publishAuto " +
    "publishedOutsideDomain originalFilename md5Checksum size exportLinks",
  { lastModifyingUser: user },
);

const about = fieldsOf(
  "kind importFormats exportFormats maxImportSizes maxUploadSize appInstalled folderColorPalette " +
    "driveThemes teamDriveThemes canCreateDrives canCreateTeamDrives",
  { user, storageQuota: fieldsOf("limit usage usageInDrive usageInDriveTrash") },
);

const change = fieldsOf(
  "kind changeType type time removed fileId driveId teamDriveId drive teamDrive",
  {
    file,
  },
);

const driveFields = fieldsOf("kind id name");
const shortFile = fieldsOf("kind id name mimeType resourceKey");
const shortRevision = fieldsOf("kind id mimeType modifiedTime");

/** What one kind of answer may hold, and what it holds when the request has no `fields`. */
export interface Answer {
  readonly schema: Mask;
  readonly unasked: Mask;
}

/** Answers by resource. A mask that names no `nextPageToken` gets none, and paging ends unseen. */
export const answers = {
  about: { schema: about, unasked: true },
  file: { schema: file, unasked: shortFile },
  fileList: {
    schema: fieldsOf("kind nextPageToken incompleteSearch", { files: file }),
    unasked: fieldsOf("kind nextPageToken incompleteSearch", { files: shortFile }),
  },
  drive: { schema: driveFields, unasked: driveFields },
  driveList: {
    schema: fieldsOf("kind nextPageToken", { drives: driveFields }),
    unasked: fieldsOf("kind nextPageToken", { drives: driveFields }),
  },
  generatedIds: { schema: fieldsOf("kind space ids"), unasked: true },
  startPageToken: { schema: fieldsOf("kind startPageToken"), unasked: true },
  changeList: {
    schema: fieldsOf("kind nextPageToken newStartPageToken", { changes: change }),
    unasked: fieldsOf("kind nextPageToken newStartPageToken", {
      changes: fieldsOf("kind changeType type time removed fileId", { file: shortFile }),
    }),
  },
  revision: { schema: revision, unasked: shortRevision },
  revisionList: {
    schema: fieldsOf("kind nextPageToken", { revisions: revision }),
    unasked: fieldsOf("kind nextPageToken", { revisions: shortRevision }),
  },
} as const satisfies Record<string, Answer>;
