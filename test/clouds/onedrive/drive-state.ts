import { type DriveType, headOf, type Item } from "./item.ts";
import type { Journal } from "./journal.ts";

export interface DriveOptions {
  readonly type: DriveType;
  readonly now: () => number;
  readonly random: () => number;
  readonly foldName: (name: string) => string;
  /** Whether a folder's deletion is told for each item in it. */
  readonly tellsEachDeletion: () => boolean;
  readonly leadingZero?: boolean;
}

/** What a drive remembers. */
export interface State {
  readonly options: DriveOptions;
  readonly items: Map<string, Item>;
  /** Ids by folded name, by folder. */
  readonly children: Map<string, Map<string, string>>;
  readonly sizes: Map<string, number>;
  readonly contentCounts: Map<string, number>;
  /** The last state of what is gone. */
  readonly gone: Map<string, Item>;
  /** By the id of what was deleted: it and all below it. */
  readonly bin: Map<string, readonly Item[]>;
  readonly journal: Journal;
  readonly listeners: ((folders: ReadonlySet<string>) => void)[];
}

export function put(state: State, item: Item): Item {
  const before = state.items.get(item.id);
  const folders = new Set<string>([item.id]);
  if (before !== undefined) {
    for (const { id } of ancestors(state, before)) folders.add(id);
    detach(state, before);
  }
  attach(state, item);
  state.gone.delete(item.id);
  for (const { id } of ancestors(state, item)) folders.add(id);
  state.journal.record(item.id, state.options.now());
  tell(state, folders);
  return item;
}

function attach(state: State, item: Item): void {
  state.items.set(item.id, item);
  if (item.kind === "folder" && !state.sizes.has(item.id)) state.sizes.set(item.id, 0);
  if (item.parentId === null) return;
  const siblings = state.children.get(item.parentId) ?? new Map<string, string>();
  siblings.set(state.options.foldName(item.name), item.id);
  state.children.set(item.parentId, siblings);
  count(state, item, state.sizes.get(item.id) ?? ownBytes(item));
}

export function detach(state: State, item: Item): void {
  count(state, item, -(state.sizes.get(item.id) ?? ownBytes(item)));
  state.items.delete(item.id);
  if (item.parentId === null) return;
  state.children.get(item.parentId)?.delete(state.options.foldName(item.name));
}

/** Carries a change of size, and that there was one of content, up to the root. */
function count(state: State, item: Item, bytes: number): void {
  for (const { id, cTagCount } of ancestors(state, item)) {
    state.sizes.set(id, (state.sizes.get(id) ?? 0) + bytes);
    state.contentCounts.set(id, (state.contentCounts.get(id) ?? cTagCount) + 1);
  }
}

export function ancestors(state: State, item: Item): Item[] {
  const above: Item[] = [];
  let parentId = item.parentId;
  while (parentId !== null) {
    const folder = state.items.get(parentId);
    if (folder === undefined) break;
    above.push(folder);
    parentId = folder.parentId;
  }
  return above;
}

export function tell(state: State, folders: ReadonlySet<string>): void {
  for (const listener of state.listeners) listener(folders);
}

export function ownBytes(item: Item): number {
  return headOf(item)?.blob.content.sizeBytes ?? 0;
}
