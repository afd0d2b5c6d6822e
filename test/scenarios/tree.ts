/**
 * What a folder holds: text of files by path, null for items without bytes. Folders end in `/` and are
 * null; those that a path goes through need not be named. A second item of a name is `name#2`. Names of
 * conflict copies are written `name (conflict).txt`.
 */
export type Tree = Readonly<Record<string, string | null>>;

/** Stands for whatever a service exports a document as. */
export const someExport = "(an export)";

/** With every folder named. */
export function whole(tree: Tree): Record<string, string | null> {
  const all: Record<string, string | null> = {};
  for (const [path, content] of Object.entries(tree)) {
    const parts = path.split("/").slice(0, -1);
    for (const depth of parts.keys()) all[`${parts.slice(0, depth + 1).join("/")}/`] = null;
    all[path] = content;
  }
  return all;
}

/** The part of a tree below a folder such as `/in`; null where there is no such folder. */
export function below(tree: Tree, folder: string): Tree | null {
  const prefix = `${folder.slice(1)}/`;
  if (!(prefix in tree)) return null;
  const inside = Object.entries(tree).filter(([path]) => path.startsWith(prefix));
  return Object.fromEntries(
    inside.map(([path, content]) => [path.slice(prefix.length), content]).filter(([path]) => path),
  );
}

/** The tree without these folders. */
export function beside(tree: Tree, folders: readonly string[]): Tree {
  const isInside = (path: string) =>
    folders.some((folder) => path.startsWith(`${folder.slice(1)}/`));
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !isInside(path)));
}

/** Conflict copies by the name that scenarios give them; `labels` are the accounts that it may speak of. */
export function normalised(tree: Tree, labels: readonly string[]): Tree {
  const stamp = new RegExp(
    String.raw` \(conflict, (?:${labels.join("|")}), \d{4}-\d\d-\d\d \d\d-\d\d-\d\d, [0-9a-f]{6}\)`,
    "g",
  );
  const result: Record<string, string | null> = {};
  for (const [path, content] of Object.entries(tree)) {
    add(result, path.replace(stamp, " (conflict)"), content);
  }
  return result;
}

/** A second item of a name gets its number. */
export function add(tree: Record<string, string | null>, path: string, content: string | null) {
  for (let n = 1; ; n++) {
    const name = n === 1 ? path : `${path.replace(/\/$/, "")}#${n}${path.endsWith("/") ? "/" : ""}`;
    if (name in tree) continue;
    tree[name] = content;
    return name;
  }
}

/** The actual tree, with exports as the expected one has them. */
export function withExports(actual: Tree, expected: Tree): Tree {
  return Object.fromEntries(
    Object.entries(actual).map(([path, content]) => [
      path,
      content !== null && expected[path] === someExport ? someExport : content,
    ]),
  );
}
