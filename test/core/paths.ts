import type { Entry, ItemId } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Account } from "./account.ts";

/** What people do, told by paths from the rule's folder down; `/x` is from the account's root down. */
export interface Paths {
  /** A new file, or new bytes for one that is there. */
  put(side: Side, path: string, text: string): ItemId;
  /** A new item, also where another has its name; `text` null: a folder. */
  create(side: Side, path: string, text: string | null): ItemId;
  mkdir(side: Side, path: string): ItemId;
  /** A document that lives only in its service. */
  document(side: Side, path: string): ItemId;
  move(side: Side, path: string, to: string): void;
  drop(side: Side, path: string): void;
  find(side: Side, path: string): Entry | null;
  /** Texts by path; folders end in `/` and have null. */
  tree(side: Side): Record<string, string | null>;
  paths(side: Side): string[];
  /** All that is there with its path, parents first. */
  entries(side: Side): [path: string, entry: Entry][];
}

export function createPaths(accounts: Readonly<Record<Side, Account>>): Paths {
  function find(side: Side, path: string): Entry | null {
    const account = accounts[side];
    const isOutside = path.startsWith("/");
    let found = account.get(isOutside ? account.top : account.root);
    for (const name of path.slice(isOutside ? 1 : 0).split("/")) {
      found = found && ([...account.children(found.id)].find((e) => e.name === name) ?? null);
    }
    return found;
  }

  function need(side: Side, path: string): Entry {
    const found = find(side, path);
    if (found) return found;
    throw new Error(`${side} has no ${path}`);
  }

  /** Folders above are made where they are missing. */
  function placeOf(side: Side, path: string) {
    const cut = path.lastIndexOf("/");
    const name = path.slice(cut + 1);
    const { root, top } = accounts[side];
    if (cut <= 0) return { parent: cut < 0 ? root : top, name };
    return { parent: mkdir(side, path.slice(0, cut)), name };
  }

  const create = (side: Side, path: string, text: string | null): ItemId =>
    accounts[side].create(placeOf(side, path), text).id;

  const mkdir = (side: Side, path: string): ItemId =>
    find(side, path)?.id ?? create(side, path, null);

  function put(side: Side, path: string, text: string): ItemId {
    const found = find(side, path);
    return found ? accounts[side].edit(found.id, text).id : create(side, path, text);
  }

  const entries = (side: Side): [path: string, entry: Entry][] => {
    const { below, root } = accounts[side];
    const paths = new Map([[root, ""]]);
    return below(root).map((entry) => {
      const path = `${paths.get(entry.parent ?? root)}${entry.name}`;
      paths.set(entry.id, `${path}/`);
      return [path, entry];
    });
  };

  return {
    put,
    create,
    mkdir,
    document: (side: Side, path: string) => accounts[side].createNative(placeOf(side, path)).id,
    find,
    move: (side: Side, path: string, to: string) =>
      void accounts[side].move(need(side, path).id, placeOf(side, to)),
    drop: (side: Side, path: string) => accounts[side].trash(need(side, path).id),
    tree: (side: Side) =>
      Object.fromEntries(
        entries(side).map(([path, entry]) =>
          entry.kind === "folder" ? [`${path}/`, null] : [path, accounts[side].textOf(entry)],
        ),
      ),
    entries,
    paths: (side: Side) => entries(side).map(([path]) => path),
  };
}
