import type { Change, ChangePage, Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import type { Items } from "./items.ts";
import { type DriveItem, toChange } from "./translate.ts";

/** What a page of the feed is made with. */
export interface RoundContext {
  readonly items: Pick<Items, "root" | "stat" | "list">;
  readonly tree: TreeView;
}

type Unreadable = NonNullable<ChangePage["unreadable"]>[number];

/**
 * What the items of one round, or of one page of a listing, amount to. Tombstones come last: a folder's is
 * for all below it, and what was moved out of it must be out of it before it goes. A folder that is new to
 * the mirror but was made before `seenUntil` came back from the recycle bin: Graph may tell of it alone, so
 * what is below is listed.
 */
export async function toPage(
  context: RoundContext,
  items: readonly DriveItem[],
  seenUntil: string,
): Promise<Pick<ChangePage, "changes" | "unreadable">> {
  const last = new Map(items.map((item) => [item.id, item]));
  const puts = new Map<ItemId, Entry>();
  const gone: Change[] = [];
  const back: ItemId[] = [];
  for (const item of last.values()) {
    if (item.root) continue;
    const change = toChange(item, context.tree);
    if (change.type === "gone") gone.push(change);
    else if (seenUntil === "" || !isKnown(change.entry, context.tree)) {
      puts.set(change.entry.id, change.entry);
      if (isBack(change.entry, item, context.tree, seenUntil)) back.push(change.entry.id);
    }
  }
  const isNamed = (id: ItemId) => last.has(id);
  const unreadable = await addBelow(context, back, puts, isNamed);
  if (seenUntil !== "") await addParents(context, puts);
  const entries = parentsFirst(puts);
  return {
    changes: [...entries.map((entry): Change => ({ type: "put", entry })), ...gone],
    ...(unreadable.length > 0 && { unreadable }),
  };
}

/** The newest of the service's own times; they have one form, and so compare as text. */
export function latest(seenUntil: string, items: readonly DriveItem[]): string {
  return items.reduce((newest, { lastModifiedDateTime: time = "" }) => {
    return time > newest ? time : newest;
  }, seenUntil);
}

/** Folders above a change come along without one of their own; a folder's time follows what is in it. */
function isKnown(entry: Entry, tree: TreeView): boolean {
  const known = tree.get(entry.id);
  if (known === null || known.kind !== entry.kind || known.revision !== entry.revision)
    return false;
  const isSamePlace = known.parent === entry.parent && known.name === entry.name;
  if (!isSamePlace || entry.kind === "folder") return isSamePlace;
  const isSameTime = known.modifiedAt?.getTime() === entry.modifiedAt?.getTime();
  const isSameHash = known.hashes.quickXor === entry.hashes.quickXor;
  return isSameTime && isSameHash && known.sizeBytes === entry.sizeBytes;
}

function isBack(
  { id, kind }: Entry,
  { createdDateTime = "" }: DriveItem,
  tree: TreeView,
  seenUntil: string,
): boolean {
  return kind === "folder" && tree.get(id) === null && createdDateTime <= seenUntil;
}

async function addBelow(
  { items }: RoundContext,
  folders: readonly ItemId[],
  puts: Map<ItemId, Entry>,
  isNamed: (id: ItemId) => boolean,
): Promise<readonly Unreadable[]> {
  const unreadable: Unreadable[] = [];
  const waiting = [...folders];
  const seen = new Set(waiting);
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    try {
      for await (const entry of items.list(folder)) {
        // What the round itself says of an item may be newer than nothing, but never older than a listing's.
        if (isNamed(entry.id)) continue;
        puts.set(entry.id, entry);
        if (entry.kind !== "folder" || seen.has(entry.id)) continue;
        seen.add(entry.id);
        waiting.push(entry.id);
      }
    } catch (error) {
      if (isProviderError(error, "forbidden")) {
        unreadable.push({ id: folder, reason: error.message });
      } else if (!isProviderError(error, "not-found")) throw error;
    }
  }
  return unreadable;
}

/** A round may name a child whose folder neither it nor the mirror knows. */
async function addParents({ items, tree }: RoundContext, puts: Map<ItemId, Entry>): Promise<void> {
  const root = await items.root();
  const isThere = (id: ItemId) => id === root.id || puts.has(id) || tree.get(id) !== null;
  for (const { parent } of [...puts.values()]) {
    for (let id = parent; id !== null && !isThere(id); id = puts.get(id)?.parent ?? null) {
      try {
        puts.set(id, await items.stat(id));
      } catch (error) {
        if (!isProviderError(error, "not-found")) throw error;
        break;
      }
    }
  }
}

/** Folders before what is in them, so that no step on the way makes a circle of folders that changed places. */
function parentsFirst(puts: ReadonlyMap<ItemId, Entry>): readonly Entry[] {
  const placed = new Set<Entry>();
  for (const entry of puts.values()) {
    const above: Entry[] = [];
    for (
      let next: Entry | undefined = entry;
      next && !placed.has(next) && !above.includes(next);
      next = next.parent === null ? undefined : puts.get(next.parent)
    ) {
      above.push(next);
    }
    for (const each of above.reverse()) placed.add(each);
  }
  return [...placed];
}
