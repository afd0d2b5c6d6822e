import type { Content } from "../kit/content.ts";
import { randomText } from "../kit/random.ts";
import { conflict } from "./errors.ts";
import {
  type FileItem,
  type FolderItem,
  type Item,
  type Mount,
  type Revision,
  sizeOf,
  type Version,
} from "./item.ts";
import { createJournal, type Journal } from "./journal.ts";
import { ancestorsOf, type Path, parentOf, rebase } from "./paths.ts";

/** What a new version is made of; the rest of it the namespace decides. */
interface NewVersion {
  readonly content: Content;
  readonly contentHash: string;
  /** Milliseconds; default now. */
  readonly clientModified: number | null;
  readonly exports?: Version["exports"];
}

/** The files of one account, all that they ever were, and the journal of how they became so. */
export interface Namespace {
  readonly journal: Journal;
  readonly usedBytes: number;
  at(lower: string): Item | null;
  byId(id: string): Item | null;
  byRev(rev: string): Revision | null;
  /** Newest first. */
  revisions(of: { readonly lower: string } | { readonly id: string }): readonly Revision[];
  /** Direct children, any order. */
  children(lower: string): Iterable<Item>;
  /** All items below, parents before children. */
  below(lower: string): Iterable<Item>;
  /** Folders above that are missing are made; refuses with `conflict/file_ancestor`. */
  putFile(path: Path, version: NewVersion, options?: { readonly id?: string }): FileItem;
  putFolder(path: Path, mount?: Mount): FolderItem;
  remove(item: Item): void;
  /** Keeps ids; nothing may be at `to`. */
  move(item: Item, to: Path): Item;
  /** With new ids and revs; nothing may be at `to`. */
  copy(item: Item, to: Path): Item;
  /** A new spelling of the same path; the journal does not tell of it. */
  respell(item: Item, to: Path): void;
}

interface State {
  readonly now: () => number;
  readonly random: () => number;
  /** Whether a moved file is a new revision of itself; the documentation leaves it open. */
  readonly revChangesOnMove: boolean;
  readonly journal: Journal;
  readonly items: Map<string, Item>;
  readonly children: Map<string, Set<string>>;
  readonly ids: Map<string, string>;
  readonly revs: Map<string, Revision>;
  readonly history: {
    readonly lower: Map<string, Revision[]>;
    readonly id: Map<string, Revision[]>;
  };
  usedBytes: number;
  revCounter: number;
}

const idLength = 22;
const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/** An empty account. */
export function createNamespace(
  options: Pick<State, "now" | "random" | "revChangesOnMove">,
): Namespace {
  const state: State = {
    ...options,
    journal: createJournal(),
    items: new Map(),
    children: new Map(),
    ids: new Map(),
    revs: new Map(),
    history: { lower: new Map(), id: new Map() },
    usedBytes: 0,
    revCounter: 0,
  };
  const { history } = state;
  return {
    journal: state.journal,
    get usedBytes() {
      return state.usedBytes;
    },
    at: (lower) => state.items.get(lower) ?? null,
    byId: (id) => state.items.get(state.ids.get(id) ?? "") ?? null,
    byRev: (rev) => state.revs.get(rev) ?? null,
    revisions: (of) =>
      ("id" in of ? history.id.get(of.id) : history.lower.get(of.lower))?.toReversed() ?? [],
    children: (lower) => childrenOf(state, lower),
    below: (lower) => below(state, lower),
    putFile: (path, version, { id } = {}) => putFile(state, path, newVersion(state, version), id),
    putFolder: (path, mount) => putFolder(state, path, mount),
    remove: (item) => remove(state, item),
    move: (item, to) => move(state, item, to),
    copy: (item, to) => copy(state, item, to),
    respell: (item, to) => {
      for (const one of [item, ...below(state, item.lower)]) {
        store(state, { ...one, ...rebase(one, item, to) });
      }
    },
  };
}

function putFile(state: State, path: Path, version: Version, id = newId(state)): FileItem {
  makeParents(state, path);
  const file: FileItem = { kind: "file", id, ...spelling(path), version };
  store(state, file);
  remember(state, file);
  state.journal.put(file, state.now());
  return file;
}

function putFolder(state: State, path: Path, mount?: Mount): FolderItem {
  makeParents(state, path);
  const mounted = mount === undefined ? {} : { mount };
  const folder: FolderItem = { kind: "folder", id: newId(state), ...spelling(path), ...mounted };
  store(state, folder);
  state.journal.put(folder, state.now());
  return folder;
}

function makeParents(state: State, path: Path): void {
  const above = ancestorsOf(path);
  if (above.some(({ lower }) => state.items.get(lower)?.kind === "file")) {
    throw conflict("file_ancestor");
  }
  const missing = above.find(({ lower }) => !state.items.has(lower));
  if (missing === undefined) return;
  putFolder(state, missing);
  makeParents(state, path);
}

function remove(state: State, item: Item): void {
  const inside = [...below(state, item.lower)];
  const cover = state.journal.gone(spelling(item), state.now(), null);
  drop(state, item);
  for (const one of inside) {
    state.journal.gone(spelling(one), state.now(), cover);
    drop(state, one);
  }
}

function move(state: State, item: Item, to: Path): Item {
  makeParents(state, to);
  const all = [item, ...below(state, item.lower)];
  remove(state, item);
  const moved = all.map((one) => {
    const again = { ...one, ...rebase(one, item, to) };
    if (again.kind === "folder" || !state.revChangesOnMove) return again;
    return { ...again, version: { ...again.version, rev: newRev(state) } };
  });
  for (const one of moved) {
    store(state, one);
    if (one.kind === "file") remember(state, one);
    state.journal.put(one, state.now());
  }
  return moved[0] ?? item;
}

function copy(state: State, item: Item, to: Path): Item {
  makeParents(state, to);
  const all = [item, ...below(state, item.lower)];
  const [first = item] = all.map((one) => {
    const place = rebase(one, item, to);
    if (one.kind === "folder") return putFolder(state, place);
    const times = { rev: newRev(state), serverModified: wholeSeconds(state.now()) };
    return putFile(state, place, { ...one.version, ...times });
  });
  return first;
}

function store(state: State, item: Item): void {
  const before = state.items.get(item.lower);
  state.usedBytes += sizeOf(item) - (before === undefined ? 0 : sizeOf(before));
  if (before !== undefined && before.id !== item.id) state.ids.delete(before.id);
  state.items.set(item.lower, item);
  state.ids.set(item.id, item.lower);
  const siblings = state.children.get(parentOf(item.lower)) ?? new Set();
  state.children.set(parentOf(item.lower), siblings.add(item.lower));
}

function drop(state: State, item: Item): void {
  state.usedBytes -= sizeOf(item);
  state.items.delete(item.lower);
  state.ids.delete(item.id);
  state.children.get(parentOf(item.lower))?.delete(item.lower);
}

function remember(state: State, file: FileItem): void {
  const revision: Revision = { id: file.id, ...spelling(file), version: file.version };
  state.revs.set(file.version.rev, revision);
  push(state.history.lower, file.lower, revision);
  push(state.history.id, file.id, revision);
}

function push(map: Map<string, Revision[]>, key: string, revision: Revision): void {
  const known = map.get(key) ?? [];
  known.push(revision);
  map.set(key, known);
}

function* childrenOf(state: State, lower: string): Generator<Item> {
  for (const child of state.children.get(lower) ?? []) {
    const item = state.items.get(child);
    if (item !== undefined) yield item;
  }
}

function* below(state: State, lower: string): Generator<Item> {
  for (const child of childrenOf(state, lower)) {
    yield child;
    if (child.kind === "folder") yield* below(state, child.lower);
  }
}

function newVersion(state: State, given: NewVersion): Version {
  const now = wholeSeconds(state.now());
  return {
    rev: newRev(state),
    content: given.content,
    contentHash: given.contentHash,
    clientModified: wholeSeconds(given.clientModified ?? now),
    serverModified: now,
    exports: given.exports ?? null,
  };
}

function newId(state: State): string {
  return `id:${randomText(state.random, idLength, idAlphabet)}`;
}

function newRev(state: State): string {
  state.revCounter += 1;
  return `01${state.revCounter.toString(16).padStart(14, "0")}00000002a4c5e70`;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function spelling({ display, lower }: Path): Path {
  return { display, lower };
}
