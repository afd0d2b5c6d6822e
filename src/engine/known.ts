import type { Entry } from "../core/entry.ts";
import {
  type Decision,
  type ItemRef,
  otherSide,
  refKey,
  type Side,
  sides,
  unitOf,
} from "../core/plan.ts";
import type { Rule } from "../core/rule.ts";
import type { ConflictRow } from "../store/conflicts.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { Failed } from "../store/dirty.ts";
import type { HeldItem, HoldRow } from "../store/holds.ts";
import type { LinkRow } from "../store/links.ts";
import type { Store } from "../store/open.ts";
import type { StepRow } from "../store/runs.ts";
import { endOf } from "./place.ts";
import { decisionFor } from "./review.ts";

/** The location as one side of one destination, which may never have been run. */
export interface Seen {
  readonly rule: Rule;
  readonly row: DestinationRow | null;
  readonly side: Side;
  /** Names below the rule's folder. */
  readonly path: readonly string[];
  readonly entry: Entry | null;
}

/** What the destination knows of the item, or of its path where there is none any more. */
export interface Known {
  readonly link: LinkRow | null;
  readonly conflict: ConflictRow | null;
  readonly decision: Decision | null;
  readonly hold: HoldRow | null;
  readonly failure: Failed | null;
  readonly marked: boolean;
  readonly changedAt: Date | null;
}

const nothing: Known = {
  link: null,
  conflict: null,
  decision: null,
  hold: null,
  failure: null,
  marked: false,
  changedAt: null,
};

/** Everything that the state knows of an item under one destination. */
export function knownOf(seen: Seen, store: Store): Known {
  const { row, side, entry } = seen;
  if (!row) return nothing;
  const hold = holdOf(seen, row, store);
  if (!entry) return { ...nothing, hold };
  const { id } = entry;
  const link = store.links.of(row.id, side, id);
  const conflict = store.conflicts.ofItem(row.id, side, id);
  const unit = conflict?.unit ?? (link ? unitOf(link) : { side, item: id });
  const refs = [unit, { side, item: id }].map(refKey);
  return {
    link,
    conflict,
    decision: decisionFor(row, unit, store),
    hold,
    failure: store.dirty.failed(row.id).find((failed) => refs.includes(refKey(failed))) ?? null,
    marked:
      store.dirty.marksOf(row.id, unit) > 0 || store.dirty.marksOf(row.id, { side, item: id }) > 0,
    changedAt: store.trees.of(endOf(row, side).account).changedAt(id),
  };
}

/** The held set of which the item, or its counterpart, is one; what is gone is known by its path. */
function holdOf({ side, path, entry }: Seen, row: DestinationRow, store: Store): HoldRow | null {
  const other = otherSide(side);
  const link = entry && store.links.of(row.id, side, entry.id);
  const text = path.join("/");
  const isIt = (held: HeldItem) =>
    held.side === side
      ? held.item === entry?.id
      : entry
        ? held.item === link?.[other].id
        : held.path === text;
  return store.holds.of(row.id).find(({ set }) => set.some(isIt)) ?? null;
}

/** The newest steps of an item under both its names, in order; for what has no link, also those that name its path. */
export function stepsOf(
  { rule: { name }, side, path, entry }: Seen,
  link: LinkRow | null,
  { runs }: Store,
  limit: number,
): StepRow[] {
  const refs: ItemRef[] = link
    ? sides.map((each) => ({ side: each, item: link[each].id }))
    : entry
      ? [{ side, item: entry.id }]
      : [];
  const ofItem = refs.flatMap((ref) => runs.ofItem(ref, limit));
  const ofRule = ofItem.filter(({ rule }) => rule === name).sort((a, b) => a.id - b.id);
  if (ofRule.length > 0) return ofRule.slice(-limit);
  const text = path.join("/");
  return runs
    .log({ rule: name, limit: 10_000 })
    .filter((step) => step.path === text || step.fromPath === text)
    .slice(-limit);
}
