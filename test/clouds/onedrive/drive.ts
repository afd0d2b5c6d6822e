import type { Blob } from "./blob.ts";
import { itemNotFound } from "./errors.ts";
import { createIds } from "./ids.ts";
import { type DriveType, headOf, type Item, wholeSeconds } from "./item.ts";
import { createJournal, type Journal } from "./journal.ts";

/**
 * One drive: items by id, who lies in what, the recycle bin, and the journal of changes. It keeps itself
 * consistent; who may do what, and under which name, is decided elsewhere.
 */
export interface Drive {
  readonly id: string;
  readonly type: DriveType;
  readonly rootId: string;
  readonly journal: Journal;
  /** Bytes of all current versions. */
  readonly usedBytes: number;
  /** Bytes of what lies in the recycle bin. */
  readonly binBytes: number;
  find(id: string): Item | undefined;
  /** @throws GraphError 404 */
  get(id: string): Item;
  /** An item that was there and is not any more. */
  gone(id: string): Item | undefined;
  /** Names are one whatever their case. */
  child(parentId: string, name: string): Item | undefined;
  children(id: string): Item[];
  countChildren(id: string): number;
  /** The folders above, nearest first. */
  ancestors(item: Item): Item[];
  /** The item and all below it, folders first. */
  subtree(id: string): Item[];
  /** What a folder holds, all levels; a file's own size. */
  sizeOf(item: Item): number;
  /** Rises when anything below a folder changes. */
  contentCountOf(item: Item): number;
  insert(fields: NewItem): Item;
  /** `content`: the change is one of content, which the cTag tells. */
  update(id: string, fields: Partial<Item>, content?: boolean): Item;
  /** Into the recycle bin with all below it. */
  recycle(id: string): void;
  /** Out of the recycle bin. @throws GraphError 404 */
  restore(id: string, place: { parentId?: string; name?: string }): Item;
  /** Out of the drive, or out of the recycle bin, for good. */
  purge(id: string): void;
  /** Calls back after every change, with the ids of the folders that it happened in. */
  onChange(listener: (folders: ReadonlySet<string>) => void): void;
}

export type NewItem = Pick<Item, "kind" | "name"> & Partial<Item>;

export interface DriveOptions {
  readonly type: DriveType;
  readonly now: () => number;
  readonly random: () => number;
  readonly foldName: (name: string) => string;
  /** Whether a folder's deletion is told for each item in it. */
  readonly tellsEachDeletion: () => boolean;
  readonly leadingZero?: boolean;
}

interface State {
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

/** A drive with nothing but its root. */
export function createDrive(options: DriveOptions): Drive {
  const ids = createIds(options.type, options.random, options.leadingZero);
  const state: State = {
    options,
    items: new Map(),
    children: new Map(),
    sizes: new Map(),
    contentCounts: new Map(),
    gone: new Map(),
    bin: new Map(),
    journal: createJournal(),
    listeners: [],
  };
  const drive: Drive = {
    id: ids.driveId,
    type: options.type,
    rootId: ids.rootId,
    journal: state.journal,
    get usedBytes() {
      return state.sizes.get(ids.rootId) ?? 0;
    },
    get binBytes() {
      return [...state.bin.values()].flat().reduce((sum, item) => sum + ownBytes(item), 0);
    },
    ...lookingAt(state),
    insert(fields) {
      const id = fields.id ?? ids.item();
      return put(state, { ...blank(options.now()), id, guid: ids.guid(), ...fields });
    },
    update(id, fields, content = false) {
      const item = drive.get(id);
      const eTagCount = item.eTagCount + 1;
      const cTagCount = item.cTagCount + (content ? 1 : 0);
      const moves = fields.parentId !== undefined && fields.parentId !== item.parentId;
      const formerParentId = moves ? item.parentId : item.formerParentId;
      return put(state, { ...item, ...fields, formerParentId, eTagCount, cTagCount });
    },
    ...removingFrom(state),
    onChange: (listener) => void state.listeners.push(listener),
  };
  drive.insert({ id: ids.rootId, kind: "folder", name: "root" });
  return drive;
}

function lookingAt(
  state: State,
): Pick<
  Drive,
  | "find"
  | "get"
  | "gone"
  | "child"
  | "children"
  | "countChildren"
  | "ancestors"
  | "subtree"
  | "sizeOf"
  | "contentCountOf"
> {
  const find = (id: string) => state.items.get(id);
  const children = (id: string) =>
    [...(state.children.get(id)?.values() ?? [])].flatMap((child) => find(child) ?? []);
  return {
    find,
    get: (id) => find(id) ?? raise(itemNotFound()),
    gone: (id) => state.gone.get(id),
    child: (parentId, name) =>
      find(state.children.get(parentId)?.get(state.options.foldName(name)) ?? ""),
    children,
    countChildren: (id) => state.children.get(id)?.size ?? 0,
    ancestors: (item) => ancestors(state, item),
    subtree(id) {
      const found = [find(id) ?? raise(itemNotFound())];
      // Grows while it is walked: each folder adds its children behind.
      for (const item of found) found.push(...children(item.id));
      return found;
    },
    sizeOf: (item) => state.sizes.get(item.id) ?? ownBytes(item),
    contentCountOf: (item) => state.contentCounts.get(item.id) ?? item.cTagCount,
  };
}

function removingFrom(state: State): Pick<Drive, "recycle" | "restore" | "purge"> {
  const { now, tellsEachDeletion } = state.options;
  function takeOut(id: string): readonly Item[] {
    const top = state.items.get(id) ?? raise(itemNotFound());
    const folders = new Set(ancestors(state, top).map((above) => above.id));
    const gone = lookingAt(state).subtree(id);
    // From the bottom up, so that nothing ever lies in a folder that is not there.
    for (const item of gone.toReversed()) {
      detach(state, item);
      state.gone.set(item.id, item);
      if (item.id === id || tellsEachDeletion()) state.journal.record(item.id, now());
    }
    tell(state, folders);
    return gone;
  }
  return {
    recycle: (id) => void state.bin.set(id, takeOut(id)),
    restore(id, place) {
      const [top, ...below] = state.bin.get(id) ?? raise(itemNotFound());
      if (top === undefined) throw itemNotFound();
      state.bin.delete(id);
      const restored = put(state, { ...top, ...place, eTagCount: top.eTagCount + 1 });
      for (const item of below) put(state, item);
      return restored;
    },
    purge(id) {
      if (state.items.has(id)) takeOut(id);
      else if (!state.bin.delete(id)) throw itemNotFound();
    },
  };
}

function blank(now: number): Omit<Item, "id" | "guid" | "kind" | "name"> {
  return {
    parentId: null,
    formerParentId: null,
    eTagCount: 1,
    cTagCount: 1,
    createdAt: now,
    modifiedAt: now,
    clientCreatedAt: wholeSeconds(now),
    clientModifiedAt: wholeSeconds(now),
    versions: [],
    target: null,
    trouble: {},
  };
}

function put(state: State, item: Item): Item {
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

function detach(state: State, item: Item): void {
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

function ancestors(state: State, item: Item): Item[] {
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

function tell(state: State, folders: ReadonlySet<string>): void {
  for (const listener of state.listeners) listener(folders);
}

function ownBytes(item: Item): number {
  return headOf(item)?.blob.content.sizeBytes ?? 0;
}

function raise(error: Error): never {
  throw error;
}

/** The versions of a file after new bytes, whoever wrote them. */
export function withVersion(
  item: Pick<Item, "versions">,
  blob: Blob,
  mimeType: string,
  modifiedAt: number,
): Pick<Item, "versions"> {
  const last = Number.parseInt(item.versions.at(-1)?.id ?? "0", 10);
  const version = { id: `${last + 1}.0`, blob, mimeType, modifiedAt };
  return { versions: [...item.versions, version] };
}
