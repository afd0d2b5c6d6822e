import type { DropboxSettings } from "../../src/core/account.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Provider, ProviderContext, Traits, Version } from "../../src/core/provider.ts";
import { type Account, openAccount } from "./account.ts";
import { type Api, type Call, openApi } from "./api.ts";
import { openAuth } from "./auth.ts";
import { openCopy } from "./copy.ts";
import { openFeed } from "./feed.ts";
import { addressOf, openFetch } from "./fetch.ts";
import { createFolders, type Folders } from "./folders.ts";
import { lacks } from "./lacks.ts";
import { openMove } from "./move.ts";
import { createOwnWrites } from "./own.ts";
import { openPlaces } from "./places.ts";
import { openRead } from "./read.ts";
import { openRestore } from "./restore.ts";
import { isFile, nameRules, rootEntry, rootId, toEntry, toVersion } from "./translate.ts";
import { trash } from "./trash.ts";
import { heldBytes } from "./upload.ts";
import { maxFileBytes, openWrite } from "./write.ts";
import { smallBytes } from "./writers.ts";

const traits: Traits = {
  hashes: ["dropbox"],
  names: nameRules,
  conditionalWrite: true,
  liveFeed: false,
  modifiedPrecisionMs: 1000,
  parallelReads: true,
  parallelWrites: true,
  sharedWriteBytes: smallBytes,
  heldBytes,
  maxFileBytes,
};

/** One Dropbox account; what is particular about it stands in README.md. */
export function openDropbox(settings: DropboxSettings, context: ProviderContext): Provider {
  const { tree, clock } = context;
  const api = openApi(settings, context, openAuth(settings, context));
  const own = createOwnWrites(() => clock.now());
  const places = openPlaces(api, context);
  const account = openAccount({ api, own, places }, context);
  const folders = createFolders(context.account, api, clock);
  const feed = openFeed(api, tree, clock, {
    now: (id) => account.describe(id),
    folderAt: async (path) => {
      const found = await account.describe(path);
      return found === null || isFile(found) ? null : found;
    },
    left: own.left,
    hear: places.hear,
  });
  return {
    kind: "dropbox",
    traits,
    identity: () => identity(account, settings.space === "team"),
    root: async () => rootEntry,
    stat: (id) => account.stat(id),
    list: (folder) => list(account, folder),
    ...feed,
    read: openRead(account),
    write: openWrite(account),
    copy: openCopy(account),
    addressOf: (id, revision) => addressOf(account, id, revision),
    ...(settings.saveUrl && { fetchFrom: openFetch(account) }),
    createFolder: (at) => createFolder(account, folders, at),
    move: openMove(account),
    trash: (id, options) => trash(account, id, options?.revision),
    restore: openRestore(account, tree),
    revisions: (id) => revisions(account, id),
    space: () => space(account),
    lacks: () => lacks(account),
  };
}

/** The whole team and one's own folder are two places of one account. */
async function identity({ api }: Account, isTeam: boolean) {
  const { account_id, email } = await api.call(
    { operation: "ask who is signed in" },
    (client, options) => client.usersGetCurrentAccount(options),
  );
  if (isTeam) return { id: `${account_id} team`, label: `${email} (all of the team)` };
  return { id: account_id, label: email };
}

async function* list({ api, named }: Account, folder: ItemId): AsyncGenerator<Entry> {
  const call = { operation: "list", item: named(folder) };
  const path = folder === rootId ? "" : folder;
  let page = await api.call(call, (client, options) =>
    client.filesListFolder({ path, limit: 2000, include_non_downloadable_files: true }, options),
  );
  for (;;) {
    for (const item of page.entries) {
      // Deleted while the pages were read; and the folder itself, which some listings hold.
      if (item[".tag"] === "deleted" || item.id === folder) continue;
      yield toEntry(item, folder);
    }
    if (!page.has_more) return;
    page = await goOn(api, call, page.cursor);
  }
}

/** The next page of a folder. An old cursor is its own affair, not that of the feed: list once more. */
async function goOn(api: Api, call: Call, cursor: string) {
  try {
    return await api.call(call, (client, options) =>
      client.filesListFolderContinue({ cursor }, options),
    );
  } catch (error) {
    if (!isProviderError(error, "cursor-expired")) throw error;
    throw new ProviderError("unavailable", error.message, { cause: error });
  }
}

async function createFolder(
  account: Account,
  folders: Folders,
  at: { parent: ItemId; name: string },
): Promise<Entry> {
  const path = await account.pathFor(at);
  const call = { operation: "create folder", item: account.quoted(at) };
  try {
    const metadata = await folders.create(path, call);
    account.places.learn(metadata);
    const entry = toEntry(metadata, at.parent);
    account.own.wrote(entry);
    return entry;
  } catch (error) {
    if (!isProviderError(error, "already-exists")) throw error;
    const existing = await account.lookAt(at);
    throw new ProviderError("already-exists", error.message, { existing, cause: error });
  }
}

/** The newest hundred: further pages are given by path alone (Dropbox docs: list_revisions, `before_rev`). */
async function revisions({ api, named }: Account, id: ItemId): Promise<readonly Version[]> {
  const call = { operation: "list the revisions of", item: named(id) };
  const { entries } = await api.call(call, (client, options) =>
    client.filesListRevisions({ path: id, mode: { ".tag": "id" }, limit: 100 }, options),
  );
  return entries.map(toVersion);
}

async function space({ api }: Account) {
  const { used, allocation } = await api.call(
    { operation: "ask for the space" },
    (client, options) => client.usersGetSpaceUsage(options),
  );
  switch (allocation[".tag"]) {
    case "individual":
      return { usedBytes: used, totalBytes: allocation.allocated };
    case "team":
      // Members draw on what the team has left.
      return { usedBytes: allocation.used, totalBytes: allocation.allocated };
    default:
      return { usedBytes: used, totalBytes: null };
  }
}
