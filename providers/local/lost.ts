import type { Entry, ItemId } from "../../src/core/entry.ts";
import type { Key } from "./item.ts";
import type { Known } from "./known.ts";

/** The items that a scan did not find where they were known, until it finds them elsewhere. */
export interface Lost {
  add(entries: readonly Entry[]): void;
  /** Notes that the item was found. */
  found(id: ItemId): void;
  /** Whether the item was not found elsewhere yet. */
  isOpen(id: ItemId): boolean;
  /** The lost file that is this inode, if any; it counts as found then. After the walk alone. */
  takeFile(key: Key): Entry | null;
  /** Those that were not found; what is below a folder goes with it. After the walk alone. */
  gone(): ItemId[];
}

/** Nothing lost yet. */
export function createLost(known: Known): Lost {
  const lost: Entry[] = [];
  const foundIds = new Set<ItemId>();
  let files: Map<Key, Entry[]> | null = null;

  const open = () => lost.filter(({ id }) => !foundIds.has(id));
  function* filesIn(entries: readonly Entry[]): Generator<Entry> {
    for (const entry of entries) {
      if (foundIds.has(entry.id)) continue;
      if (entry.kind === "file") yield entry;
      else yield* filesIn(known.children(entry.id));
    }
  }
  const filesByKey = () => Map.groupBy(filesIn(open()), known.keyOf);

  return {
    add: (entries) => {
      lost.push(...entries);
    },
    found: (id) => {
      foundIds.add(id);
    },
    isOpen: (id) => !foundIds.has(id),
    takeFile: (key) => {
      files ??= filesByKey();
      const file = files.get(key)?.shift() ?? null;
      if (file) foundIds.add(file.id);
      return file;
    },
    gone: () => open().map(({ id }) => id),
  };
}
