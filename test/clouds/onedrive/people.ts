import { contentOf, type Generated, readWhole } from "../kit/content.ts";
import { blobOf } from "./blob.ts";
import { type Drive, withVersion } from "./drive.ts";
import { headOf, type Item, type Trouble, type Version, wholeSeconds } from "./item.ts";
import { mimeTypeOf } from "./mime.ts";

/**
 * What people do in a drive with a browser or another app, past the API and its limits; every step is told by
 * delta. Paths are names from the root on, between slashes.
 */
export interface People {
  /** Writes a file, over one that is there; folders on the way are made. */
  put(path: string, bytes: Given, options?: { readonly modified?: Date }): Item;
  /** The same of a file that has to be there, whatever its name is now. */
  edit(id: string, bytes: Given, options?: { readonly modified?: Date }): Item;
  /** Makes folders where they are missing. */
  mkdir(path: string): Item;
  /** Another name in the same folder, case-only ones included. */
  rename(path: string, name: string): Item;
  /** To a path of its own, in a folder that is there. */
  move(from: string, to: string): Item;
  /** Into the recycle bin, with all below it. Gives what was there. */
  trash(path: string): Item;
  /** Out of the recycle bin, to where it was. */
  restore(id: string): Item;
  /** Out of the drive, or the recycle bin, for good. */
  purge(id: string): void;
  /** Sets the client's time of change, as an app does. */
  touch(path: string, modified: Date): Item;
  /** Something about it changes that no sync cares for. */
  describe(path: string): Item;
  /** Sets troubles: a lock, a virus, hashes that are not there. */
  trouble(path: string, trouble: Trouble): Item;
  /** An item of this user's drive that stands for a folder of another one. */
  shortcut(path: string, target: { readonly driveId: string; readonly itemId: string }): Item;
  /** A OneNote notebook. */
  notebook(path: string): Item;
  /** Lets the stand-in's user in; of use in the drive of somebody else. */
  share(path: string): Item;
  unshare(path: string): void;
  item(path: string): Item;
  exists(path: string): boolean;
  read(path: string): Buffer;
  readText(path: string): string;
  versions(path: string): readonly Version[];
  /** Ids of what lies in the recycle bin or is gone for good are found here too. */
  gone(id: string): Item | undefined;
  /** Everything under the root, folders before what they hold. */
  tree(): readonly TreeEntry[];
}

/** Text, bytes, or bytes to be generated. */
type Given = string | Uint8Array | Generated;

interface TreeEntry {
  readonly path: string;
  readonly id: string;
  readonly kind: Item["kind"];
  readonly sizeBytes: number;
  readonly quickXor: string | null;
  /** The client's time. */
  readonly modified: Date;
}

/** The people of a drive; `shared` takes what they share. */
export function createPeople(drive: Drive, now: () => number, shared: Set<string>): People {
  return {
    ...createWriting(drive, now),
    ...createArranging(drive, now),
    ...createSharing(drive, shared),
    ...createLooking(drive),
  };
}

function namesOf(path: string): readonly string[] {
  return path.split("/").filter((name) => name !== "");
}

function find(drive: Drive, names: readonly string[]): Item | undefined {
  let item = drive.find(drive.rootId);
  for (const name of names) item = item && drive.child(item.id, name);
  return item;
}

function at(drive: Drive, path: string): Item {
  const item = find(drive, namesOf(path));
  if (item === undefined) throw new Error(`there is no ${path}`);
  return item;
}

function mkdirs(drive: Drive, names: readonly string[]): Item {
  return names.reduce((parent, name) => {
    const there = drive.child(parent.id, name);
    if (there !== undefined && there.kind !== "folder")
      throw new Error(`${name} is a ${there.kind}`);
    return there ?? drive.insert({ kind: "folder", name, parentId: parent.id });
  }, drive.get(drive.rootId));
}

/** Where something new may stand. */
function newPlace(drive: Drive, path: string): { name: string; parentId: string } {
  const names = namesOf(path);
  const name = names.at(-1) ?? "";
  const parent = mkdirs(drive, names.slice(0, -1));
  if (drive.child(parent.id, name) !== undefined) throw new Error(`${path} is taken`);
  return { name, parentId: parent.id };
}

function createWriting(drive: Drive, now: () => number): Pick<People, "put" | "edit" | "mkdir"> {
  const fields = (
    item: Pick<Item, "versions" | "name">,
    bytes: Given,
    modified: Date | undefined,
  ) => ({
    ...withVersion(item, blobOf(contentOf(bytes)), mimeTypeOf(item.name), now()),
    modifiedAt: now(),
    clientModifiedAt: wholeSeconds(modified?.getTime() ?? now()),
  });
  const edit: People["edit"] = (id, bytes, { modified } = {}) => {
    const item = drive.get(id);
    if (item.kind !== "file") throw new Error(`${item.name} is a ${item.kind}`);
    return drive.update(id, fields(item, bytes, modified), true);
  };
  return {
    edit,
    put(path, bytes, options = {}) {
      const there = find(drive, namesOf(path));
      if (there !== undefined) return edit(there.id, bytes, options);
      const place = newPlace(drive, path);
      const file = fields({ versions: [], name: place.name }, bytes, options.modified);
      return drive.insert({ kind: "file", ...place, ...file });
    },
    mkdir: (path) => mkdirs(drive, namesOf(path)),
  };
}

function createArranging(
  drive: Drive,
  now: () => number,
): Pick<
  People,
  | "rename"
  | "move"
  | "trash"
  | "restore"
  | "purge"
  | "touch"
  | "describe"
  | "trouble"
  | "shortcut"
  | "notebook"
> {
  function place(item: Item, parentId: string, name: string): Item {
    const there = drive.child(parentId, name);
    if (there !== undefined && there.id !== item.id) throw new Error(`${name} is taken`);
    if (
      [drive.get(parentId), ...drive.ancestors(drive.get(parentId))].some(
        ({ id }) => id === item.id,
      )
    ) {
      throw new Error(`${name} would lie in itself`);
    }
    return drive.update(item.id, { parentId, name, modifiedAt: now() });
  }
  return {
    rename(path, name) {
      const item = at(drive, path);
      return place(item, item.parentId ?? "", name);
    },
    move(from, to) {
      const names = namesOf(to);
      const parent = at(drive, names.slice(0, -1).join("/"));
      return place(at(drive, from), parent.id, names.at(-1) ?? "");
    },
    trash(path) {
      const item = at(drive, path);
      drive.recycle(item.id);
      return item;
    },
    restore: (id) => drive.restore(id, {}),
    purge: (id) => drive.purge(id),
    touch: (path, modified) =>
      drive.update(at(drive, path).id, {
        clientModifiedAt: wholeSeconds(modified.getTime()),
        modifiedAt: now(),
      }),
    describe: (path) => drive.update(at(drive, path).id, {}),
    trouble(path, trouble) {
      const item = at(drive, path);
      return drive.update(item.id, { trouble: { ...item.trouble, ...trouble } });
    },
    shortcut: (path, target) =>
      drive.insert({ kind: "shortcut", ...newPlace(drive, path), target }),
    notebook: (path) => drive.insert({ kind: "package", ...newPlace(drive, path) }),
  };
}

function createSharing(drive: Drive, shared: Set<string>): Pick<People, "share" | "unshare"> {
  return {
    share(path) {
      const item = at(drive, path);
      shared.add(item.id);
      return item;
    },
    unshare: (path) => void shared.delete(at(drive, path).id),
  };
}

function createLooking(
  drive: Drive,
): Pick<People, "item" | "exists" | "read" | "readText" | "versions" | "gone" | "tree"> {
  function read(path: string): Buffer {
    const head = headOf(at(drive, path));
    if (head === undefined) throw new Error(`${path} has no bytes`);
    return readWhole(head.blob.content);
  }
  return {
    item: (path) => at(drive, path),
    exists: (path) => find(drive, namesOf(path)) !== undefined,
    read,
    readText: (path) => read(path).toString("utf8"),
    versions: (path) => at(drive, path).versions,
    gone: (id) => drive.gone(id),
    tree: () =>
      drive
        .subtree(drive.rootId)
        .slice(1)
        .map((item) => treeEntry(drive, item)),
  };
}

function treeEntry(drive: Drive, item: Item): TreeEntry {
  const above = drive.ancestors(item).toReversed().slice(1);
  return {
    path: [...above, item].map(({ name }) => name).join("/"),
    id: item.id,
    kind: item.kind,
    sizeBytes: drive.sizeOf(item),
    quickXor: headOf(item)?.blob.hashes.quickXor ?? null,
    modified: new Date(item.clientModifiedAt),
  };
}
