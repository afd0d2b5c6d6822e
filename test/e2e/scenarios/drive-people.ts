import type { GoogleDriveCloud } from "../../clouds/google-drive/cloud.ts";
import type { FaultMatch } from "../../clouds/kit/faults.ts";
import type { Fault } from "../../scenarios/scenario.ts";
import { add, type Tree } from "../../scenarios/tree.ts";
import { effectOf, type RealPeople } from "./real-people.ts";

const requests: Readonly<Record<Fault["call"], FaultMatch>> = {
  write: { route: /^files\.(create|update)\.upload$/ },
  read: { route: "files.get", when: ({ url }) => url.searchParams.get("alt") === "media" },
  move: { route: "files.update" },
  trash: { route: "files.update" },
  createFolder: { route: "files.create" },
  changes: { route: "changes.list" },
};

/** Somebody at work in `folder` of the stand-in's My Drive. */
export function drivePeople(cloud: GoogleDriveCloud, folder: string): RealPeople {
  const { files } = cloud;
  const trashed = new Map<string, string>();
  const look = (path: string) =>
    files.at(`${folder}${path}`).toSorted((a, b) => a.order - b.order)[0];
  const need = (path: string) => {
    const item = look(path);
    if (!item) throw new Error(`there is no ${path}`);
    return item;
  };
  const place = (path: string) => {
    const cut = path.lastIndexOf("/");
    return { parent: files.folder(`${folder}${path.slice(0, cut)}`).id, name: path.slice(cut + 1) };
  };
  const another = (path: string, content: string, modifiedTime: Date) => {
    const { parent, name } = place(path);
    files.put(parent, name, content, { modifiedTime });
  };
  const home = files.folder(folder);
  return {
    put(path, content, modifiedTime) {
      const item = look(path);
      if (item) files.edit(item.id, content, { modifiedTime });
      else another(path, content, modifiedTime);
    },
    another,
    document(path, modifiedTime) {
      const item = look(path);
      const { parent, name } = place(path);
      if (item) files.setModifiedTime(item.id, modifiedTime);
      else files.createDoc(parent, "document", name, { modifiedTime });
    },
    touch: (path, time) =>
      void files.edit(need(path).id, files.read(need(path).id), { modifiedTime: time }),
    mkdir: (path) => void files.folder(`${folder}${path}`),
    move(path, to) {
      const item = need(path);
      const { parent, name } = place(to);
      if (item.name !== name) files.rename(item.id, name);
      if (item.parent !== parent) files.move(item.id, parent);
    },
    trash(path) {
      trashed.set(path, need(path).id);
      files.trash(need(path).id);
    },
    restore(path) {
      const id = trashed.get(path);
      if (!id) throw new Error(`${path} was never trashed`);
      files.untrash(id);
    },
    resetCursors() {},
    fail({ call, how }) {
      cloud.faults.add({ match: requests[call], effect: effectOf(how) });
    },
    tree: () => treeBelow(cloud, folder),
    clear: () => files.deleteForever(home.id),
  };
}

/** The elder of two of one name comes first. */
function treeBelow({ files }: GoogleDriveCloud, folder: string): Tree {
  const tree: Record<string, string | null> = {};
  const items = files
    .tree()
    .filter((item) => !item.trashed && item.path.startsWith(`${folder}/`))
    .toSorted((a, b) => files.item(a.id).order - files.item(b.id).order);
  for (const item of items) {
    const name = item.path.slice(folder.length + 1) + (item.kind === "folder" ? "/" : "");
    add(tree, name, item.kind === "file" ? files.readText(item.id) : null);
  }
  return tree;
}
