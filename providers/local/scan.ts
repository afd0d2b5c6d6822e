import { join } from "node:path";
import type { Change, Entry, ItemId, Place } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import { hasCode, translate } from "./failure.ts";
import { readFolder, readRealFolder, type Seen } from "./folder.ts";
import { entryOf, type Key, keyOf, mintId, rootId } from "./item.ts";
import type { Known } from "./known.ts";
import { createLost, type Lost } from "./lost.ts";
import { findAt, type Places } from "./places.ts";
import { hasPassed, type Progress } from "./position.ts";

/** What a scan starts from. */
export interface ScanOptions {
  /** The inode that the root has to be all the while. */
  readonly root: Key;
  /** While listing: how far that got. */
  readonly listed: Progress | null;
}

/** One item that a scan found, and how far it was then. */
export interface Sighting {
  readonly progress: Progress;
  readonly news: Extract<Change, { readonly type: "put" }>;
}

/** What a scan did not find, or could not look at. */
export interface Unseen {
  /** Items that are not where they were known, of folders that were read whole; nor anywhere else. */
  readonly missing: readonly ItemId[];
  readonly unreadable: readonly Unreadable[];
}

/** A folder that could not be read, and why. */
export interface Unreadable {
  readonly type: "unreadable";
  readonly id: ItemId;
  readonly reason: string;
  /** It was there when the folder that holds it was read. */
  readonly isVanished: boolean;
}

/**
 * Walks the root and tells how it differs from what is known; with `listed`, also every item that is as
 * it was known and was not passed then. `cursor-expired` when the root is not the one that was named.
 *
 * An item is found again by its inode, also at another place; else by place and kind, as editors save a
 * file by replacing it. Parents come before what is in them. What somebody moved meanwhile, from where the
 * walk had yet to come to where it had been, is among what is missing. Holds one folder and the
 * differences, not the tree.
 */
export async function* scan(
  places: Places,
  known: Known,
  options: ScanOptions,
): AsyncGenerator<Sighting, Unseen> {
  const walk = startWalk(places, known, options);
  for (;;) {
    for (let folder = walk.folders.pop(); folder; folder = walk.folders.pop()) {
      yield* walkFolder(walk, folder);
    }
    const unclear = walk.unclearFolders.pop();
    if (!unclear) break;
    yield* settleFolder(walk, unclear);
  }
  yield* settleFiles(walk);
  return { missing: walk.lost.gone(), unreadable: walk.unreadable };
}

interface Walk extends ScanOptions {
  readonly places: Places;
  readonly known: Known;
  /** Nothing was known, so nothing can have moved: every arrival is new at once. */
  readonly isFirst: boolean;
  /** A stack. */
  readonly folders: Folder[];
  readonly unclearFolders: Arrival[];
  readonly arrivedFiles: Arrival[];
  readonly lost: Lost;
  readonly unreadable: Unreadable[];
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

function startWalk(places: Places, known: Known, options: ScanOptions): Walk {
  const lost = createLost(known);
  // Found again, where somebody took it out of `.syncline/trash` meanwhile.
  lost.add(known.removed());
  return {
    ...options,
    places,
    known,
    isFirst: known.children(rootId).length === 0,
    folders: [{ id: rootId, names: [], isLate: false }],
    unclearFolders: [],
    arrivedFiles: [],
    lost,
    unreadable: [],
    minted: new Set(),
  };
}

async function* walkFolder(walk: Walk, folder: Folder): AsyncGenerator<Sighting> {
  const children = await childrenOf(walk, folder);
  if (children === null) return;
  const expected = Map.groupBy(walk.known.children(folder.id), ({ name }) => name);
  const inside: Folder[] = [];
  for (const seen of children) {
    const entry = await recognise(walk, folder, seen, expected.get(seen.name) ?? []);
    if (!entry) continue;
    expected.set(seen.name, without(expected.get(seen.name), entry));
    if (seen.kind === "folder")
      inside.push({ ...folder, id: entry.id, names: [...folder.names, seen.name] });
    const position = progressAt(folder, seen.name);
    if (!isNews(walk, entry, position)) continue;
    // What the listing was past once, it stays past.
    const progress = walk.listed === "end" ? "end" : position;
    yield { progress, news: { type: "put", entry } };
  }
  walk.folders.push(...inside.toReversed());
  for (const missing of expected.values()) walk.lost.add(missing);
}

/** The children on disk; null, and noted, when they can't be read. */
async function childrenOf(walk: Walk, { id, names }: Folder): Promise<Seen[] | null> {
  if (names.length === 0) return readRoot(walk);
  try {
    return await readRealFolder(join(walk.places.root, ...names), walk.places.state);
  } catch (error) {
    const told = translate("list", error);
    if (!isProviderError(told)) throw error;
    const isVanished = told.failure === "not-found";
    walk.unreadable.push({ type: "unreadable", id, reason: told.message, isVanished });
    return null;
  }
}

/** What is in another folder, such as one that a disk was mounted on, tells nothing of this one. */
async function readRoot({ places, root }: Walk): Promise<Seen[]> {
  const seen = await readFolder(places.root, places.state);
  if (keyOf(await places.rootStats()) === root) return seen;
  const message = `local: ${places.root} became another folder while it was read`;
  throw new ProviderError("cursor-expired", message);
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
  if (moved && lost.isOpen(moved.id) && !(await isStillThere(walk, moved, seen))) {
    lost.found(moved.id);
    return entryOf(moved.id, place, seen);
  }
  if (!displaced) return create(walk, arrival);
  walk.unclearFolders.push(arrival);
  return null;
}

/** A folder in the place of another: that one, made anew, unless that one was found elsewhere. */
function* settleFolder(walk: Walk, arrival: Arrival): Generator<Sighting> {
  const entry = takePlace(walk, arrival);
  walk.known.noteKey(entry.id, arrival.seen.key);
  walk.folders.push({ id: entry.id, names: arrival.names, isLate: true });
  if (isNews(walk, entry, "end")) yield { progress: "end", news: { type: "put", entry } };
}

async function* settleFiles(walk: Walk): AsyncGenerator<Sighting> {
  const unmoved: Arrival[] = [];
  const put = (entry: Entry): Sighting => ({ progress: "end", news: { type: "put", entry } });
  for (const arrival of walk.arrivedFiles) {
    const moved = walk.lost.takeFile(arrival.seen.key) ?? (await movedOn(walk, arrival));
    if (moved) yield put(entryOf(moved.id, arrival.place, arrival.seen));
    else unmoved.push(arrival);
  }
  for (const arrival of unmoved) yield put(takePlace(walk, arrival));
}

/** The file of this inode, when it has left its place after that was read. */
async function movedOn(walk: Walk, { seen }: Arrival): Promise<Entry | null> {
  const { known, lost } = walk;
  const file = known.get(seen.key as string as ItemId);
  // With more names than one, each is an item.
  if (!file || known.keyOf(file) !== seen.key || seen.stats.nlink > 1n) return null;
  if (!lost.isOpen(file.id) || (await isStillThere(walk, file, seen))) return null;
  lost.found(file.id);
  return file;
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

/**
 * Whether the item is still where it was known: then what was seen elsewhere is the same, on a disk that is
 * mounted twice. Where that can't be looked at, an inode that was seen is its own evidence, but for one of a
 * file system without birth times, which may be another of the same number.
 */
async function isStillThere({ places, known }: Walk, item: Entry, seen: Seen): Promise<boolean> {
  try {
    const found = await findAt(join(places.root, ...places.names(item.id)));
    return found?.key === known.keyOf(item);
  } catch (error) {
    const isGone = isProviderError(error, "not-found") || hasCode(error, "ENOTDIR");
    return !isGone && seen.stats.birthtimeNs === 0n;
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
