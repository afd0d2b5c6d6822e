import type { Entry, ItemId } from "../core/entry.ts";
import type { Clock } from "../core/provider.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { type Asked, askedOf, isSame, isUntold, statNow } from "./stat.ts";

/** How long a feed may lag behind what the service itself says of an item. */
const maxLagMs = 10 * 60_000;

interface Doing {
  readonly atMs: number;
  /** Whether it took the item out of the mirror ahead of the feed. */
  readonly removed: boolean;
}

/** What was done in an account lately, oldest first. */
const doings = new WeakMap<EngineAccount["tree"], Map<ItemId, Doing>>();
/** When an earlier process removed a folder for the last time: nothing tells what else went out of the mirror with it. */
const blindSinceMs = new WeakMap<EngineAccount["tree"], number>();

/** Recalls what an earlier process did in an account so lately that a feed may still tell what was before. */
export function recallOwn(
  { id, tree }: EngineAccount,
  { runs }: EngineContext["store"],
  nowMs: number,
): void {
  if (doings.has(tree)) return;
  const changed = runs.ofAccount(id, new Date(nowMs - maxLagMs));
  const done = changed.map(
    ({ item, at }) => [item, { atMs: at.getTime(), removed: false }] as const,
  );
  doings.set(tree, new Map(done));
  const last = changed.findLast(({ removedFolder }) => removedFolder);
  if (last) blindSinceMs.set(tree, last.at.getTime());
}

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
 * @param asked the item as it was known when the request went out
 */
export async function hear(
  account: EngineAccount,
  asked: Asked,
  answer: Entry,
  clock: Clock,
): Promise<() => void> {
  // From here on a page that contradicts the answer is doubted.
  noteOwn(account, answer.id, clock.now());
  const heard = askedOf(account, answer.id);
  const isClear = isUntold(account, answer.id, asked) || isSame(heard.known, answer);
  const now = isClear ? answer : await statNow(account, answer.id);
  return () => {
    if (!now) return;
    const isStill = isUntold(account, answer.id, heard) || isSame(account.tree.get(answer.id), now);
    if (!isStill) return;
    const hashes = now.revision === answer.revision ? answer.hashes : now.hashes;
    observeOwn(account, { ...now, hashes }, clock.now());
  };
}

/** Takes an item that is gone out of the mirror ahead of the feed, with all below it, and keeps that. */
export function dropOwn(account: EngineAccount, id: ItemId, nowMs: number): void {
  const { tree } = account;
  for (const below of tree.subtree(id)) noteOwn(account, below, nowMs, true);
  tree.drop(id);
}

/** Whether an item that the mirror does not know may have been taken out of it ahead of the feed, with one that held it. */
export function isForgotten({ tree }: EngineAccount, id: ItemId, nowMs: number): boolean {
  const doing = doings.get(tree)?.get(id);
  const sinceMs = doing?.removed ? doing.atMs : blindSinceMs.get(tree);
  return sinceMs !== undefined && nowMs - sinceMs < maxLagMs;
}

function noteOwn({ tree }: EngineAccount, id: ItemId, nowMs: number, removed = false): void {
  const known = doings.get(tree) ?? new Map<ItemId, Doing>();
  doings.set(tree, known);
  known.delete(id);
  known.set(id, { atMs: nowMs, removed });
  for (const [old, { atMs }] of known) {
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
  const atMs = doings.get(tree)?.get(id)?.atMs;
  return atMs !== undefined && nowMs - atMs < maxLagMs && atMs > sinceMs;
}
