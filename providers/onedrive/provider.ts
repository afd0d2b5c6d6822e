import type { OneDriveSettings } from "../../src/core/account.ts";
import type { Provider, ProviderContext, Traits } from "../../src/core/provider.ts";
import { openApi } from "./api.ts";
import { copy } from "./copy.ts";
import { openDrive } from "./drive.ts";
import { createFolder, move, restore, trash } from "./edit.ts";
import { readFeed } from "./feed.ts";
import { createItems } from "./items.ts";
import { libraryNameRules, nameRules } from "./names.ts";
import { addressOf, read } from "./read.ts";
import { lackOf, scopesOf } from "./scopes.ts";
import { createUnanswered } from "./settle.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { abandon, heldBytes } from "./upload.ts";
import { createVersions } from "./versions.ts";
import { maxFileBytes, write } from "./write.ts";

const traits: Traits = {
  hashes: ["quickXor"],
  names: nameRules,
  // An upload session compares when it is opened; before its last fragment the revision is read once more. What
  // gets in then, `displaced` tells.
  conditionalWrite: false,
  liveFeed: false,
  modifiedPrecisionMs: 1000,
  parallelReads: true,
  parallelWrites: false,
  sharedWriteBytes: null,
  heldBytes,
  maxFileBytes,
};

/**
 * One drive of Microsoft's: personal, business or a document library. Makes no request before the first call.
 * What is particular about it stands in README.md.
 */
export function openOneDrive(settings: OneDriveSettings, context: ProviderContext): Provider {
  const { tree, clock } = context;
  const isLibrary = settings.site !== undefined || settings.drive !== undefined;
  const names = isLibrary ? libraryNameRules : nameRules;
  const api = openApi(settings, context);
  const drive = openDrive(settings, api);
  const items = createItems(api, drive, tree);
  const versions = createVersions(api, drive, items);
  const unanswered = createUnanswered();
  const editing = { api, drive, items, clock, names, unanswered, versions };
  const { root, stat, list } = items;

  return {
    kind: "onedrive",
    traits: { ...traits, names },
    identity: drive.identity,
    root,
    stat: (id) => stat(id),
    list,
    changes: (since) => readFeed({ api, drive, items, tree }, since),
    read: (id, options = {}) => read({ api, drive, items, versions }, id, options),
    write: (target, source, options = {}) => write(editing, target, source, options),
    copy: (id, to) => copy(editing, id, to),
    addressOf: (id, revision) => addressOf({ api, items }, id, revision),
    createFolder: (at) => createFolder(editing, at),
    move: (id, to) => move(editing, id, to),
    trash: (id, options) => trash(editing, id, options?.revision),
    restore: (trashed) => restore(editing, trashed),
    revisions: versions.list,
    displaced: versions.displaced,
    abandon: (_target, _operation, saved) => abandon(api, saved),
    space: drive.space,
    lacks: async () => lackOf(settings, (await api.scopes()) ?? scopesOf(settings)),
    ...createSubscriptions(api, drive, clock),
  };
}
