import type { GoogleDriveSettings } from "../../src/core/account.ts";
import type { ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Provider, ProviderContext, Traits } from "../../src/core/provider.ts";
import { type DriveApi, openDriveApi } from "./api.ts";
import { subscribe, unsubscribe } from "./channel.ts";
import { download } from "./download.ts";
import {
  copy,
  createFolder,
  displaced,
  maxFileBytes,
  move,
  revisions,
  trash,
  write,
} from "./edit.ts";
import { readFeed } from "./feed.ts";
import { createItems } from "./items.ts";
import { listNamed } from "./listing.ts";
import { restore } from "./restore.ts";
import { driveScope, lackOf } from "./scopes.ts";
import { heldBytes } from "./upload.ts";

const idsAtOnce = 1000;

const traits: Traits = {
  hashes: ["md5", "sha1", "sha256"],
  names: {
    caseSensitive: true,
    unicode: "distinct",
    duplicates: true,
    maxLength: null,
    forbidden: [],
    blankEdges: { leading: true, trailing: true },
    reserved: [],
  },
  // The API has no precondition: revisions are compared just before; what gets in then, `displaced` tells.
  conditionalWrite: false,
  liveFeed: false,
  modifiedPrecisionMs: 1,
  parallelReads: true,
  parallelWrites: false,
  sharedWriteBytes: null,
  heldBytes,
  maxFileBytes,
};

/**
 * One Google account's My Drive and what others share with it, or a shared drive. Makes no request before the first call.
 * `context.tree` saves requests where it knows an item; nothing depends on its being up to date.
 */
export function openGoogleDrive(settings: GoogleDriveSettings, context: ProviderContext): Provider {
  const api = openDriveApi(settings, context);
  const { tree, clock } = context;
  const items = createItems(api, tree);
  const { root, stat, list } = items;
  const editing = { api, items, tree, clock };
  const feed = { api, tree, items, lost: new Set<ItemId>() };

  return {
    kind: "google-drive",
    traits,
    identity: () => identity(api),
    root,
    stat,
    list,
    changes: (since) => readFeed(feed, since),
    read: (id, options = {}) => download({ api, tree, stat }, id, options),
    write: (target, source, options = {}) => write(editing, target, source, options),
    copy: (id, to) => copy(editing, id, to),
    named: (at) => listNamed(api, at),
    createFolder: (at) => createFolder(editing, at),
    move: (id, to) => move(editing, id, to),
    trash: (id, options) => trash(editing, id, options?.revision),
    restore: (trashed) => restore(editing, trashed),
    revisions: (id) => revisions(api, id),
    displaced: (replacement) => displaced(api, replacement),
    reserveIds: (count) => reserveIds(api, count),
    // What a shared drive may hold is not told: its organisation pays for it.
    ...(settings.drive === undefined && { space: () => space(api) }),
    lacks: async () => lackOf((await api.scopes()) ?? [driveScope]),
    subscribe: (request) => subscribe(api, clock, request),
    unsubscribe: (subscription) => unsubscribe(api, subscription),
  };
}

async function identity(api: DriveApi) {
  const shared = await api.sharedDrive();
  if (shared !== null) return { id: shared.id, label: `${shared.name} (shared drive)` };
  const { user } = await api.about();
  if (user?.permissionId) {
    return { id: user.permissionId, label: user.emailAddress ?? user.displayName ?? "unknown" };
  }
  throw new ProviderError("unexpected", "google-drive: the answer names no user");
}

async function space(api: DriveApi) {
  const { storageQuota } = await api.about();
  const { usage, limit } = storageQuota ?? {};
  return { usedBytes: Number(usage ?? 0), totalBytes: limit ? Number(limit) : null };
}

async function reserveIds(api: DriveApi, count: number): Promise<readonly ItemId[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    ids.push(...(await api.generateIds(Math.min(idsAtOnce, count - ids.length))));
  }
  return ids as ItemId[];
}
