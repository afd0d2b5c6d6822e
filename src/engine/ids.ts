import type { ItemId } from "../core/entry.ts";
import type { Provider } from "../core/provider.ts";

/** Reserved ids, asked for in advance so that a create costs one request. */
export interface IdPool {
  /** Null where the service has no reserved ids. */
  next(): Promise<ItemId | null>;
}

const mostAtOnce = 500;

export function createIdPool(provider: Provider): IdPool {
  let pool: ItemId[] = [];
  let refill: Promise<void> | null = null;
  let batch = 16;
  return {
    async next() {
      if (!provider.reserveIds) return null;
      for (;;) {
        const id = pool.shift();
        if (id) return id;
        refill ??= provider
          .reserveIds(batch)
          .then((ids) => {
            pool = [...ids];
            batch = Math.min(mostAtOnce, batch * 4);
          })
          .finally(() => {
            refill = null;
          });
        await refill;
      }
    },
  };
}
