import { contentOf, type Generated, readWhole } from "../kit/content.ts";
import { blobOf } from "./blob.ts";
import { type ContentTarget, contentFields } from "./content-fields.ts";
import type { Drive } from "./drive.ts";
import {
  type DriveItem,
  folderType,
  googleType,
  headOf,
  isFolder,
  type Role,
  shortcutType,
  type Trouble,
} from "./item.ts";
import { createMemberships, type Memberships } from "./memberships.ts";

/** What people and other apps do to a drive, past the API and its limits; every step enters the log. */
export interface People extends Memberships {
  readonly rootId: string;
  /** A new file; one of the same name may lie beside it. */
  put(parent: string, name: string, bytes: Given, options?: PutOptions): DriveItem;
  mkdir(parent: string, name: string): DriveItem;
  /** The folder at a path such as `a/b` below the root, made where it is missing. */
  folder(path: string): DriveItem;
  /** A document: no bytes, `sizeBytes` long. `kind`: `document`, `spreadsheet`, `form`, ... */
  createDoc(parent: string, kind: string, name: string, options?: DocOptions): DriveItem;
  shortcut(parent: string, name: string, targetId: string): DriveItem;
  edit(id: string, bytes: Given, options?: PutOptions): DriveItem;
  rename(id: string, name: string): DriveItem;
  move(id: string, parent: string): DriveItem;
  trash(id: string): DriveItem;
  untrash(id: string): DriveItem;
  deleteForever(id: string): void;
  /** Looks at it: the version rises, nothing else that matters. */
  view(id: string): DriveItem;
  setModifiedTime(id: string, at: Date): DriveItem;
  /** A file or (bytes null) folder of somebody else's appears, outside of My Drive. */
  share(name: string, bytes: Given | null, role: Exclude<Role, "owner">): DriveItem;
  /** Somebody else takes it, and all in it, out of this user's reach. */
  unshare(id: string): void;
  setRole(id: string, role: Role): DriveItem;
  /** Makes downloads fail, or hashes be missing. */
  trouble(id: string, trouble: Trouble): DriveItem;
  item(id: string): DriveItem;
  /** The items at a path such as `a/b.txt` below the root, trash left out: names repeat, so any number. */
  at(path: string): readonly DriveItem[];
  read(id: string): Buffer;
  readText(id: string): string;
  /** Everything under the root, folders before what they hold. */
  tree(): readonly TreeEntry[];
}

/** Text, bytes, or bytes to be generated. */
type Given = string | Uint8Array | Generated;

interface PutOptions {
  readonly modifiedTime?: Date;
  readonly mimeType?: string;
}

interface DocOptions {
  readonly modifiedTime?: Date;
  readonly sizeBytes?: number;
}

interface TreeEntry {
  /** Names from the root on, between slashes; a slash inside a name stands as it is. */
  readonly path: string;
  readonly id: string;
  readonly kind: "file" | "folder" | "native";
  readonly sizeBytes: number | null;
  readonly md5: string | null;
  readonly modifiedTime: Date;
  readonly trashed: boolean;
}

/** The people's side of a drive. */
export function createPeople(drive: Drive): People {
  return {
    rootId: drive.rootId,
    ...createMaking(drive),
    ...createChanging(drive),
    ...createSharing(drive),
    ...createMemberships(drive),
    ...createLooking(drive),
  };
}

function createMaking(
  drive: Drive,
): Pick<People, "put" | "mkdir" | "folder" | "createDoc" | "shortcut"> {
  const within = (id: string) => {
    const parent = drive.get(id);
    return { parent: parent.id, role: parent.role };
  };
  const mkdir = (parent: string, name: string) =>
    drive.insert({ name, mimeType: folderType, ...within(parent) });
  return {
    put: (parent, name, bytes, options = {}) =>
      drive.insert({
        ...bytesFields(drive, { name, mimeType: null, revisions: [] }, bytes, options),
        name,
        ...within(parent),
      }),
    mkdir,
    folder: (path) =>
      path.split("/").reduce((parent, name) => {
        const known = drive
          .children(parent.id)
          .find((child) => child.name === name && isFolder(child) && !child.trashed);
        return known ?? mkdir(parent.id, name);
      }, drive.get("root")),
    createDoc: (parent, kind, name, { modifiedTime, sizeBytes = 1024 } = {}) =>
      drive.insert({
        name,
        mimeType: googleType(kind),
        documentBytes: sizeBytes,
        modifiedAt: modifiedTime?.getTime() ?? drive.now(),
        ...within(parent),
      }),
    shortcut: (parent, name, targetId) =>
      drive.insert({
        name,
        mimeType: shortcutType,
        shortcutTarget: targetId,
        ...within(parent),
      }),
  };
}

function createChanging(
  drive: Drive,
): Pick<
  People,
  | "edit"
  | "rename"
  | "move"
  | "trash"
  | "untrash"
  | "deleteForever"
  | "view"
  | "setModifiedTime"
  | "trouble"
> {
  return {
    edit(id, bytes, options = {}) {
      const item = drive.get(id);
      return drive.update(id, bytesFields(drive, item, bytes, options));
    },
    rename: (id, name) => drive.update(id, { name, ...touched(drive) }),
    move: (id, parent) => drive.update(id, { parent: drive.get(parent).id, ...touched(drive) }),
    trash: (id) => drive.update(id, { trashed: true }),
    untrash: (id) => drive.update(id, { trashed: false }),
    deleteForever: (id) => drive.remove(id),
    view: (id) => drive.update(id, { viewedAt: drive.now() }),
    setModifiedTime: (id, at) => drive.update(id, { modifiedAt: at.getTime() }),
    trouble: (id, trouble) => drive.update(id, { trouble }),
  };
}

function createSharing(drive: Drive): Pick<People, "share" | "unshare" | "setRole"> {
  return {
    share(name, bytes, role) {
      const target = { name, mimeType: null, revisions: [] };
      const content =
        bytes === null ? { mimeType: folderType } : bytesFields(drive, target, bytes, {});
      return drive.insert({ ...content, name, role, sharedAt: drive.now() });
    },
    unshare: (id) => drive.remove(id),
    setRole: (id, role) => drive.update(id, { role }),
  };
}

/** What new bytes, or another size of a document, make of an item. */
function bytesFields(
  drive: Drive,
  target: ContentTarget & { readonly documentBytes?: number | null },
  bytes: Given,
  { modifiedTime, mimeType = target.mimeType ?? undefined }: PutOptions,
): Partial<DriveItem> & { readonly mimeType: string } {
  const modifiedAt = modifiedTime?.getTime() ?? drive.now();
  const content = contentOf(bytes);
  if (target.documentBytes != null && target.mimeType !== null) {
    return { mimeType: target.mimeType, documentBytes: content.sizeBytes, modifiedAt };
  }
  const typed = { ...target, mimeType: mimeType ?? null };
  const metadata = { modifiedTime: modifiedAt };
  return { ...contentFields(drive, typed, metadata, blobOf(content), {}), modifiedAt };
}

/** A person who renames or moves touches the date or not, as the API's callers do. */
function touched(drive: Drive): Partial<DriveItem> {
  return drive.behaviour.renameSetsModifiedTime ? { modifiedAt: drive.now() } : {};
}

function createLooking(drive: Drive): Pick<People, "item" | "at" | "read" | "readText" | "tree"> {
  function read(id: string): Buffer {
    const head = headOf(drive.get(id));
    if (head === undefined) throw new Error(`${id} has no bytes`);
    return readWhole(head.content);
  }
  function pathOf(item: DriveItem): string {
    const above = drive.ancestors(item).toReversed().slice(1);
    return [...above, item].map(({ name }) => name).join("/");
  }
  return {
    item: (id) => drive.get(id),
    at(path) {
      let found: readonly DriveItem[] = [drive.get("root")];
      for (const name of path.split("/")) {
        found = found.flatMap(({ id }) =>
          drive.children(id).filter((child) => child.name === name && !child.trashed),
        );
      }
      return found;
    },
    read,
    readText: (id) => read(id).toString("utf8"),
    tree: () =>
      drive
        .subtree("root")
        .slice(1)
        .map((item) => ({ path: pathOf(item), ...treeEntry(drive, item) })),
  };
}

function treeEntry(drive: Drive, item: DriveItem): Omit<TreeEntry, "path"> {
  const head = headOf(item);
  const folder = item.mimeType === folderType;
  return {
    id: item.id,
    kind: folder ? "folder" : head === undefined ? "native" : "file",
    sizeBytes: head?.content.sizeBytes ?? null,
    md5: head?.hashes.md5 ?? null,
    modifiedTime: new Date(item.modifiedAt),
    trashed: drive.isTrashed(item),
  };
}
