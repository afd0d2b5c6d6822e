import type { Entry, ItemId, Place, Revision } from "../../src/core/entry.ts";
import type { Account } from "./account.ts";
import { type Content, contentOf, joined, type MemoryHash } from "./content.ts";
import { entryOf, type Item } from "./items.ts";

/** Where something is: a path from the account's root such as `/docs/a.txt`, or an item's id. */
type Where = string;

/**
 * What people do in an account, and what they find there; whole at once, past all faults and lag. With
 * duplicate names a path means the oldest. Failures are those of the contract.
 */
export interface People {
  /** Creates a file, with the folders above it, or gives it new content. */
  put(where: Where, content: string | Uint8Array, modifiedAt?: Date): Entry;
  /** A second item of the same name, where the rules allow that. */
  putAnother(path: string, content: string | Uint8Array): Entry;
  /** A native item of this type, and what it exports as, by extension. Again: a new version of it. */
  document(path: string, type: string, exports: Readonly<Record<string, string>>): Entry;
  /** The folder, made with those above it where it was not there. */
  mkdir(path: string): Entry;
  move(where: Where, path: string): Entry;
  trash(where: Where): void;
  /** Back from the trash to where it was. */
  restore(id: ItemId): Entry;
  /** What is there; null when nothing is. */
  look(where: Where): Entry | null;
  read(where: Where, revision?: Revision): Uint8Array;
  /** Former contents and the present one, oldest first; also of what is in the trash. */
  history(id: ItemId): readonly Uint8Array[];
  /** Everything below the root, by path, parents first. */
  entries(): readonly { readonly path: string; readonly entry: Entry }[];
  /** Content of files as text by path; folders end in `/` and have null, as native items do. */
  tree(): Readonly<Record<string, string | null>>;
}

/** People at work in the account. */
export function createPeople(account: Account, hashes: readonly MemoryHash[]): People {
  const { items } = account;
  const version = (content: string | Uint8Array): Content =>
    contentOf(typeof content === "string" ? new TextEncoder().encode(content) : content, hashes);
  const find = (where: Where): Item | null => findItem(account, where);
  const need = (where: Where): Item => find(where) ?? items.need(where as ItemId);
  const mkdir = (path: string): Entry => {
    const found = find(path);
    return found ? entryOf(found) : account.create(placeFor(path), { kind: "folder" });
  };
  const placeFor = (path: string): Place => {
    const cut = path.lastIndexOf("/");
    return { parent: mkdir(path.slice(0, cut) || "/").id, name: path.slice(cut + 1) };
  };
  const below = (folder: ItemId, prefix: string): { path: string; entry: Entry }[] =>
    items
      .children(folder)
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
      .flatMap((item) => {
        const path = `${prefix}/${item.name}`;
        return [{ path, entry: entryOf(item) }, ...below(item.id, path)];
      });

  return {
    mkdir,
    put: (where, content, modifiedAt) => {
      const found = find(where);
      const made = { content: version(content), modifiedAt: modifiedAt ?? null };
      if (found) return account.replace(found.id, null, made);
      return account.create(placeFor(where), { kind: "file", version: made });
    },
    putAnother: (path, content) =>
      account.create(placeFor(path), { kind: "file", version: { content: version(content) } }),
    document: (path, type, exports) => {
      const found = find(path);
      const made = exported(exports, version);
      if (found) return account.replace(found.id, null, made);
      const native = { type, exports: Object.keys(exports) };
      return account.create(placeFor(path), { kind: "native", native, version: made });
    },
    move: (where, path) => account.move(need(where).id, placeFor(path)),
    trash: (where) => account.trash(need(where).id),
    restore: (id) => {
      const item = items.any(id);
      if (!item?.trashed || item.parent === null) return entryOf(items.need(id));
      return account.restore(id, { parent: item.parent, name: item.name });
    },
    look: (where) => {
      const found = find(where);
      return found && entryOf(found);
    },
    read: (where, revision) => {
      const { versions } = need(where);
      const kept = revision === undefined ? versions.at(-1) : versions.find(at(revision));
      if (!kept) throw new Error(`memory: ${where} has no such content`);
      return joined(kept.content);
    },
    history: (id) => (items.any(id)?.versions ?? []).map(({ content }) => joined(content)),
    entries: () => below(account.root, ""),
    tree: () => asTree(account, below(account.root, "")),
  };
}

function findItem({ root, items }: Account, where: Where): Item | null {
  if (!where.startsWith("/")) return items.find(where as ItemId);
  let found: Item | null = items.find(root);
  for (const name of where.split("/").filter((part) => part !== "")) {
    found = (found && items.named(found.id, name)[0]) ?? null;
  }
  return found;
}

function at(revision: Revision) {
  return (kept: { readonly revision: Revision }) => kept.revision === revision;
}

function exported(
  exports: Readonly<Record<string, string>>,
  version: (content: string) => Content,
) {
  const made = Object.entries(exports).map(([as, content]) => [as, version(content)] as const);
  return { content: version(""), exports: new Map(made) };
}

/** Later items of a name that is there already have their id after a `#`. */
function asTree(
  { items }: Account,
  entries: readonly { readonly path: string; readonly entry: Entry }[],
) {
  const tree: Record<string, string | null> = {};
  for (const { path, entry } of entries) {
    const name = entry.kind === "folder" ? `${path}/` : path;
    const content = entry.kind === "file" ? items.need(entry.id).versions.at(-1)?.content : null;
    tree[name in tree ? `${name}#${entry.id}` : name] = content
      ? new TextDecoder().decode(joined(content))
      : null;
  }
  return tree;
}
