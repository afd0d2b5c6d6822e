import type { Tagged } from "./errors.ts";
import type { FileItem, FolderItem, Item, Revision } from "./item.ts";
import { nameOf, type Path } from "./paths.ts";

/** Dropbox docs: Metadata, with the tag that says which of its kinds it is. */
export function metadataOf(item: Item): Tagged {
  return {
    ".tag": item.kind,
    ...(item.kind === "file" ? fileMetadata(item) : folderMetadata(item)),
  };
}

/** Dropbox docs: FileMetadata, as where the result can be nothing else. */
export function fileMetadata(file: FileItem | Revision): Readonly<Record<string, unknown>> {
  const { version } = file;
  const { exports } = version;
  return {
    ...place(file),
    id: file.id,
    client_modified: timestampOf(version.clientModified),
    server_modified: timestampOf(version.serverModified),
    rev: version.rev,
    size: exports === null ? version.content.sizeBytes : 0,
    is_downloadable: exports === null,
    ...(exports === null
      ? { content_hash: version.contentHash }
      : { export_info: { export_as: exports.as, export_options: [...exports.formats.keys()] } }),
  };
}

/** Dropbox docs: FolderMetadata: no time, no rev, no size. */
export function folderMetadata(folder: FolderItem): Readonly<Record<string, unknown>> {
  const { mount } = folder;
  if (mount === undefined) return { ...place(folder), id: folder.id };
  const { sharedFolderId: shared_folder_id, readOnly: read_only, noAccess: no_access } = mount;
  const sharing_info = { read_only, shared_folder_id, traverse_only: false, no_access };
  return { ...place(folder), id: folder.id, sharing_info };
}

/** Dropbox docs: DeletedMetadata: neither id nor kind. */
export function deletedMetadata(path: Path): Tagged {
  return { ".tag": "deleted", ...place(path) };
}

/** `%Y-%m-%dT%H:%M:%SZ` */
export function timestampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function place({ display, lower }: Path): Readonly<Record<string, unknown>> {
  return { name: nameOf(display), path_lower: lower, path_display: display };
}
