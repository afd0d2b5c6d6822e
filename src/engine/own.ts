import type { Entry, ItemId } from "../core/entry.ts";
import type { EngineAccount } from "./context.ts";
import { statOrNull } from "./stat.ts";

/** How long a feed may lag behind what the service itself says of an item. */
const maxLagMs = 10 * 60_000;

/** What this process did in an account, oldest first, with its time. */
const doings = new WeakMap<EngineAccount["tree"], Map<ItemId, number>>();

/** Keeps what a request of our own made of an item, and that it was ours. */
export function observeOwn(account: EngineAccount, entry: Entry, nowMs: number): void {
  account.tree.observe(entry);
  noteOwn(account, entry.id, nowMs);
}

/**
 * What the service's answer to a request of our own says of an item, unless a feed that was read meanwhile has
 * told otherwise: which of the two is newer only the service knows, so that it is asked. Null: it is gone.
 *
 * @param before the item as it was known when the request went out
 */
export async function newest(
  { tree, provider }: EngineAccount,
  before: Entry | null,
  answer: Entry,
): Promise<Entry | null> {
  const now = tree.get(answer.id);
  const isUntold = before && now ? isAlike(before, now) : before === now;
  if (isUntold || (now && isAlike(now, answer))) return answer;
  return statOrNull(provider, answer.id);
}

/** Whether two entries of one item say the same of its place and content. */
export const isAlike = (a: Entry, b: Entry): boolean =>
  a.parent === b.parent && a.name === b.name && a.revision === b.revision;

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
