import type { FaultMatch } from "../../clouds/kit/faults.ts";
import type { OneDriveCloud } from "../../clouds/onedrive/cloud.ts";
import type { Fault } from "../../scenarios/scenario.ts";
import type { Tree } from "../../scenarios/tree.ts";
import { effectOf, type RealPeople } from "./real-people.ts";

const routes: Readonly<Record<Fault["call"], FaultMatch["route"]>> = {
  write: /^(upload\.session|content\.put)$/,
  read: "content.get",
  move: "items.update",
  trash: "items.delete",
  createFolder: "folders.create",
  changes: "delta",
};

/** Somebody at work in `folder` of the stand-in. */
export function oneDrivePeople(cloud: OneDriveCloud, folder: string): RealPeople {
  const { files } = cloud;
  const at = (path: string) => `${folder}${path}`;
  const trashed = new Map<string, string>();
  const home = files.mkdir(folder);
  return {
    put: (path, content, modified) => void files.put(at(path), content, { modified }),
    another: refused("two files of one name"),
    document(path) {
      if (files.exists(at(path))) files.describe(at(path));
      else files.notebook(at(path));
    },
    touch: (path, modified) => void files.put(at(path), files.read(at(path)), { modified }),
    mkdir: (path) => void files.mkdir(at(path)),
    move(path, to) {
      files.mkdir(at(to.slice(0, to.lastIndexOf("/"))));
      files.move(at(path), at(to));
    },
    trash: (path) => void trashed.set(path, files.trash(at(path)).id),
    restore(path) {
      const id = trashed.get(path);
      if (!id) throw new Error(`${path} was never trashed`);
      files.restore(id);
    },
    resetCursors: () => cloud.expireDeltaLinks(),
    fail({ call, how }) {
      cloud.faults.add({ match: { route: routes[call] }, effect: effectOf(how) });
    },
    tree: () => treeBelow(cloud, folder),
    clear: () => files.purge(home.id),
  };
}

function treeBelow({ files }: OneDriveCloud, folder: string): Tree {
  const tree: Record<string, string | null> = {};
  for (const { path, kind } of files.tree()) {
    if (!path.startsWith(`${folder}/`)) continue;
    const name = path.slice(folder.length + 1);
    if (kind === "folder") tree[`${name}/`] = null;
    else tree[name] = kind === "file" ? files.readText(path) : null;
  }
  return tree;
}

function refused(what: string): () => never {
  return () => {
    throw new Error(`OneDrive has no ${what}`);
  };
}
