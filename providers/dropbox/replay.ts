import type { files } from "dropbox";
import type { Change, Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { createOverlay, isSame, type Overlay } from "./overlay.ts";
import { createPaths, folded, type Path, type Paths, pathOf } from "./paths.ts";
import { lostWith } from "./sight.ts";
import { type Described, isFile, toEntry } from "./translate.ts";

/** One instruction of list_folder and list_folder/continue. */
export type Instruction = files.ListFolderResult["entries"][number];

/** What a replay asks where the page and the tree are not enough, and tells of paths. */
export interface Lookups {
  /** The folder at a path as the service knows it now; null when there is none. */
  folderAt(path: string): Promise<files.FolderMetadata | null>;
  /** The item as the service knows it now; null when it is gone. */
  now(id: ItemId): Promise<Described | null>;
  /** The item, or a folder above it, went out of this account's sight; it stays in the tree. */
  lose(id: ItemId): void;
  /** See `OwnWrites`. */
  left(id: ItemId): Entry | null | undefined;
  /** See `Places`. Not told what only shows how things were before our own writes. */
  hear(path: string, folder: ItemId | null): void;
}

/**
 * Turns the pages of one walk through the feed into changes by id. Call it once a page, in order.
 *
 * Dropbox says "this is now at that path", in an order that reproduces the state (Dropbox docs:
 * /files/list_folder). A file replaces what is at its path, with all below it; a folder replaces it but
 * keeps what is below; what is deleted takes along all below it, and has neither id nor kind. A move is
 * a deletion and the same id elsewhere, for a folder with all its children.
 */
export function openReplay(
  tree: TreeView,
  lookups: Lookups,
): (page: readonly Instruction[]) => Promise<Change[]> {
  let last: Overlay | null = null;
  let awaited: ReturnType<Overlay["difference"]> = null;
  return async (page) => {
    // Callers may apply pages late: until the tree shows the last one, this one goes on top of it.
    if (awaited !== null && isSame(tree.get(awaited.id), awaited.entry)) last = awaited = null;
    const overlay = createOverlay(last ?? tree);
    const replay = { overlay, paths: createPaths(overlay), lookups: askingOnce(lookups) };
    for (const instruction of page) {
      if (instruction.path_lower === undefined) continue;
      if (instruction[".tag"] === "deleted") await deleteAt(instruction, replay);
      else await putAt(instruction, replay);
    }
    const difference = overlay.difference();
    if (difference !== null) [last, awaited] = [overlay, difference];
    return overlay.changes();
  };
}

/** Within a page an answer stays good: many items may go with one folder. */
function askingOnce(lookups: Lookups): Lookups {
  const answers = new Map<ItemId, ReturnType<Lookups["now"]>>();
  return {
    ...lookups,
    now(id) {
      const answer = answers.get(id) ?? lookups.now(id);
      answers.set(id, answer);
      return answer;
    },
  };
}

interface Replay {
  readonly overlay: Overlay;
  readonly paths: Paths;
  readonly lookups: Lookups;
}

async function deleteAt(instruction: files.DeletedMetadata, replay: Replay): Promise<void> {
  const { overlay, paths, lookups } = replay;
  const path = pathOf(instruction);
  const id = paths.resolve(path);
  if (id !== null && (await isOursStill(id, instruction, replay))) return;
  lookups.hear(folded(path), null);
  if (id === null) return paths.emptyFormer(path);
  const lost = await lostWith(id, overlay, lookups.now);
  if (lost !== null) return lookups.lose(lost);
  overlay.remove(id);
  paths.forget();
}

async function putAt(instruction: Described, replay: Replay): Promise<void> {
  const { overlay, paths, lookups } = replay;
  const path = pathOf(instruction);
  const parent = await parentOutside(instruction.id as ItemId, path.slice(0, -1), replay);
  // No folder there now: it was moved or deleted later on, which the feed has yet to tell.
  if (parent === null) return;
  const entry = toEntry(instruction, parent);
  const left = lookups.left(entry.id);
  if (left !== undefined && !isSame(left, entry)) {
    const now = await lookups.now(entry.id);
    if (now === null) return;
    if (!isEqual(now, instruction)) return putAsItIs(now, replay);
  }
  const former = paths.resolve(path);
  if (former !== null && former !== entry.id) {
    if (await isOursStill(former, instruction, replay)) return;
    replace(former, entry, overlay);
    paths.forget();
  }
  const vacated = entry.kind === "folder" ? paths.leave(entry) : null;
  if (vacated !== null) lookups.hear(vacated, null);
  lookups.hear(folded(path), entry.kind === "folder" ? entry.id : null);
  overlay.put(entry);
}

/** Puts an item that was just asked for, so that nothing newer is known of it. */
function putAsItIs(item: Described, { overlay, paths, lookups }: Replay): Promise<void> {
  return putAt(item, { overlay, paths, lookups: { ...lookups, left: () => undefined } });
}

/** Whether what an instruction would remove from its path was written there since: it meant another item. */
async function isOursStill(
  id: ItemId,
  { path_lower }: Described | files.DeletedMetadata,
  { lookups }: Replay,
): Promise<boolean> {
  if (lookups.left(id) == null) return false;
  return (await lookups.now(id))?.path_lower === path_lower;
}

/** Whether both say the same of where an item is and what it holds. */
function isEqual(a: Described, b: Described): boolean {
  if (a.path_lower !== b.path_lower || a.name !== b.name) return false;
  return isFile(a) && isFile(b) ? a.rev === b.rev : true;
}

/** Folders hand over their children, whose own descendants stay as they are. */
function replace(former: ItemId, by: Entry, overlay: Overlay): void {
  if (by.kind === "folder") {
    overlay.put(by);
    for (const child of [...overlay.children(former)]) overlay.put({ ...child, parent: by.id });
  }
  overlay.remove(former);
}

/** The folder at a path; one that nobody knows is asked for and put first, as parents may be missing. */
async function parentAt(path: Path, replay: Replay): Promise<ItemId | null> {
  const known = replay.paths.resolve(path);
  if (known !== null) return known;
  const folder = await replay.lookups.folderAt(`/${path.map(({ lower }) => lower).join("/")}`);
  if (folder === null) return null;
  await putAsItIs(folder, replay);
  return replay.paths.resolve(path);
}

/** The same for an item that moves: a path that leads through the item itself means folders yet unknown. */
async function parentOutside(id: ItemId, path: Path, replay: Replay): Promise<ItemId | null> {
  const { overlay, paths } = replay;
  const parent = await parentAt(path, replay);
  for (let at = parent; at !== null; at = overlay.get(at)?.parent ?? null) {
    if (at !== id) continue;
    overlay.remove(id);
    paths.forget();
    return parentAt(path, replay);
  }
  return parent;
}
