import type { Change, ChangePage, Cursor, Entry, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";

/** Everything that happened in an account, in order, and how much of it the service shows yet. */
export interface Journal {
  append(change: Change): void;
  /** What listings show: the account as it was when the newest visible change had happened. */
  children(folder: ItemId): Entry[];
  pages(since: Cursor | null): Generator<ChangePage>;
  /** Whether there is more to see than at the cursor. */
  hasMore(since: Cursor): boolean;
  /** Calls back whenever more can be seen; returns how to stop that. */
  onGrowth(listener: () => void): () => void;
  /** Keeps the newest `changes` hidden from feed and listings. */
  lag(changes: number): void;
  setPageSize(changes: number): void;
  /** From now on each page of changes begins with those of the page before it. */
  repeatPages(): void;
  /** Makes every cursor given so far expire. */
  resetCursors(): void;
}

/** `at`: changes seen so far; `after`: while listing, how many of the items ever made were looked at. */
interface Position {
  readonly epoch: number;
  readonly at: number;
  readonly after?: number;
}

/** A journal that knows the root alone. */
export function createJournal(root: Entry): Journal {
  const changes: Change[] = [];
  const shown = createShown(root);
  const listeners = new Set<() => void>();
  const state = { visible: 0, hidden: 0, pageSize: 100, repeat: false, epoch: 0 };

  const advance = () => {
    const before = state.visible;
    state.visible = Math.max(before, changes.length - state.hidden);
    for (const change of changes.slice(before, state.visible)) shown.apply(change);
    if (state.visible > before) for (const listener of [...listeners]) listener();
  };
  function* listing(at: number, from: number): Generator<ChangePage> {
    for (let after = from; ; ) {
      const page = shown.page(after, state.pageSize);
      after = page.after;
      const done = page.entries.length < state.pageSize;
      const next = encode(done ? { epoch: state.epoch, at } : { epoch: state.epoch, at, after });
      const puts = page.entries.map((entry): Change => ({ type: "put", entry }));
      yield { changes: puts, next, stage: done ? "listed" : "listing" };
      if (done) return;
    }
  }
  function* following(from: number): Generator<ChangePage> {
    for (let at = from; at < state.visible; ) {
      const start = state.repeat ? Math.max(0, at - state.pageSize) : at;
      at = Math.min(state.visible, at + state.pageSize);
      const next = encode({ epoch: state.epoch, at });
      yield { changes: changes.slice(start, at), next, stage: "changes" };
    }
  }

  return {
    append: (change) => {
      changes.push(change);
      advance();
    },
    children: shown.children,
    *pages(since) {
      const { at, after } = since === null ? { at: state.visible, after: 0 } : decode(since, state);
      if (after !== undefined) yield* listing(at, after);
      yield* following(at);
    },
    hasMore: (since) => {
      const { at, after } = decode(since, state);
      return after !== undefined || at < state.visible;
    },
    onGrowth: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lag: (hidden) => {
      state.hidden = hidden;
      advance();
    },
    setPageSize: (pageSize) => {
      state.pageSize = pageSize;
    },
    repeatPages: () => {
      state.repeat = true;
    },
    resetCursors: () => {
      state.epoch++;
    },
  };
}

/** The account as listings show it. */
function createShown(root: Entry) {
  const entries = new Map<ItemId, Entry>([[root.id, root]]);
  const childIds = new Map<ItemId, Set<ItemId>>();
  /** Every item that ever was, in order of first sight: what a listing walks, however things move. */
  const order: ItemId[] = [];
  const known = new Set<ItemId>();

  const remove = (id: ItemId) => {
    for (const child of childIds.get(id) ?? []) remove(child);
    detach(id);
    entries.delete(id);
    childIds.delete(id);
  };
  const detach = (id: ItemId) => {
    const parent = entries.get(id)?.parent;
    if (parent) childIds.get(parent)?.delete(id);
  };
  const put = (entry: Entry) => {
    detach(entry.id);
    entries.set(entry.id, entry);
    if (!known.has(entry.id)) order.push(entry.id);
    known.add(entry.id);
    if (entry.parent === null) return;
    const siblings = childIds.get(entry.parent) ?? new Set();
    childIds.set(entry.parent, siblings.add(entry.id));
  };

  return {
    apply: (change: Change) => {
      if (change.type === "put") put(change.entry);
      else remove(change.id);
    },
    children: (folder: ItemId) =>
      [...(childIds.get(folder) ?? [])].flatMap((id) => entries.get(id) ?? []),
    page: (from: number, limit: number) => {
      const page: Entry[] = [];
      let after = from;
      for (; after < order.length && page.length < limit; after++) {
        const id = order[after];
        const entry = id === undefined ? undefined : entries.get(id);
        if (entry) page.push(entry);
      }
      return { entries: page, after };
    },
  };
}

function encode(position: Position): Cursor {
  return JSON.stringify(position) as Cursor;
}

function decode(cursor: Cursor, { epoch }: { readonly epoch: number }): Position {
  const position = parse(cursor);
  if (position !== null && position.epoch === epoch) return position;
  throw new ProviderError("cursor-expired", "memory: changes: this cursor is no longer known");
}

function parse(cursor: Cursor): Position | null {
  try {
    const position = JSON.parse(cursor) as Position;
    return Number.isInteger(position?.at) ? position : null;
  } catch {
    return null;
  }
}
