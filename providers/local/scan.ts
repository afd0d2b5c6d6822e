import { join } from "node:path";
import type { Change, Entry, ItemId, Place } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import { hasCode, translate } from "./failure.ts";
import { readFolder, readRealFolder, type Seen } from "./folder.ts";
import { entryOf, mintId, rootId } from "./item.ts";
import type { Known } from "./known.ts";
import { createLost, type Lost } from "./lost.ts";
import { findAt, type Places } from "./places.ts";
import { hasPassed, type Progress } from "./position.ts";

/** One thing that a scan found out, and how far it was then. */
export interface Finding {
  readonly progress: Progress;
  readonly news: Change | Unreadable;
}

/** A folder that could not be read, and why. */
export interface Unreadable {
  readonly type: "unreadable";
  readonly id: ItemId;
  readonly reason: string;
}

/**
 * Walks the root and tells how it differs from what is known; with `listed`, also every item that is as
 * it was known and was not passed then, and nothing as gone: what a listing does not name is in doubt.
 *
 * An item is found again by its inode, also at another place; else by place and kind, as editors save a
 * file by replacing it. Parents come before what is in them, removals at the end. Holds one folder and
 * the differences, not the tree.
 */
export async function* scan(
  places: Places,
  known: Known,
  listed: Progress | null,
): AsyncGenerator<Finding> {
  const walk = startWalk(places, known, listed);
  for (;;) {
    for (let folder = walk.folders.pop(); folder; folder = walk.folders.pop()) {
      yield* walkFolder(walk, folder);
    }
    const unclear = walk.unclearFolders.pop();
    if (!unclear) break;
    yield* settleFolder(walk, unclear);
  }
  yield* settleFiles(walk);
  if (listed !== null) return;
  for (const id of walk.lost.gone()) yield { progress: "end", news: { type: "gone", id } };
}

interface Walk {
  readonly places: Places;
  readonly known: Known;
  readonly listed: Progress | null;
  /** Nothing was known, so nothing can have moved: every arrival is new at once. */
  readonly isFirst: boolean;
  /** A stack. */
  readonly folders: Folder[];
  readonly unclearFolders: Arrival[];
  readonly arrivedFiles: Arrival[];
  readonly lost: Lost;
  /** Ids given to files that have more names than one, so that each name is an item. */
  readonly minted: Set<ItemId>;
}

/** A folder to be walked. */
interface Folder {
  readonly id: ItemId;
  readonly names: readonly string[];
  /** Below one that was unclear, so out of order. */
  readonly isLate: boolean;
}

/** What was found where nothing, or another inode, was known. */
interface Arrival {
  readonly place: Place;
  readonly names: readonly string[];
  readonly seen: Seen;
  /** The item of this kind that was known at the place. */
  readonly displaced: Entry | null;
}

function startWalk(places: Places, known: Known, listed: Progress | null): Walk {
  const lost = createLost(known);
  // Found again, where somebody took it out of `.syncline/trash` meanwhile.
  lost.add(known.removed());
  return {
    places,
    known,
    listed,
    isFirst: known.children(rootId).length === 0,
    folders: [{ id: rootId, names: [], isLate: false }],
    unclearFolders: [],
    arrivedFiles: [],
    lost,
    minted: new Set(),
  };
}

async function* walkFolder(walk: Walk, folder: Folder): AsyncGenerator<Finding> {
  const children = await childrenOf(walk, folder);
  if (typeof children === "string") {
    const news = { type: "unreadable", id: folder.id, reason: children } as const;
    yield { progress: progressAt(folder, ""), news };
    return;
  }
  const expected = Map.groupBy(walk.known.children(folder.id), ({ name }) => name);
  const inside: Folder[] = [];
  for (const seen of children) {
    const entry = await recognise(walk, folder, seen, expected.get(seen.name) ?? []);
    if (!entry) continue;
    expected.set(seen.name, without(expected.get(seen.name), entry));
    if (seen.kind === "folder")
      inside.push({ ...folder, id: entry.id, names: [...folder.names, seen.name] });
    const progress = progressAt(folder, seen.name);
    if (isNews(walk, entry, progress)) yield { progress, news: { type: "put", entry } };
  }
  walk.folders.push(...inside.toReversed());
  for (const missing of expected.values()) walk.lost.add(missing);
}

/** The children on disk, or why they can't be read. */
async function childrenOf({ places }: Walk, { names }: Folder): Promise<Seen[] | string> {
  try {
    if (names.length === 0) return await readFolder(places.root);
    return await readRealFolder(join(places.root, ...names));
  } catch (error) {
    const told = translate("list", error);
    if (!isProviderError(told) || names.length === 0) throw error;
    return told.message;
  }
}

/** Which item it is; null when that is clear only after the walk. */
async function recognise(
  walk: Walk,
  folder: Folder,
  seen: Seen,
  here: readonly Entry[],
): Promise<Entry | null> {
  const { known, lost } = walk;
  const place = { parent: folder.id, name: seen.name };
  const sameKind = here.filter(({ kind }) => kind === seen.kind);
  const same = sameKind.find((entry) => known.keyOf(entry) === seen.key);
  if (same) return entryOf(same.id, place, seen);
  const displaced = sameKind[0] ?? null;
  const arrival = { place, names: [...folder.names, seen.name], seen, displaced };
  if (walk.isFirst) return create(walk, arrival);
  if (seen.kind === "file") {
    walk.arrivedFiles.push(arrival);
    return null;
  }
  const moved = known.folderOf(seen.key);
  if (moved && lost.isOpen(moved.id) && !(await isStillThere(walk, moved))) {
    lost.found(moved.id);
    return entryOf(moved.id, place, seen);
  }
  if (!displaced) return create(walk, arrival);
  walk.unclearFolders.push(arrival);
  return null;
}

/** A folder in the place of another: that one, made anew, unless that one was found elsewhere. */
function* settleFolder(walk: Walk, arrival: Arrival): Generator<Finding> {
  const entry = takePlace(walk, arrival);
  walk.known.noteKey(entry.id, arrival.seen.key);
  walk.folders.push({ id: entry.id, names: arrival.names, isLate: true });
  if (isNews(walk, entry, "end")) yield { progress: "end", news: { type: "put", entry } };
}

function* settleFiles(walk: Walk): Generator<Finding> {
  const unmoved: Arrival[] = [];
  const put = (entry: Entry): Finding => ({ progress: "end", news: { type: "put", entry } });
  for (const arrival of walk.arrivedFiles) {
    const moved = walk.lost.takeFile(arrival.seen.key);
    if (moved) yield put(entryOf(moved.id, arrival.place, arrival.seen));
    else unmoved.push(arrival);
  }
  for (const arrival of unmoved) yield put(takePlace(walk, arrival));
}

/** The item that was known at the place, unless it was found elsewhere: then a new one. */
function takePlace(walk: Walk, arrival: Arrival): Entry {
  const { displaced, place, seen } = arrival;
  if (!displaced || !walk.lost.isOpen(displaced.id)) return create(walk, arrival);
  walk.lost.found(displaced.id);
  return entryOf(displaced.id, place, seen);
}

function create({ known, lost, minted }: Walk, { place, seen }: Arrival): Entry {
  const id = mintId(seen.key, (taken) => minted.has(taken) || known.get(taken) !== null);
  if (seen.stats.nlink > 1n) minted.add(id);
  if (known.told(id) !== null) lost.found(id);
  return entryOf(id, place, seen);
}

/** Whether the folder is still where it was known: then the other one is the same folder mounted twice. */
async function isStillThere({ places, known }: Walk, folder: Entry): Promise<boolean> {
  try {
    const found = await findAt(join(places.root, ...places.names(folder.id)));
    return found?.key === known.keyOf(folder);
  } catch (error) {
    return !isProviderError(error, "not-found") && !hasCode(error, "ENOTDIR");
  }
}

function progressAt({ names, isLate }: Folder, name: string): Progress {
  return isLate ? "end" : { folder: names, name };
}

function isNews({ known, listed }: Walk, entry: Entry, progress: Progress): boolean {
  if (listed !== null && !isPassed(listed, progress)) return true;
  const before = known.told(entry.id);
  return (
    before?.parent !== entry.parent ||
    before.name !== entry.name ||
    before.revision !== entry.revision
  );
}

function isPassed(listed: Progress, progress: Progress): boolean {
  if (typeof progress === "string") return false;
  return hasPassed(listed, progress);
}

function without(entries: readonly Entry[] | undefined, { id }: Entry): Entry[] {
  return (entries ?? []).filter((entry) => entry.id !== id);
}
