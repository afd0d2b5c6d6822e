import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";
import type { People } from "../clouds/dropbox/people.ts";
import { checkedName, type Item, Refusal, type SampleCloud } from "./sample-cloud.ts";

/** A Dropbox account on this machine, not yet listening. */
export function createSampleDropbox(): SampleCloud {
  const server = createDropboxCloud();
  const { files } = server;
  let isEntered = false;

  function pathOf(id: string | null): string {
    if (id === null) return "";
    const found = files.tree().find((each) => each.id === id);
    if (!found) throw new Refusal("That is no longer there.");
    return found.path;
  }

  function free(path: string): string {
    if (files.exists(path)) throw new Refusal("There is already something of that name.");
    return path;
  }

  return {
    key: "dropbox",
    title: "Dropbox",
    person: server.account.email,
    server,
    credentials: server.oauth.grant(),
    async enterWebhook(origin) {
      await server.webhooks.register(`${origin}/webhooks/dropbox`);
      isEntered = true;
    },
    hasPromised: () => isEntered,
    items: () => itemsOf(files.tree()),
    read: (id) => files.read(pathOf(id)),
    upload(folder, path, { bytes, modifiedAt }) {
      const target = [pathOf(folder), ...path.map(checkedName)].join("/");
      files.put(target, bytes, modifiedAt && { clientModified: modifiedAt });
    },
    makeFolder(parent, name) {
      files.mkdir(free(`${pathOf(parent)}/${checkedName(name)}`));
    },
    rename(id, name) {
      const from = pathOf(id);
      const to = `${parentOf(from)}/${checkedName(name)}`;
      files.move(from, to.toLowerCase() === from.toLowerCase() ? to : free(to));
    },
    edit(id, bytes) {
      files.put(pathOf(id), bytes);
    },
    trash: (id) => files.delete(pathOf(id)),
  };
}

function itemsOf(tree: ReturnType<People["tree"]>): Item[] {
  const ids = new Map(tree.map(({ path, id }) => [path, id]));
  return tree.map((each) => ({
    id: each.id,
    parent: ids.get(parentOf(each.path)) ?? null,
    name: each.path.slice(each.path.lastIndexOf("/") + 1),
    path: each.path.slice(1),
    kind: each.kind,
    sizeBytes: each.kind === "file" ? each.sizeBytes : null,
    modifiedAt: each.kind === "file" ? each.clientModified.toISOString() : null,
    contentHash: each.kind === "file" ? each.contentHash : null,
  }));
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
