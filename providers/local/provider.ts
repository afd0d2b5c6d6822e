import { watch as nodeWatch } from "node:fs";
import { access, constants, realpath, statfs } from "node:fs/promises";
import type { LocalSettings } from "../../src/core/account.ts";
import type { Provider, ProviderContext, Traits } from "../../src/core/provider.ts";
import { createFolder, moveItem, trashItem } from "./arrange.ts";
import { createEvents } from "./events.ts";
import { translate, translated } from "./failure.ts";
import { changes } from "./feed.ts";
import { readFolder } from "./folder.ts";
import { rootEntry, rootId } from "./item.ts";
import { createKnown } from "./known.ts";
import { nameRules } from "./names.ts";
import { createPlaces } from "./places.ts";
import { restoreItem } from "./restore.ts";
import { createRetained } from "./retained.ts";
import { listVersions, readVersion } from "./versions.ts";
import { abandonPart, writeFile } from "./write.ts";

export interface LocalOptions {
  /** Changes in a page of the feed, default 1000. */
  readonly pageSize?: number;
  /** Where events of the file system come from; default the system. */
  readonly watch?: typeof nodeWatch;
}

/** A folder on this machine. README.md says how items keep their ids, and what is left out. */
export function openLocal(
  { root }: LocalSettings,
  { tree, clock, stateFolder }: Pick<ProviderContext, "tree" | "clock" | "stateFolder">,
  { pageSize = 1000, watch = nodeWatch }: LocalOptions = {},
): Provider {
  const traits = localTraits();
  const known = createKnown(tree);
  const places = createPlaces(root, traits.names, known, stateFolder);
  const events = createEvents(root, known, clock, watch);
  const writing = { places, known, retained: createRetained(places, clock) };

  return {
    kind: "local",
    traits,
    identity: () =>
      translated("identity", async () => {
        await places.rootStats();
        await access(root, constants.R_OK | constants.X_OK);
        return { id: await realpath(root), label: root };
      }),
    root: () => translated("root", async () => rootEntry(await places.rootStats())),
    stat: (id) =>
      translated("stat", async () => {
        if (id === rootId) return rootEntry(await places.rootStats());
        return (await places.look(id)).entry;
      }),
    async *list(folder) {
      try {
        const path = await places.folder(folder);
        for (const seen of await readFolder(path, places.state)) {
          yield places.identify({ parent: folder, name: seen.name }, seen);
        }
      } catch (error) {
        throw translate(`list ${folder}`, error);
      }
    },
    changes: (since) => events.around(changes(places, known, since, pageSize)),
    waitForChange: (_, signal) => events.wait(signal),
    read: (id, options = {}) =>
      translated("read", async () => {
        options.signal?.throwIfAborted();
        return readVersion(writing, id, options);
      }),
    write: (target, source, options = {}) =>
      translated("write", () => writeFile(writing, target, source, options)),
    createFolder: (at) => translated("create folder", () => createFolder(writing, at)),
    move: (id, to) => translated("move", () => moveItem(writing, traits.names, id, to)),
    trash: (id, { revision } = {}) => translated("trash", () => trashItem(writing, id, revision)),
    restore: (trashed) => translated("restore", () => restoreItem(writing, trashed)),
    revisions: (id) => translated("list the versions", () => listVersions(writing, id)),
    abandon: (target, operation) =>
      translated("abandon", () => abandonPart(places, target, operation)),
    space: () =>
      translated("space", async () => {
        const { bsize, blocks, bfree } = await statfs(root);
        return { usedBytes: (blocks - bfree) * bsize, totalBytes: blocks * bsize };
      }),
    close: async () => events.close(),
  };
}

function localTraits(): Traits {
  return {
    hashes: [],
    names: nameRules(process.platform),
    conditionalWrite: true,
    liveFeed: true,
    modifiedPrecisionMs: 1,
    parallelReads: false,
    parallelWrites: true,
    sharedWriteBytes: null,
    heldBytes: () => 0,
    maxFileBytes: null,
  };
}
