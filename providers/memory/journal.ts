import type { Change, ChangePage, Cursor, Entry, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { asBefore, idOf, reversed } from "./mislead.ts";

/** How a feed misled its reader. */
export type Misled = "lag" | "repeated" | "reversed" | "stale" | "tombstone" | "short" | "expired";

export interface JournalWatcher {
  /** Every effect, as it happens, past all lag. */
  readonly onChange?: (change: Change) => void;
  readonly onMisled?: (how: Misled) => void;
}

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
  /** From now on a page names each item once, as it is at the page's end, and children before folders. */
  reversePages(): void;
  /**
   * The next page shows up to `items` items as they were before it. The next reading corrects that, with all below a
   * folder: whoever took it for gone with the one that it was shown in no longer knows that.
   */
  tellStale(items: number): void;
  /** The next `items` removals are never told of: only a new listing leaves them out. */
  loseTombstones(items: number): void;
  /** The next listing ends after `items` items as if they were all. */
  shortenListing(items: number): void;
  /** Forgets what of these was still to come. */
  calm(): void;
  /** Makes every cursor given so far expire. */
  resetCursors(): void;
}

/**
 * `at`: changes seen so far; `after`: while listing, how many of the items ever made were looked at;
 * `stale`: items that were shown as they had been.
 */
interface Position {
  readonly epoch: number;
  readonly at: number;
  readonly after?: number;
  readonly stale?: readonly ItemId[];
}

/** A journal that knows the root alone. */
export function createJournal(root: Entry, watcher: JournalWatcher = {}): Journal {
  const changes: Change[] = [];
  const untold = new Set<Change>();
  const shown = createShown(root);
  const listeners = new Set<() => void>();
  const state = { visible: 0, hidden: 0, pageSize: 100, repeat: false, reverse: false, epoch: 0 };
  const nothing = { stale: 0, untold: 0, listed: Number.POSITIVE_INFINITY };
  const planned = { ...nothing };
  const misled = (how: Misled) => watcher.onMisled?.(how);

  const advance = () => {
    const before = state.visible;
    state.visible = Math.max(before, changes.length - state.hidden);
    for (const change of changes.slice(before, state.visible)) shown.apply(change);
    if (state.visible > before) for (const listener of [...listeners]) listener();
  };
  function* listing(at: number, from: number): Generator<ChangePage> {
    for (let after = from; ; ) {
      const isShort = planned.listed < state.pageSize;
      const limit = Math.min(state.pageSize, planned.listed);
      planned.listed = Number.POSITIVE_INFINITY;
      const page = shown.page(after, limit);
      after = page.after;
      if (isShort && page.entries.length === limit) misled("short");
      const done = isShort || page.entries.length < limit;
      const next = encode({ epoch: state.epoch, at, ...(!done && { after }) });
      const puts = page.entries.map((entry): Change => ({ type: "put", entry }));
      yield { changes: inOrder(puts), next, stage: done ? "listed" : "listing" };
      if (done) return;
    }
  }
  function* following(from: number, corrected: readonly ItemId[]): Generator<ChangePage> {
    const stale: ItemId[] = [];
    // What is still to be told in its turn would come before what happened ahead of it.
    const last = corrected.map((id) => changes.findLastIndex((one) => idOf(one) === id));
    let corrections = last.filter((at) => at < from).flatMap((at) => withAllBelow(changes[at]));
    for (let at = from; at < state.visible || corrections.length > 0; corrections = []) {
      const start = state.repeat ? Math.max(0, at - state.pageSize) : at;
      if (start < at) misled("repeated");
      at = Math.min(state.visible, at + state.pageSize);
      const told = changes.slice(start, at).filter((change) => !untold.has(change));
      if (told.length < at - start) misled("tombstone");
      const before =
        planned.stale > 0
          ? asBefore(told, changes.slice(0, start), planned.stale)
          : { changes: told, stale: [] };
      if (before.stale.length > 0) misled("stale");
      stale.push(...before.stale);
      planned.stale = 0;
      const page = inOrder([...corrections, ...before.changes]);
      const next = encode({ epoch: state.epoch, at, ...(stale.length > 0 && { stale }) });
      yield { changes: page, next, stage: "changes" };
    }
  }
  const withAllBelow = (change: Change | undefined): Change[] => {
    if (!change) return [];
    const below = shown.below(idOf(change)).map((entry): Change => ({ type: "put", entry }));
    return [change, ...below];
  };
  const inOrder = (page: Change[]): Change[] => {
    if (!state.reverse || page.length < 2) return page;
    misled("reversed");
    return reversed(page);
  };

  return {
    append: (change) => {
      changes.push(change);
      watcher.onChange?.(change);
      if (change.type === "gone" && planned.untold-- > 0) untold.add(change);
      advance();
    },
    children: shown.children,
    *pages(since) {
      if (state.visible < changes.length) misled("lag");
      const {
        at,
        after,
        stale = [],
      } = since === null ? { at: state.visible, after: 0 } : position(since);
      if (after !== undefined) yield* listing(at, after);
      yield* following(at, stale);
    },
    hasMore: (since) => {
      const { at, after, stale = [] } = position(since);
      return after !== undefined || at < state.visible || stale.length > 0;
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
    reversePages: () => {
      state.reverse = true;
    },
    tellStale: (items) => {
      planned.stale = items;
    },
    loseTombstones: (items) => {
      planned.untold = items;
    },
    shortenListing: (items) => {
      planned.listed = items;
    },
    calm: () => {
      Object.assign(planned, nothing);
    },
    resetCursors: () => {
      untold.clear();
      state.epoch++;
    },
  };

  function position(cursor: Cursor): Position {
    const found = parse(cursor);
    if (found !== null && found.epoch === state.epoch) return found;
    misled("expired");
    throw new ProviderError("cursor-expired", "memory: changes: this cursor is no longer known");
  }
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

  const children = (folder: ItemId): Entry[] =>
    [...(childIds.get(folder) ?? [])].flatMap((id) => entries.get(id) ?? []);
  /** Parents first. */
  const below = (folder: ItemId): Entry[] =>
    children(folder).flatMap((entry) => [entry, ...below(entry.id)]);

  return {
    below,
    apply: (change: Change) => {
      if (change.type === "put") put(change.entry);
      else remove(change.id);
    },
    children,
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

function parse(cursor: Cursor): Position | null {
  try {
    const position = JSON.parse(cursor) as Position;
    return Number.isInteger(position?.at) ? position : null;
  } catch {
    return null;
  }
}
