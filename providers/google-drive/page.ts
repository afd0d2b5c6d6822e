import type { drive_v3 } from "googleapis/build/src/apis/drive/index.js";
import type { Change, ChangePage, Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import type { DriveApi } from "./api.ts";
import { type Items, lostWords } from "./items.ts";
import { listBelow } from "./listing.ts";
import { limitedAmong } from "./sight.ts";
import { type Told, toChange } from "./translate.ts";

/** What a page of the feed is made with. */
export interface PageContext {
  readonly api: DriveApi;
  readonly tree: TreeView;
  readonly items: Pick<Items, "stat" | "isRoot" | "isLost">;
  /** What went out of this account's sight since the program began; looked into anew when it comes back. */
  readonly lost: Set<ItemId>;
}

/**
 * A page of the change log in the engine's words. The log tells of a folder that was moved in, shared or
 * restored, but not of what is in it: that is listed. `gone` collects what the pages of one run saw go.
 */
export async function toPage(
  context: PageContext,
  log: readonly drive_v3.Schema$Change[],
  gone: Set<ItemId>,
): Promise<Pick<ChangePage, "changes" | "unreadable">> {
  const driveId = (await context.api.sharedDrive())?.id ?? null;
  const latest = new Map(log.flatMap((change) => keyed(toChange(change, driveId))));
  const puts: Entry[] = [];
  const gones = new Set<ItemId>();
  const removed: ItemId[] = [];
  for (const [id, told] of latest) {
    if (told.type === "gone") gones.add(id);
    else if (told.type === "removed") removed.push(id);
    else if (!(await context.items.isRoot(told.entry))) puts.push(told.entry);
  }
  for (const { id } of puts) gone.delete(id);
  const lost = await takeLost(context, removed, gones);
  const limited = limitedAmong(filesOf(log));

  const newFolders = puts.filter(
    ({ id, kind }) => kind === "folder" && (context.lost.delete(id) || !context.tree.get(id)),
  );
  const { entries, unreadable } = await listBelow(context.api, newFolders, async (entry) =>
    latest.has(entry.id) ? null : gone.has(entry.id) ? lookAgain(context, entry.id) : entry,
  );
  for (const id of gones) gone.add(id);
  for (const { id } of limited) context.lost.add(id);
  const untold = [...unreadable, ...lost, ...limited];
  return {
    // What was moved out of a folder that is gone must be out of it before the folder goes.
    changes: [
      ...[...puts, ...entries].map((entry): Change => ({ type: "put", entry })),
      ...[...gones].map((id): Change => ({ type: "gone", id })),
    ],
    ...(untold.length > 0 && { unreadable: untold }),
  };
}

/** The last entry for an id is the one that counts; entries about whole shared drives name no item. */
function keyed(told: Told | null): readonly (readonly [ItemId, Told])[] {
  if (told === null) return [];
  return [[told.type === "put" ? told.entry.id : told.id, told]];
}

/**
 * Sorts what was removed: what is gone joins `gones`, what this account only sees no more is named, the topmost
 * items alone, and stays as it is.
 */
async function takeLost(
  { api, tree, items, lost }: PageContext,
  removed: readonly ItemId[],
  gones: Set<ItemId>,
): Promise<NonNullable<ChangePage["unreadable"]>> {
  const out = new Set<ItemId>();
  for (const id of removed) {
    if (isIn(gones, id, tree) || !(await items.isLost(id))) gones.add(id);
    else out.add(id);
  }
  const top = [...out].filter((id) => {
    const folder = tree.get(id)?.parent ?? null;
    return !isIn(gones, id, tree) && (folder === null || !isIn(out, folder, tree));
  });
  for (const id of out) lost.add(id);
  return top.map((id) => ({ id, reason: lostWords(api, id) }));
}

/** Whether the item or a folder above it is one of `ids`. */
function isIn(ids: ReadonlySet<ItemId>, id: ItemId, tree: TreeView): boolean {
  for (let at: ItemId | null = id; at !== null; at = tree.get(at)?.parent ?? null) {
    if (ids.has(at)) return true;
  }
  return false;
}

function filesOf(log: readonly drive_v3.Schema$Change[]) {
  return log.flatMap(({ file, removed }) => (file && !file.trashed && !removed ? [file] : []));
}

/** A listing lags behind the log: what was seen to go comes back only on the item's own word. */
async function lookAgain(context: PageContext, id: ItemId): Promise<Entry | null> {
  try {
    return await context.items.stat(id);
  } catch (error) {
    if (isProviderError(error, "not-found", "forbidden")) return null;
    throw error;
  }
}
