import type { Entry, ItemId } from "../core/entry.ts";
import type { Clock } from "../core/provider.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { isSame, statNow } from "./stat.ts";

/** How long a feed may lag behind what the service itself says of an item. */
const maxLagMs = 10 * 60_000;

interface Doing {
  readonly atMs: number;
  /** The folder that an item was in when it was removed with it. */
  readonly under: ItemId | null;
}

/** What was done in an account lately, oldest first. */
const doings = new WeakMap<EngineAccount["tree"], Map<ItemId, Doing>>();

/** Recalls what an earlier process did in an account so lately that a feed may still tell what was before. */
export function recallOwn(
  { id, tree }: EngineAccount,
  { runs }: EngineContext["store"],
  nowMs: number,
): void {
  if (doings.has(tree)) return;
  const changed = runs.ofAccount(id, new Date(nowMs - maxLagMs));
  const done = changed.map(({ item, at }) => [item, { atMs: at.getTime(), under: null }] as const);
  doings.set(tree, new Map(done));
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
  const { tree } = account;
  for (const below of tree.subtree(id)) {
    noteOwn(account, below, nowMs, tree.get(below)?.parent ?? null);
  }
  tree.drop(id);
}

/** What was below a folder when a request of our own removed both just now; parents first. */
export function droppedBelow({ tree }: EngineAccount, folder: ItemId): ItemId[] {
  const known = doings.get(tree);
  if (!known?.get(folder)?.under) return [];
  const found = new Set([folder]);
  for (const [id, { under }] of known) if (under !== null && found.has(under)) found.add(id);
  found.delete(folder);
  return [...found];
}

function noteOwn(
  { tree }: EngineAccount,
  id: ItemId,
  nowMs: number,
  under: ItemId | null = null,
): void {
  const known = doings.get(tree) ?? new Map<ItemId, Doing>();
  doings.set(tree, known);
  known.delete(id);
  known.set(id, { atMs: nowMs, under });
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
