import type { Content } from "../clouds/kit/content.ts";
import { createOneDriveCloud } from "../clouds/onedrive/cloud.ts";
import { GraphError } from "../clouds/onedrive/errors.ts";
import { headOf } from "../clouds/onedrive/item.ts";
import { checkName } from "../clouds/onedrive/names.ts";
import type { People } from "../clouds/onedrive/people.ts";
import { checkedName, createHasher, type Item, Refusal, type SampleCloud } from "./sample-cloud.ts";

/** A personal OneDrive on this machine, not yet listening. */
export function createSampleOneDrive(): SampleCloud {
  const server = createOneDriveCloud({ user: { userPrincipalName: "mika@example.com" } });
  const { files } = server;
  const hashOf = createHasher();

  function pathOf(id: string | null): string {
    if (id === null) return "";
    const found = files.tree().find((each) => each.id === id);
    if (!found) throw new Refusal("That is no longer there.");
    return found.path;
  }

  return {
    key: "onedrive",
    title: "OneDrive",
    person: server.user.userPrincipalName,
    server,
    credentials: server.grant(),
    // Syncline subscribes by the API.
    enterWebhook: async () => {},
    hasPromised: () => server.subscriptions.list().length > 0,
    items: () => itemsOf(files, hashOf),
    read: (id) => files.read(pathOf(id)),
    upload(folder, path, { bytes, modifiedAt }) {
      const target = joined(pathOf(folder), ...path.map(allowedName));
      if (files.exists(target) && files.item(target).kind === "folder") refuseTaken();
      files.put(target, bytes, modifiedAt && { modified: modifiedAt });
    },
    makeFolder(parent, name) {
      const target = joined(pathOf(parent), allowedName(name));
      if (files.exists(target)) refuseTaken();
      files.mkdir(target);
    },
    rename(id, name) {
      const from = pathOf(id);
      const target = joined(parentOf(from), allowedName(name));
      if (files.exists(target) && files.item(target).id !== id) refuseTaken();
      files.rename(from, allowedName(name));
    },
    edit(id, bytes) {
      files.edit(id, bytes);
    },
    trash(id) {
      files.trash(pathOf(id));
    },
  };
}

function itemsOf(files: People, hashOf: (content: Content) => string): Item[] {
  const tree = files.tree();
  const ids = new Map(tree.map(({ path, id }) => [path, id]));
  return tree.map(({ path, id, kind, sizeBytes, modified }) => {
    const head = headOf(files.item(path));
    return {
      id,
      parent: ids.get(parentOf(path)) ?? null,
      name: path.slice(path.lastIndexOf("/") + 1),
      path,
      kind: kind === "folder" ? "folder" : "file",
      sizeBytes: kind === "folder" ? null : sizeBytes,
      modifiedAt: kind === "folder" ? null : modified.toISOString(),
      contentHash: head ? hashOf(head.blob.content) : null,
    };
  });
}

/** A name that the service's own page would take. */
function allowedName(name: string): string {
  const checked = checkedName(name);
  try {
    checkName(checked, { isFolder: false, libraryRoot: false, above: [] });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new Refusal(
      "OneDrive refuses that name: it can't hold \" * : < > ? | or be a reserved one.",
    );
  }
  return checked;
}

function refuseTaken(): never {
  throw new Refusal("There is already something of that name.");
}

const joined = (...names: readonly string[]) => names.filter((name) => name !== "").join("/");
const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
