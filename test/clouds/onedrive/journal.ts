/**
 * Which items changed, in the order of their latest change: what delta reads. A position is the number of
 * entries before it.
 */
export interface Journal {
  /** The position after the newest entry. */
  readonly end: number;
  record(id: string, at: number): void;
  /** Entries from a position on: only the latest of each item. */
  from(position: number): Iterable<{ readonly position: number; readonly id: string }>;
  /** The position of the first entry after an instant. */
  positionAt(instant: number): number;
}

export function createJournal(): Journal {
  const entries: { readonly id: string; readonly at: number }[] = [];
  const latest = new Map<string, number>();
  return {
    get end() {
      return entries.length;
    },
    record(id, at) {
      latest.set(id, entries.length);
      entries.push({ id, at });
    },
    *from(position) {
      for (let index = position; index < entries.length; index += 1) {
        const { id } = entries[index] ?? { id: "" };
        if (latest.get(id) === index) yield { position: index, id };
      }
    },
    positionAt(instant) {
      const index = entries.findIndex(({ at }) => at > instant);
      return index < 0 ? entries.length : index;
    },
  };
}
