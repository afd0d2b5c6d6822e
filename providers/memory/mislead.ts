import type { Change, ItemId } from "../../src/core/entry.ts";

/** Pages of changes as a service may tell them that remembers states, not events. */

export const idOf = (change: Change): ItemId =>
  change.type === "put" ? change.entry.id : change.id;

/**
 * Each item once, in its last state; children before their folders, and removals last. Whoever applies it
 * ends where the page in its order would have led.
 */
export function reversed(page: readonly Change[]): Change[] {
  const last = new Map<ItemId, Change>();
  for (const change of page) {
    last.delete(idOf(change));
    last.set(idOf(change), change);
  }
  const states = [...last.values()].reverse();
  const [puts, gone] = [states.filter(isPut), states.filter((change) => !isPut(change))];
  return [...puts, ...gone];
}

const isPut = ({ type }: Change) => type === "put";

/** The page, with up to `items` of its changed items as they were in `past`; and which ones these are. */
export function asBefore(page: readonly Change[], past: readonly Change[], items: number) {
  const stale = new Map<ItemId, Change>();
  for (const id of new Set(page.map(idOf))) {
    if (stale.size >= items) break;
    const now = page.findLast((change) => idOf(change) === id);
    const before = past.findLast((change) => idOf(change) === id);
    if (now?.type === "put" && before?.type === "put") stale.set(id, before);
  }
  const changes = page.map((change) => stale.get(idOf(change)) ?? change);
  return { changes, stale: [...stale.keys()] };
}
