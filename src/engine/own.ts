import type { Entry, ItemId } from "../core/entry.ts";
import type { EngineAccount } from "./context.ts";

/** How long a feed may lag behind what the service itself says of an item. */
const maxLagMs = 10 * 60_000;

/** What this process did in an account, oldest first, with its time. */
const doings = new WeakMap<EngineAccount["tree"], Map<ItemId, number>>();

/** Keeps what a request of our own made of an item, and that it was ours. */
export function observeOwn({ tree }: EngineAccount, entry: Entry, nowMs: number): void {
  tree.observe(entry);
  const known = doings.get(tree) ?? new Map<ItemId, number>();
  doings.set(tree, known);
  known.delete(entry.id);
  known.set(entry.id, nowMs);
  for (const [id, atMs] of known) {
    if (nowMs - atMs < maxLagMs) break;
    known.delete(id);
  }
}

/** Whether we changed the item so lately that the feed may still tell what was before. */
export function isOwn({ tree }: EngineAccount, id: ItemId, nowMs: number): boolean {
  const atMs = doings.get(tree)?.get(id);
  return atMs !== undefined && nowMs - atMs < maxLagMs;
}
