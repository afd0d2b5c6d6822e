import type { Blob } from "./blob.ts";
import {
  ancestors,
  type DriveOptions,
  detach,
  ownBytes,
  put,
  type State,
  tell,
} from "./drive-state.ts";
import { itemNotFound } from "./errors.ts";
import { createIds } from "./ids.ts";
import { type DriveType, type Item, wholeSeconds } from "./item.ts";
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
