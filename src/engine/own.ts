import type { Entry, ItemId } from "../core/entry.ts";
import type { EngineAccount } from "./context.ts";

/** How long a feed may lag behind what the service itself says of an item. */
const maxLagMs = 10 * 60_000;

/** What this process did in an account, oldest first, with its time. */
const doings = new WeakMap<EngineAccount["tree"], Map<ItemId, number>>();

/** Keeps what a request of our own made of an item, and that it was ours. */
export function observeOwn(account: EngineAccount, entry: Entry, nowMs: number): void {
  account.tree.observe(entry);
  noteOwn(account, entry.id, nowMs);
}

/** Keeps that a request of our own removed an item, with all below it. */
export function dropOwn(account: EngineAccount, id: ItemId, nowMs: number): void {
  for (const below of account.tree.subtree(id)) noteOwn(account, below, nowMs);
  account.tree.drop(id);
}

function noteOwn({ tree }: EngineAccount, id: ItemId, nowMs: number): void {
  const known = doings.get(tree) ?? new Map<ItemId, number>();
  doings.set(tree, known);
  known.delete(id);
  known.set(id, nowMs);
  for (const [old, atMs] of known) {
    if (nowMs - atMs < maxLagMs) break;
    known.delete(old);
  }
}

/** Whether we changed the item so lately, and after `sinceMs`, that a feed may still tell what was before. */
export function isOwn(
  { tree }: EngineAccount,
  id: ItemId,
  nowMs: number,
  sinceMs = Number.NEGATIVE_INFINITY,
): boolean {
  const atMs = doings.get(tree)?.get(id);
  return atMs !== undefined && nowMs - atMs < maxLagMs && atMs > sinceMs;
}
