import type { DropboxCloud } from "../../clouds/dropbox/cloud.ts";
import type { Fault } from "../../scenarios/scenario.ts";
import type { Tree } from "../../scenarios/tree.ts";
import { effectOf, type RealPeople } from "./real-people.ts";

const routes: Readonly<Record<Fault["call"], string | RegExp>> = {
  // What makes files: of one alone, or of several together.
  write: /^files\/upload(_session\/finish(_batch_v2)?)?$/,
  read: "files/download",
  move: "files/move_v2",
  trash: "files/delete_v2",
  createFolder: /^files\/create_folder_(v2|batch)$/,
  changes: "files/list_folder/continue",
};

/** Somebody at work below `/folder` of the stand-in. */
export function dropboxPeople(cloud: DropboxCloud, folder: string): RealPeople {
  const { files } = cloud;
  const at = (path: string) => `/${folder}${path}`;
  const trashed = new Map<string, readonly string[]>();
  const filesAt = (path: string) =>
    files
      .tree()
      .filter((item) => item.kind === "file")
      .map((item) => item.path)
      .filter((each) => `${each}/`.toLowerCase().startsWith(`${path}/`.toLowerCase()));
  files.mkdir(`/${folder}`);
  return {
    put: (path, content, time) => void files.put(at(path), content, { clientModified: time }),
    another: refused("two files of one name"),
    document: refused("documents in these scenarios"),
    touch: (path, time) => {
      files.put(at(path), files.read(at(path)), { clientModified: time });
    },
    mkdir: (path) => void files.mkdir(at(path)),
    move(path, to) {
      const parent = to.slice(0, to.lastIndexOf("/"));
      if (parent !== "") files.mkdir(at(parent));
      files.move(at(path), at(to));
    },
    trash(path) {
      trashed.set(path, filesAt(at(path)));
      files.delete(at(path));
    },
    restore(path) {
      for (const file of trashed.get(path) ?? []) files.restore(file);
    },
    resetCursors: cloud.expireCursors,
    fail({ call, how }) {
      cloud.faults.add({ match: { route: routes[call] }, effect: effectOf(how) });
    },
    tree: () => treeBelow(cloud, folder),
    clear: () => {
      if (files.exists(`/${folder}`)) files.delete(`/${folder}`);
    },
  };
}

/** By the items' own names: the path of a file spells the folders above it as they once were. */
function treeBelow({ files }: DropboxCloud, folder: string): Tree {
  const spelled = new Map<string, string>([["", ""]]);
  const tree: Record<string, string | null> = {};
  for (const item of files.tree().toSorted((a, b) => depth(a.path) - depth(b.path))) {
    const cut = item.path.lastIndexOf("/");
    const above = spelled.get(item.path.slice(0, cut).toLowerCase());
    const path = `${above}${item.path.slice(cut)}`;
    if (item.kind === "folder") spelled.set(item.path.toLowerCase(), path);
    if (!path.startsWith(`/${folder}/`)) continue;
    const name = path.slice(folder.length + 2);
    if (item.kind === "folder") tree[`${name}/`] = null;
    else tree[name] = files.read(item.path).toString("utf8");
  }
  return tree;
}

const depth = (path: string) => path.split("/").length;

function refused(what: string): () => never {
  return () => {
    throw new Error(`Dropbox has no ${what}`);
  };
}
