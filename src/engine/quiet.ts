import type { ItemState, StepEffect } from "../core/effect.ts";
import type { ItemId } from "../core/entry.ts";
import { type ItemRef, type LinkEnd, otherSide, type Side } from "../core/plan.ts";
import { isMoved } from "../core/standing.ts";
import type { Store } from "../store/open.ts";
import type { Job } from "./context.ts";

/**
 * Does what would mark items, and leaves unmarked those that were as their link says, or as `effect` has left
 * them: also what a feed has told of our own doings before their answer came, or to a process that did not
 * see them. What a person did stays marked.
 */
export function quietly(
  job: Job,
  store: Store,
  refs: readonly ItemRef[],
  effect: StepEffect | null,
  work: () => void,
): void {
  const known = refs.filter((ref) => !isNews(job, store, ref, effect));
  work();
  for (const ref of known) store.dirty.clear(job.destination.id, ref);
}

function isNews(
  job: Job,
  { dirty, links }: Store,
  ref: ItemRef,
  effect: StepEffect | null,
): boolean {
  const { side, item } = ref;
  const { id } = job.destination;
  if (dirty.marksOf(id, ref) === 0) return false;
  const entry = job[side].tree.get(item);
  const link = links.of(id, side, item);
  const left = effect?.side === side && effect.id === item ? effect.after : null;
  const isAs = (state: ItemState | LinkEnd | null | undefined) =>
    entry && state && !isMoved(entry, state) && entry.revision === state.revision;
  return !isAs(link?.[side]) && !isAs(left);
}

/** The items of the other side that are linked to these. */
export function counterpartsOf(
  { destination }: Job,
  { links }: Store,
  side: Side,
  items: readonly ItemId[],
): ItemRef[] {
  const other = otherSide(side);
  return items.flatMap((item) => {
    const link = links.of(destination.id, side, item);
    return link ? [{ side: other, item: link[other].id }] : [];
  });
}
