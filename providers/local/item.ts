import type { BigIntStats } from "node:fs";
import type { Entry, ItemId, Place, Revision } from "../../src/core/entry.ts";

/** The account's root folder. */
export const rootId = "/" as ItemId;

/**
 * Names an inode as long as it lives, also across renames: its number and its birth. The number alone is
 * given to another file soon after a deletion.
 */
export type Key = string & { readonly __brand: "Key" };

/** What is at a path, as far as it can be an item. */
export interface Found {
  readonly key: Key;
  readonly kind: "file" | "folder";
  readonly stats: BigIntStats;
}

/** The file or folder; null for symlinks, sockets, pipes and devices. */
export function foundOf(stats: BigIntStats): Found | null {
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "folder" : null;
  return kind && { key: keyOf(stats), kind, stats };
}

/** The inode's key. */
export function keyOf({ ino, birthtimeNs }: BigIntStats): Key {
  return `${ino}-${birthtimeNs.toString(36)}` as Key;
}

/**
 * Inode, size and modified time: what an edit changes and a rename does not. (The change time would
 * also catch edits that put the modified time back, but a rename changes it.)
 */
export function revisionOf(stats: BigIntStats): Revision {
  return `${keyOf(stats)}.${stats.size}.${stats.mtimeNs.toString(36)}` as Revision;
}

/** The key in a file's revision, or, as folders have none, the one that a folder's id was made from. */
export function keyIn({ id, revision }: Entry): Key {
  const text = revision ?? id;
  const end = text.indexOf(".");
  return (end < 0 ? text : text.slice(0, end)) as Key;
}

/** An id for the inode that no item has: the key itself, numbered where that is taken. */
export function mintId(key: Key, isTaken: (id: ItemId) => boolean): ItemId {
  let id = key as string as ItemId;
  for (let n = 2; isTaken(id); n++) id = `${key}.${n}` as ItemId;
  return id;
}

/** What was found, in the words of the contract. */
export function entryOf(id: ItemId, place: Place, { kind, stats }: Found): Entry {
  const isFile = kind === "file";
  return {
    id,
    parent: place.parent,
    name: place.name,
    kind,
    sizeBytes: isFile ? Number(stats.size) : null,
    revision: isFile ? revisionOf(stats) : null,
    hashes: {},
    // A folder's time changes with each child; nobody set it.
    modifiedAt: isFile ? dateOf(stats.mtimeNs) : null,
    createdAt: stats.birthtimeNs > 0n ? dateOf(stats.birthtimeNs) : null,
  };
}

/** The account's root. */
export function rootEntry(stats: BigIntStats): Entry {
  const place = { parent: rootId, name: "" };
  return { ...entryOf(rootId, place, { key: keyOf(stats), kind: "folder", stats }), parent: null };
}

/** Times are set as floating seconds, which lose some nanoseconds: rounded, not cut. */
function dateOf(ns: bigint): Date {
  return new Date(Math.round(Number(ns) / 1e6));
}
