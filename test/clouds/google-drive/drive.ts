import { randomText } from "../kit/random.ts";
import type { DriveRole } from "./access.ts";
import type { Behaviour } from "./behaviour.ts";
import { type ChangeLog, createChangeLog } from "./change-log.ts";
import { notFound, sharedDriveNotFound } from "./errors.ts";
import { type DriveItem, folderType, isFolder, quotaBytes } from "./item.ts";
import { createLag, type Lag } from "./lag.ts";

/** A shared drive that the user is a member of; `id` is also that of its root folder. */
export interface SharedDrive {
  readonly id: string;
  readonly name: string;
  readonly role: DriveRole;
}

/**
 * One user's drive: items by id, who lies in what, and the log of changes. It keeps itself consistent; who
 * may do what is decided elsewhere.
 */
export interface Drive {
  readonly rootId: string;
  /** The user's own; each shared drive has another one (Drive docs: "Track changes for users and shared drives"). */
  readonly log: ChangeLog;
  readonly sharedDrives: ReadonlyMap<string, SharedDrive>;
  /** Of a shared drive, of the user where null. @throws DriveError 404 */
  logOf(driveId: string | null): ChangeLog;
  /** The shared drive that an item lies in; null: none. */
  sharedDriveOf(item: DriveItem): SharedDrive | null;
  /** Makes the user a member of a drive that is new, or changes the role in one that is known. */
  join(sharedDrive: SharedDrive): void;
  /** The membership ends: all that is in the drive is out of reach. */
  leave(driveId: string): void;
  readonly behaviour: Behaviour;
  now(): number;
  /** Bytes that count against the storage. */
  usedBytes(): number;
  find(id: string): DriveItem | undefined;
  /** @throws DriveError 404 */
  get(id: string): DriveItem;
  children(id: string): DriveItem[];
  countChildren(id: string): number;
  /** The item and all below it, folders before what they hold. */
  subtree(id: string): DriveItem[];
  /** The folders above an item, nearest first. */
  ancestors(item: DriveItem): DriveItem[];
  /** Whether the item or a folder above it is in the trash. */
  isTrashed(item: DriveItem): boolean;
  /** Items in listing order, `after` an order number, as listings see them now (see `Lag`). */
  listed(after: number, inFolders: ReadonlySet<string> | null): Iterable<DriveItem>;
  insert(fields: Partial<DriveItem> & Pick<DriveItem, "name" | "mimeType">): DriveItem;
  /** Changes an item: its version rises and it enters the log. `fields` may be empty: somebody looked at it. */
  update(id: string, fields: Partial<DriveItem>): DriveItem;
  /** Takes the item and all below it out: deleted for good, or out of this user's reach. */
  remove(id: string): void;
  /** A new id, fit for `insert`. */
  newId(): string;
  newRevisionId(): string;
  isReserved(id: string): boolean;
  /** Whether an id was ever given to an item, gone ones included. */
  isUsed(id: string): boolean;
}

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const idLength = 33;
const revisionIdLength = 51;

interface State {
  readonly items: Map<string, DriveItem>;
  readonly children: Map<string, Set<string>>;
  /** Ids by order number. */
  readonly order: string[];
  readonly reserved: Set<string>;
  readonly used: Set<string>;
  readonly lag: Lag;
  readonly sharedDrives: Map<string, SharedDrive>;
  readonly logs: Map<string, ChangeLog>;
  usedBytes: number;
}

export interface DriveOptions {
  readonly behaviour: Behaviour;
  readonly now: () => number;
  readonly random: () => number;
  /** Hears of every entry of the user's log (null), or of that of a shared drive. */
  readonly onEntry: (driveId: string | null) => void;
}

/** An empty drive: nothing but its root. */
export function createDrive({ behaviour, now, random, onEntry }: DriveOptions): Drive {
  const state: State = {
    items: new Map(),
    children: new Map(),
    order: [],
    reserved: new Set(),
    used: new Set(),
    lag: createLag(() => behaviour.listingLagMs),
    sharedDrives: new Map(),
    logs: new Map(),
    usedBytes: 0,
  };
  const log = createChangeLog(1000 + Math.floor(random() * 100_000), () => onEntry(null));
  const entry = (id: string, ...logs: ChangeLog[]) => {
    for (const each of new Set(logs)) each.record({ at: now(), subject: { type: "file", id } });
  };
  const logAt = (item: DriveItem) => state.logs.get(drive.sharedDriveOf(item)?.id ?? "") ?? log;

  /** What moves to another drive has news in the logs of both. */
  function put(item: DriveItem): DriveItem {
    const before = state.items.get(item.id);
    const left = before === undefined ? [] : [logAt(before)];
    replace(state, item.id, item, now());
    entry(item.id, ...left, logAt(item));
    return item;
  }

  const drive: Drive = {
    rootId: `0A${randomText(random, 14, idAlphabet)}PVA`,
    log,
    sharedDrives: state.sharedDrives,
    logOf: (driveId) =>
      driveId === null ? log : (state.logs.get(driveId) ?? raise(sharedDriveNotFound(driveId))),
    sharedDriveOf(item) {
      if (state.sharedDrives.size === 0) return null;
      const top = ancestors(state, item).at(-1) ?? item;
      return state.sharedDrives.get(top.id) ?? null;
    },
    join(sharedDrive) {
      const { id } = sharedDrive;
      if (!state.logs.has(id)) {
        // Tokens of one log are none of another's.
        state.logs.set(
          id,
          createChangeLog(1_000_000 * (state.logs.size + 1), () => onEntry(id)),
        );
      }
      state.sharedDrives.set(id, sharedDrive);
      if (!state.items.has(id)) {
        drive.insert({ id, name: "Drive", mimeType: folderType, role: "writer" });
      }
      log.record({ at: now(), subject: { type: "drive", id, removed: false } });
    },
    leave(id) {
      for (const item of subtree(state, drive.get(id)).toReversed()) {
        replace(state, item.id, undefined, now());
      }
      state.sharedDrives.delete(id);
      state.logs.delete(id);
      log.record({ at: now(), subject: { type: "drive", id, removed: true } });
    },
    behaviour,
    now,
    usedBytes: () => state.usedBytes,
    find: (id) => state.items.get(id === "root" ? drive.rootId : id),
    get: (id) => drive.find(id) ?? raise(notFound(id)),
    children: (id) => [...childrenOf(state, id)],
    countChildren: (id) => state.children.get(id)?.size ?? 0,
    subtree: (id) => subtree(state, drive.get(id)),
    ancestors: (item) => [...ancestors(state, item)],
    isTrashed: (item) => item.trashed || ancestors(state, item).some((above) => above.trashed),
    listed: (after, inFolders) =>
      listed(state, drive.rootId, after, inFolders, now() - behaviour.listingLagMs),
    insert(fields) {
      const id = fields.id ?? drive.newId();
      const order = state.order.push(id) - 1;
      state.used.add(id);
      return put({ ...blank(now()), ...fields, id, order });
    },
    update(id, fields) {
      const item = drive.get(id);
      const updated = put({ ...item, ...fields, version: item.version + 1 });
      const reaches = fields.trashed !== undefined && fields.trashed !== item.trashed;
      if (reaches && behaviour.descendantEntries) {
        for (const below of subtree(state, updated).slice(1)) entry(below.id, logAt(below));
      }
      return updated;
    },
    remove(id) {
      const gone = subtree(state, drive.get(id));
      const at = logAt(drive.get(id));
      // From the bottom up, so that nothing ever lies in a folder that is not there.
      for (const item of gone.toReversed()) {
        replace(state, item.id, undefined, now());
        if (item.id === id || behaviour.descendantEntries) entry(item.id, at);
      }
    },
    newId() {
      const id = `1${randomText(random, idLength - 1, idAlphabet)}`;
      state.reserved.add(id);
      return id;
    },
    newRevisionId: () => `0B${randomText(random, revisionIdLength - 2, idAlphabet)}`,
    isReserved: (id) => state.reserved.has(id),
    isUsed: (id) => state.used.has(id),
  };
  drive.insert({ id: drive.rootId, name: "My Drive", mimeType: folderType, parent: null });
  return drive;
}

const none = Object.freeze({});
const noRevisions = Object.freeze([]);

function blank(now: number): Omit<DriveItem, "id" | "order" | "name" | "mimeType"> {
  return {
    parent: null,
    version: 1,
    createdAt: now,
    modifiedAt: now,
    viewedAt: null,
    sharedAt: null,
    trashed: false,
    role: "owner",
    starred: false,
    description: null,
    properties: none,
    appProperties: none,
    originalFilename: null,
    revisions: noRevisions,
    documentBytes: null,
    shortcutTarget: null,
    limited: false,
    trouble: none,
  };
}

function replace(state: State, id: string, after: DriveItem | undefined, at: number): void {
  const before = state.items.get(id);
  state.lag.noteWrite({ at, id, before });
  state.usedBytes += ownBytes(after) - ownBytes(before);
  if (before?.parent != null) state.children.get(before.parent)?.delete(id);
  if (after === undefined) {
    state.items.delete(id);
    return;
  }
  state.items.set(id, after);
  if (after.parent === null) return;
  const siblings = state.children.get(after.parent) ?? new Set();
  state.children.set(after.parent, siblings.add(id));
}

function ownBytes(item: DriveItem | undefined): number {
  return item === undefined || item.role !== "owner" ? 0 : quotaBytes(item);
}

function* childrenOf(state: State, id: string): Generator<DriveItem> {
  for (const child of state.children.get(id) ?? []) {
    const item = state.items.get(child);
    if (item !== undefined) yield item;
  }
}

function subtree(state: State, top: DriveItem): DriveItem[] {
  const found = [top];
  // Grows while it is walked: each folder adds its children behind.
  for (const item of found) if (isFolder(item)) found.push(...childrenOf(state, item.id));
  return found;
}

function ancestors(state: State, item: DriveItem): DriveItem[] {
  const above: DriveItem[] = [];
  let parent = item.parent;
  while (parent !== null) {
    const folder = state.items.get(parent);
    if (folder === undefined) break;
    above.push(folder);
    parent = folder.parent;
  }
  return above;
}

/** Listings never show a root itself. */
function* listed(
  state: State,
  rootId: string,
  after: number,
  inFolders: ReadonlySet<string> | null,
  instant: number,
): Generator<DriveItem> {
  const earlier = state.lag.since(instant);
  const seen = (id: string) => (earlier.has(id) ? earlier.get(id) : state.items.get(id));
  const ids = inFolders === null ? state.order : candidates(state, inFolders, earlier);
  for (let at = inFolders === null ? after + 1 : 0; at < ids.length; at += 1) {
    const id = ids[at] ?? "";
    const item = seen(id);
    if (item === undefined || item.order <= after || id === rootId) continue;
    if (state.sharedDrives.has(id)) continue;
    // An item that left and came back has an old place in the order too.
    if (inFolders === null && item.order !== at) continue;
    yield item;
  }
}

/** What lies, or a moment ago lay, in these folders; in listing order. */
function candidates(
  state: State,
  inFolders: ReadonlySet<string>,
  earlier: ReadonlyMap<string, DriveItem | undefined>,
): string[] {
  const ids = new Set<string>(earlier.keys());
  for (const folder of inFolders) for (const id of state.children.get(folder) ?? []) ids.add(id);
  const orderOf = (id: string) => (state.items.get(id) ?? earlier.get(id))?.order ?? -1;
  return [...ids].sort((a, b) => orderOf(a) - orderOf(b));
}

function raise(error: Error): never {
  throw error;
}
