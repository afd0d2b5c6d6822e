import type { Item } from "./item.ts";
import { isBelow, type Path, parentOf } from "./paths.ts";

/** One thing that happened at a path. */
export interface JournalEntry {
  /** Counts from 1. */
  readonly seq: number;
  readonly path: Path;
  /** What was put there; null: what was there is gone. */
  readonly item: Item | null;
  /** For what went with a folder: the entry of the folder. */
  readonly cover: JournalEntry | null;
  readonly at: number;
}

/** The part of the account that a cursor looks at. */
export interface Scope {
  /** Lower-case path; empty for the root. */
  readonly lower: string;
  readonly recursive: boolean;
}

/** All that ever happened, in order. */
export interface Journal {
  readonly head: number;
  put(item: Item, at: number): JournalEntry;
  gone(path: Path, at: number, cover: JournalEntry | null): JournalEntry;
  /** Whether nothing happened at the entry's path since. */
  isLatest(entry: JournalEntry): boolean;
  latest(lower: string): JournalEntry | null;
  /** Entries after `seq`, oldest first. */
  after(seq: number): Iterable<JournalEntry>;
  /** Calls once when something happens next; the result stops waiting. */
  onNext(listener: () => void): () => void;
}

/** An empty journal. */
export function createJournal(): Journal {
  const entries: JournalEntry[] = [];
  const latest = new Map<string, JournalEntry>();
  const listeners = new Set<() => void>();
  const add = (entry: JournalEntry) => {
    entries.push(entry);
    latest.set(entry.path.lower, entry);
    for (const listener of listeners) queueMicrotask(listener);
    listeners.clear();
    return entry;
  };
  return {
    get head() {
      return entries.length;
    },
    put: (item, at) => add({ seq: entries.length + 1, path: item, item, cover: null, at }),
    gone: (path, at, cover) => add({ seq: entries.length + 1, path, item: null, cover, at }),
    isLatest: (entry) => latest.get(entry.path.lower) === entry,
    latest: (lower) => latest.get(lower) ?? null,
    *after(seq) {
      for (let index = seq; index < entries.length; index += 1) {
        const entry = entries[index];
        if (entry !== undefined) yield entry;
      }
    },
    onNext(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Whether a path is one of those that a scope shows; a recursive one shows its own folder too. */
export function isInScope(lower: string, scope: Scope): boolean {
  if (!scope.recursive) return parentOf(lower) === scope.lower && lower !== scope.lower;
  return lower === scope.lower || isBelow(lower, scope.lower);
}
