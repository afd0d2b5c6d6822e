import type { Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { type Key, keyIn } from "./item.ts";

/** What is known of the account: the caller's tree, and our own effects that it does not have yet. */
export interface Known {
  get(id: ItemId): Entry | null;
  children(parent: ItemId): Entry[];
  /** The item that was last seen under exactly this name. */
  at(parent: ItemId, name: string): Entry | null;
  /** The inode that the item was last seen to be. */
  keyOf(entry: Entry): Key;
  /** The folder that was last seen to be this inode, wherever. */
  folderOf(key: Key): Entry | null;
  /** Notes our own effect: the item as it is now, or null when we removed it. */
  note(id: ItemId, entry: Entry | null): void;
  /** Notes that the folder is another inode than the one that its id was made from. */
  noteKey(folder: ItemId, key: Key): void;
  /** What the caller's tree says, whatever we noted. */
  told(id: ItemId): Entry | null;
  /** What we removed, as the caller's tree still has it. Drops the notes that the tree has caught up with. */
  removed(): Entry[];
}

interface Note {
  readonly entry: Entry | null;
  /** What the tree said, and what it may still come to say, before it has what we noted. */
  readonly supersedes: ReadonlySet<string>;
}

/** The caller's tree with nothing noted yet. */
export function createKnown(tree: TreeView): Known {
  const notes = new Map<ItemId, Note>();
  const keys = new Map<ItemId, Key>();
  const folders = new Map<Key, ItemId>();

  const standing = (id: ItemId): Note | null => {
    const note = notes.get(id);
    if (note?.supersedes.has(outline(tree.get(id)))) return note;
    notes.delete(id);
    return null;
  };
  const get = (id: ItemId) => {
    const note = standing(id);
    return note ? note.entry : tree.get(id);
  };
  const noted = (parent: ItemId) =>
    [...notes.values()].flatMap(({ entry }) => (entry?.parent === parent ? [entry.id] : []));
  const present = (parent: ItemId, ids: Iterable<ItemId>) =>
    [...new Set(ids)].flatMap((id) => {
      const entry = get(id);
      return entry?.parent === parent ? [entry] : [];
    });
  const keyOf = (entry: Entry) => keys.get(entry.id) ?? keyIn(entry);

  return {
    get,
    children: (parent) => {
      const ids = Array.from(tree.children(parent), ({ id }) => id);
      return present(parent, [...ids, ...noted(parent)]);
    },
    at: (parent, name) => {
      const ids = tree.named(parent, name).map(({ id }) => id);
      const found = present(parent, [...ids, ...noted(parent)]);
      return found.find((entry) => entry.name === name) ?? null;
    },
    keyOf,
    folderOf: (key) => {
      const entry = get(folders.get(key) ?? (key as string as ItemId));
      return entry?.kind === "folder" && keyOf(entry) === key ? entry : null;
    },
    note: (id, entry) => {
      const before = standing(id);
      const said = outline(tree.get(id));
      const supersedes = before
        ? new Set([...before.supersedes, outline(before.entry)])
        : new Set([said]);
      supersedes.delete(outline(entry));
      notes.set(id, { entry, supersedes });
    },
    noteKey: (folder, key) => {
      keys.set(folder, key);
      folders.set(key, folder);
    },
    told: (id) => tree.get(id),
    removed: () =>
      [...notes.keys()].flatMap((id) => (standing(id)?.entry === null && tree.get(id)) || []),
  };
}

function outline(entry: Entry | null): string {
  return entry ? JSON.stringify([entry.parent, entry.name, entry.revision]) : "";
}
