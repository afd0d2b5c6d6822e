import type { Entry, ItemId } from "../../src/core/entry.ts";

/**
 * What this adapter did lately. An answer of the feed can be older than a write that ended while it was on
 * its way, and Dropbox speaks of paths: such an answer must not undo in the tree what was just written.
 */
export interface OwnWrites {
  wrote(entry: Entry): void;
  trashed(id: ItemId): void;
  /** The item as we left it, null when trashed; undefined when it is long ago or was never ours. */
  left(id: ItemId): Entry | null | undefined;
}

const rememberedMs = 2 * 60_000;

/** Remembers each item for two minutes, more than an answer of the feed takes. */
export function createOwnWrites(now: () => number): OwnWrites {
  const items = new Map<ItemId, { readonly entry: Entry | null; readonly until: number }>();
  const remember = (id: ItemId, entry: Entry | null) => {
    items.delete(id);
    items.set(id, { entry, until: now() + rememberedMs });
    for (const [old, { until }] of items) {
      if (until > now()) break;
      items.delete(old);
    }
  };
  return {
    wrote: (entry) => remember(entry.id, entry),
    trashed: (id) => remember(id, null),
    left(id) {
      const item = items.get(id);
      return item !== undefined && item.until > now() ? item.entry : undefined;
    },
  };
}
