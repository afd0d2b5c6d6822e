import type { Entry, ItemId } from "../core/entry.ts";
import type { Clock } from "../core/provider.ts";
import type { EngineAccount } from "./context.ts";
import { isSame, statNow } from "./stat.ts";

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
 * Hears the service's answer to a request of our own, and gives what keeps it: to be called in the transaction
 * that records what the request did. What a feed has told of the item since the request went out may be newer
 * than the answer; only the service knows, so that it is asked. What a feed tells from now on is newer.
 *
 * @param before the item as it was known when the request went out
 */
export async function hear(
  account: EngineAccount,
  before: Entry | null,
  answer: Entry,
  clock: Clock,
): Promise<() => void> {
  const { tree } = account;
  // From here on a page that contradicts the answer is doubted.
  noteOwn(account, answer.id, clock.now());
  const known = tree.get(answer.id);
  const isClear = isSame(known, before) || isSame(known, answer);
  const now = isClear ? answer : await statNow(account, answer.id);
  return () => {
    if (!now || !isSame(tree.get(answer.id), known)) return;
    const hashes = now.revision === answer.revision ? answer.hashes : now.hashes;
    observeOwn(account, { ...now, hashes }, clock.now());
  };
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
