/** One line of the log: something about this item, or about a shared drive, is different now. */
export interface LogEntry {
  readonly at: number;
  readonly subject:
    | { readonly type: "file"; readonly id: string }
    | { readonly type: "drive"; readonly id: string; readonly removed: boolean };
}

/**
 * The user's change log. Entries are numbered, oldest first; a new entry for an item replaces its former
 * one (Drive docs: "Retrieve changes"). Numbers never become invalid.
 */
export interface ChangeLog {
  /** The number of the first entry. */
  readonly first: number;
  record(entry: LogEntry): void;
  /** The number after the last entry that happened at `until` or before. */
  end(until: number): number;
  /** Up to `limit` entries from `from` on that happened at `until` or before; `next` is where to go on. */
  read(from: number, until: number, limit: number): { entries: LogEntry[]; next: number };
}

/** `onEntry` hears of every entry. */
export function createChangeLog(firstNumber: number, onEntry: () => void): ChangeLog {
  const lines: (LogEntry | undefined)[] = [];
  const latest = new Map<string, number>();

  function end(until: number): number {
    let index = lines.length;
    while (index > 0 && (lines[index - 1]?.at ?? Number.POSITIVE_INFINITY) > until) index -= 1;
    return firstNumber + index;
  }

  return {
    first: firstNumber,
    record(entry) {
      const key = `${entry.subject.type} ${entry.subject.id}`;
      const former = latest.get(key);
      if (former !== undefined) lines[former] = undefined;
      latest.set(key, lines.length);
      lines.push(entry);
      onEntry();
    },
    end,
    read(from, until, limit) {
      const entries: LogEntry[] = [];
      const stop = end(until);
      let number = Math.max(from, firstNumber);
      for (; number < stop && entries.length < limit; number += 1) {
        const entry = lines[number - firstNumber];
        if (entry !== undefined) entries.push(entry);
      }
      // Replaced lines at the end would make a last page that is empty: skip them here.
      while (number < stop && lines[number - firstNumber] === undefined) number += 1;
      return { entries, next: number };
    },
  };
}
