import type { files } from "dropbox";
import type { Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { foldName } from "../../src/core/names.ts";
import type { Overlay } from "./overlay.ts";
import { type Described, rootId } from "./translate.ts";

/** The components of a path: the case that people see, and the one that Dropbox compares. */
export type Path = readonly { readonly lower: string; readonly display: string }[];

/** The path that an answer of Dropbox names. */
export function pathOf({
  path_lower = "",
  path_display = path_lower,
}: Described | files.DeletedMetadata) {
  const display = path_display.split("/").slice(1);
  return path_lower
    .split("/")
    .slice(1)
    .map((lower, at) => ({ lower, display: display[at] ?? lower }));
}

/** A path as `foldedPath` gives it. */
export function folded(path: Path): string {
  return foldName(`/${path.map(({ display }) => display).join("/")}`);
}

/** Finds ids by path in a tree that only knows parents and names. */
export interface Paths {
  resolve(path: Path): ItemId | null;
  /** To be called when anything was moved or removed. */
  forget(): void;
  /** A folder is about to be put: where it was until now, if that was elsewhere, is remembered; folded. */
  leave(folder: Entry): string | null;
  /** A path that a folder has left was deleted: what did not come along with the folder is gone. */
  emptyFormer(path: Path): void;
}

/** Paths in `overlay` as it is at each call. */
export function createPaths(overlay: Overlay): Paths {
  const folders = new Map<string, ItemId>();
  const left = new Map<string, { readonly id: ItemId; readonly mark: number }>();

  const walk = (path: Path): ItemId | null => {
    let at: ItemId | null = rootId;
    for (const component of path) {
      at = childAt(overlay, at, component);
      if (at === null) return null;
    }
    return at;
  };
  const prune = (folder: ItemId, mark: number) => {
    for (const child of [...overlay.children(folder)]) {
      if (!overlay.wasPutSince(child.id, mark)) overlay.remove(child.id);
      else if (child.kind === "folder") prune(child.id, mark);
    }
  };
  return {
    resolve(path) {
      const parents = path.slice(0, -1);
      const last = path.at(-1);
      if (last === undefined) return rootId;
      const key = parents.map(({ lower }) => lower).join("/");
      const parent = folders.get(key) ?? walk(parents);
      if (parent === null) return null;
      folders.set(key, parent);
      return childAt(overlay, parent, last);
    },
    forget: () => folders.clear(),
    leave({ id, parent, name }) {
      const was = overlay.get(id);
      if (was === null) return null;
      if (was.parent === parent && foldName(was.name) === foldName(name)) return null;
      folders.clear();
      const path = foldedPath(overlay, id);
      if (path !== null) left.set(path, { id, mark: overlay.now() });
      return path;
    },
    emptyFormer(path) {
      const former = left.get(folded(path));
      if (former === undefined) return;
      prune(former.id, former.mark);
      folders.clear();
    },
  };
}

/**
 * The child that Dropbox means by a component. Dropbox lowers each character by itself, with old tables
 * (`Σ` is never `ς`; İ is `i`), so what a shown name folds to goes first and the comparison form last.
 */
function childAt(tree: TreeView, parent: ItemId, { lower, display }: Path[number]): ItemId | null {
  const isMeant = ({ name }: Entry) => lowered(name) === lower;
  const shown = tree.named(parent, display);
  const found = shown.length > 0 || display === lower ? shown : tree.named(parent, lower);
  const child = found.find(isMeant) ?? found[0];
  if (child !== undefined || isAscii(lower)) return child?.id ?? null;
  return Iterator.from(tree.children(parent)).find(isMeant)?.id ?? null;
}

function lowered(name: string): string {
  return Array.from(name.normalize("NFC"), (character) => character.toLowerCase()).join("");
}

function isAscii(text: string): boolean {
  return [...text].every((character) => character <= "\x7f");
}

/** Where the tree has an item, folded; null where the tree does not reach up to the root. */
export function foldedPath(tree: TreeView, id: ItemId): string | null {
  let path = "";
  for (let at = id; at !== rootId; ) {
    const entry = tree.get(at);
    if (entry?.parent == null) return null;
    path = `/${entry.name}${path}`;
    at = entry.parent;
  }
  return foldName(path);
}
