import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { headOf, isFolder } from "../clouds/google-drive/item.ts";
import type { People } from "../clouds/google-drive/people.ts";
import type { Content } from "../clouds/kit/content.ts";
import { checkedName, createHasher, type Item, Refusal, type SampleCloud } from "./sample-cloud.ts";

/** A Google Drive on this machine, not yet listening. */
export function createSampleDrive(): SampleCloud {
  const server = createGoogleDriveCloud({ user: { email: "franz@example.com" } });
  const { files } = server;
  const hashOf = createHasher();

  return {
    key: "drive",
    title: "Google Drive",
    person: "franz@example.com",
    server,
    credentials: server.grant(),
    // Syncline subscribes by the API.
    enterWebhook: async () => {},
    hasPromised: () => server.channels.living.length > 0,
    items: () => itemsOf(files, hashOf),
    read: (id) => files.read(id),
    upload(folder, path, { bytes, modifiedAt }) {
      const above = path.slice(0, -1).map(checkedName);
      const parent = above.reduce(
        (at, name) => (childOf(files, at, name, true) ?? files.mkdir(at, name)).id,
        folder ?? files.rootId,
      );
      const name = checkedName(path.at(-1) ?? "");
      const options = modifiedAt && { modifiedTime: modifiedAt };
      const there = childOf(files, parent, name, false);
      if (there) files.edit(there.id, bytes, options);
      else files.put(parent, name, bytes, options);
    },
    makeFolder(parent, name) {
      const at = parent ?? files.rootId;
      if (childOf(files, at, checkedName(name), true)) {
        throw new Refusal("There is already a folder of that name.");
      }
      files.mkdir(at, checkedName(name));
    },
    rename(id, name) {
      files.rename(id, checkedName(name));
    },
    edit(id, bytes) {
      files.edit(id, bytes);
    },
    trash(id) {
      files.trash(id);
    },
  };
}

function itemsOf(files: People, hashOf: (content: Content) => string): Item[] {
  return files
    .tree()
    .filter(({ trashed }) => !trashed)
    .map(({ id, path, kind, sizeBytes, modifiedTime }) => {
      const item = files.item(id);
      const head = headOf(item);
      return {
        id,
        parent: item.parent === files.rootId ? null : item.parent,
        name: item.name,
        path,
        kind: kind === "folder" ? "folder" : "file",
        sizeBytes,
        modifiedAt: kind === "folder" ? null : modifiedTime.toISOString(),
        contentHash: head ? hashOf(head.content) : null,
      };
    });
}

/** A child by its name; Drive lets several share one, of which the first counts. */
function childOf(files: People, parent: string, name: string, folder: boolean) {
  return files
    .tree()
    .map(({ id, trashed }) => ({ item: files.item(id), trashed }))
    .find(
      ({ item, trashed }) =>
        !trashed && item.parent === parent && item.name === name && isFolder(item) === folder,
    )?.item;
}
