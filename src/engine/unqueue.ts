import { type ItemRef, type Pair, sides } from "../core/plan.ts";
import type { Conflict } from "../store/conflicts.ts";
import type { EngineContext, Job } from "./context.ts";

/**
 * What a person was asked, or has said, of an item is dealt with. Where its two versions have not become each
 * other's counterpart, both are looked at again.
 */
export function unqueue(job: Job, ref: ItemRef, store: EngineContext["store"]): void {
  const { id } = job.destination;
  const conflict = store.conflicts.remove(id, ref);
  store.decisions.remove(id, ref);
  if (!conflict) return;
  const counterpart = store.links.of(id, "from", conflict.fromId)?.to.id;
  if (counterpart !== conflict.toId) release(job, conflict, {}, store);
}

/** Has the versions of a conflict that is over looked at again, but for those that it goes on with. */
export function release(
  { destination, ...accounts }: Job,
  { fromId, toId }: Pick<Conflict, "fromId" | "toId">,
  kept: Partial<Pair>,
  { dirty }: EngineContext["store"],
): void {
  const version = { from: fromId, to: toId };
  for (const side of sides) {
    const item = version[side];
    if (item === kept[side] || !accounts[side].tree.get(item)) continue;
    dirty.renew(destination.id, { side, item });
  }
}
