import type { Content } from "../core/content.ts";
import { type Entry, type ItemId, type Kind, namesOf, type TreeView } from "../core/entry.ts";
import { foldName, type NameRules } from "../core/names.ts";
import { pathBelow } from "../core/scope.ts";
import { longestName, type NameCipher } from "./names.ts";

/**
 * How an encrypted destination looks from inside the rule: files have the names, sizes and hashes of what was encrypted.
 * What is kept of each item besides (`Entry.stored`) is what the service knows it as.
 */

/** Of every encrypted file. */
export const suffix = ".age";
/** Of a file that has no such name: no rule writes it, and none takes it for what the source's file of that name is. */
const notOurs = " (not encrypted)";

/** Names on both sides of the encryption. */
export interface ShownNames {
  shown(kind: Kind, name: string): string;
  /** What a new item is stored as; `isAbove`: its folder is on the way to the destination, where names stay. */
  stored(kind: Kind, name: string, isAbove: boolean): string;
  rules(rules: NameRules): NameRules;
}

/** `cipher` null: files get the suffix, and that is all. */
export function createShownNames(cipher: NameCipher | null): ShownNames {
  return {
    shown(kind, name) {
      if (kind === "folder") return cipher?.open(name) ?? name;
      const stem = name.endsWith(suffix) ? name.slice(0, -suffix.length) : "";
      const known = cipher ? cipher.open(stem) : stem;
      return known || `${name}${notOurs}`;
    },
    stored(kind, name, isAbove) {
      const text = cipher && !isAbove ? cipher.seal(name) : name;
      return kind === "folder" ? text : `${text}${suffix}`;
    },
    rules({ maxLength, ...rules }) {
      if (maxLength === null) return { ...rules, maxLength };
      const limit = maxLength.limit - suffix.length;
      if (!cipher) return { ...rules, maxLength: { ...maxLength, limit } };
      return { ...rules, maxLength: { unit: "bytes", limit: longestName(limit) } };
    },
  };
}

/** The item as the service knows it. */
function storedEntry(entry: Entry): Entry {
  const { stored, ...shown } = entry;
  return stored ? { ...shown, ...stored } : shown;
}

/** The item as the rule sees it; `content` is that of a file, as far as it is known. */
export function shownEntry(entry: Entry, name: string, content: Content | null): Entry {
  const { sizeBytes, hashes } = entry;
  if (entry.kind === "native" || (entry.kind === "folder" && name === entry.name)) return entry;
  const stored = { name: entry.name, sizeBytes, hashes };
  if (entry.kind === "folder") return { ...entry, name, stored };
  return { ...entry, name, ...(content ?? { sizeBytes: null, hashes: {} }), stored };
}

/** The mirror as the adapter below knows it. */
export function storedTree(tree: TreeView, names: ShownNames): TreeView {
  return {
    get(id) {
      const entry = tree.get(id);
      return entry && storedEntry(entry);
    },
    *children(parent) {
      for (const entry of tree.children(parent)) yield storedEntry(entry);
    },
    named(parent, name) {
      const shown = new Set([names.shown("file", name), names.shown("folder", name), name]);
      const found = new Map(
        [...shown].flatMap((each) => tree.named(parent, each)).map((entry) => [entry.id, entry]),
      );
      return [...found.values()]
        .map(storedEntry)
        .filter((entry) => foldName(entry.name) === foldName(name));
    },
  };
}

/**
 * Whether a folder is on the way from the account's root to one of the paths, and not that path's end. One that the
 * mirror does not know is not.
 */
export function isAbove(
  tree: TreeView,
  root: ItemId,
  folder: ItemId,
  paths: readonly (readonly string[])[],
): boolean {
  const names = pathBelow(tree, root, folder);
  const isOnWay = (path: readonly string[]) =>
    names !== null &&
    names.length < path.length &&
    names.every((name, depth) => foldName(name) === foldName(path[depth] ?? ""));
  return paths.some(isOnWay);
}

/** By what records of a stored file are found; none where the service reports nothing of its bytes. */
export const hashKeys = ({ hashes }: Pick<Content, "hashes">): string[] =>
  namesOf(hashes).map((name) => `${name}:${hashes[name]}`);
