import type { drive_v3 } from "googleapis/build/src/apis/drive/index.js";
import type { Change, ChangePage, Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import type { DriveApi } from "./api.ts";
import { listBelow } from "./listing.ts";
import { toChange } from "./translate.ts";

/** What a page of the feed is made with. */
export interface PageContext {
  readonly api: DriveApi;
  readonly tree: TreeView;
  readonly stat: (id: ItemId) => Promise<Entry>;
  readonly isRoot: (entry: Entry) => Promise<boolean>;
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
  const latest = new Map(log.flatMap((change) => keyed(toChange(change))));
  const puts: Entry[] = [];
  const gones: ItemId[] = [];
  for (const [id, change] of latest) {
    if (change.type === "gone") gones.push(id);
    else if (!(await context.isRoot(change.entry))) puts.push(change.entry);
  }
  for (const { id } of puts) gone.delete(id);

  const newFolders = puts.filter(({ id, kind }) => kind === "folder" && !context.tree.get(id));
  const { entries, unreadable } = await listBelow(context.api, newFolders, async (entry) =>
    latest.has(entry.id) ? null : gone.has(entry.id) ? lookAgain(context, entry.id) : entry,
  );
  for (const id of gones) gone.add(id);
  return {
    // What was moved out of a folder that is gone must be out of it before the folder goes.
    changes: [
      ...[...puts, ...entries].map((entry): Change => ({ type: "put", entry })),
      ...gones.map((id): Change => ({ type: "gone", id })),
    ],
    ...(unreadable.length > 0 && { unreadable }),
  };
}

/** The last entry for an id is the one that counts; entries about whole shared drives name no item. */
function keyed(change: Change | null): readonly (readonly [ItemId, Change])[] {
  if (change === null) return [];
  return [[change.type === "gone" ? change.id : change.entry.id, change]];
}

/** A listing lags behind the log: what was seen to go comes back only on the item's own word. */
async function lookAgain(context: PageContext, id: ItemId): Promise<Entry | null> {
  try {
    return await context.stat(id);
  } catch (error) {
    if (isProviderError(error, "not-found")) return null;
    throw error;
  }
}
