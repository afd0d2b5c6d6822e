import type { Entry, ItemId, Revision } from "../core/entry.ts";
import {
  type Decision,
  type ItemRef,
  otherSide,
  type Pair,
  type Side,
  sides,
  unitOf,
} from "../core/plan.ts";
import { formatLocation, type Rule } from "../core/rule.ts";
import type { Conflict } from "../store/conflicts.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { HeldItem, HoldKind, HoldRow } from "../store/holds.ts";
import type { Store } from "../store/open.ts";
import { destinationsOf, endOf, placeOf } from "./place.ts";

/**
 * What waits for a person, and what becomes of it. Everything here is a small transaction on the state,
 * safe beside a process that runs rules: it marks what it decides, and a run carries it out.
 */

/** What a person asked for can't be decided so; the message says why, and what to do. */
export class ReviewError extends Error {
  override readonly name = "ReviewError";
}

/** A file that both sides changed, under `conflict: review`. */
export interface OpenConflict {
  readonly rule: string;
  readonly id: string;
  /** Relative to the rule's folder. */
  readonly path: string;
  readonly why: string;
  readonly at: Date;
  readonly from: Version;
  readonly to: Version;
  /** What was decided for these versions, and no run has carried out yet. */
  readonly decided: Decision | null;
}

/** One side of a conflict, as its account was last read. */
export interface Version {
  /** `account:/path`; null when it is not there any more. */
  readonly location: string | null;
  readonly sizeBytes: number | null;
  readonly modifiedAt: Date | null;
  readonly revision: Revision | null;
}

/** The open conflicts of rules, in the order in which they were first seen. */
export function listConflicts(store: Store, rules: readonly Rule[]): OpenConflict[] {
  return rules.flatMap((rule) =>
    destinationsOf(rule, store).flatMap((row) =>
      store.conflicts.open(row.id).map((conflict) => {
        const { id, path, why, at, fromId, toId } = conflict;
        const version = (side: Side) => versionOf(rule, row, side, conflict, store);
        const decided = decisionFor(row, conflict.unit, store, { from: fromId, to: toId });
        return {
          rule: rule.name,
          id,
          path,
          why,
          at,
          from: version("from"),
          to: version("to"),
          decided,
        };
      }),
    ),
  );
}

function versionOf(
  rule: Rule,
  row: DestinationRow,
  side: Side,
  conflict: Conflict,
  store: Store,
): Version {
  const id = side === "from" ? conflict.fromId : conflict.toId;
  const entry = entryOf(row, side, id, store);
  return {
    location: placeOf(rule, row, side, id, store),
    sizeBytes: entry?.sizeBytes ?? null,
    modifiedAt: entry?.modifiedAt ?? null,
    revision: entry?.revision ?? null,
  };
}

/** Whether a person has decided or approved something that a run is to carry out. */
export function hasDecisions(destination: number, { decisions, holds }: Store): boolean {
  const isApproved = holds.of(destination).some(({ approvedAt }) => approvedAt !== null);
  return isApproved || decisions.any(destination);
}

/** What was decided for a unit; null: nothing, or one of the versions that were seen then has changed. */
export function decisionFor(
  row: DestinationRow,
  unit: ItemRef,
  store: Store,
  pair?: Pair,
): Decision | null {
  const decision = store.decisions.of(row.id, unit);
  if (!decision) return null;
  const seen = { from: decision.fromId, to: decision.toId };
  if (pair && sides.some((side) => seen[side] !== null && seen[side] !== pair[side])) return null;
  const revision = (side: Side, id: ItemId | null) =>
    (id && entryOf(row, side, id, store)?.revision) ?? null;
  const isSame =
    revision("from", decision.fromId) === decision.fromRevision &&
    revision("to", decision.toId) === decision.toRevision;
  return isSame ? decision.keep : null;
}

/**
 * Decides which version of a conflict stands; the next run carries it out. `ReviewError` when there is no
 * such conflict, or one of its versions is not there any more, or is not the one that was `seen`: nobody has
 * decided about the new one.
 */
export function resolveConflict(
  store: Store,
  id: string,
  keep: Decision,
  seen?: Readonly<Record<Side, string | null>>,
): void {
  store.transaction(() => {
    const conflict = store.conflicts.byId(id);
    if (!conflict) throw new ReviewError(`there is no open conflict "${id}"`);
    const { destination, unit, fromId, toId, fromRevision, toRevision, path } = conflict;
    const row = store.destinations.get(destination);
    const from = entryOf(row, "from", fromId, store);
    const to = entryOf(row, "to", toId, store);
    const isOther = seen && (seen.from !== fromRevision || seen.to !== toRevision);
    if (isOther || from?.revision !== fromRevision || to?.revision !== toRevision) {
      throw new ReviewError(
        `"${path}" has changed since conflict ${id} was found: the next run of rule "${row.rule}" looks at it again`,
      );
    }
    store.decisions.put(destination, { unit, keep, fromId, toId, fromRevision, toRevision });
    store.dirty.renew(destination, unit);
  });
}

/** Removals or overwrites that a guard holds. */
export interface HeldSet {
  readonly rule: string;
  /** The rule's folder at each side, `account:/path`. */
  readonly from: string;
  readonly to: string;
  readonly kind: HoldKind;
  /** Names exactly these items at these versions. */
  readonly set: string;
  readonly why: string;
  readonly at: Date;
  /** It goes on with the next run. */
  readonly approved: boolean;
  readonly items: readonly Pick<HeldItem, "side" | "path" | "bytes">[];
}

const setDigits = 8;

/** The sets that are held, whether they were approved or not. */
export function listHolds(store: Store, rules: readonly Rule[]): HeldSet[] {
  return rules.flatMap((rule) =>
    destinationsOf(rule, store).flatMap((row) =>
      store.holds.of(row.id).map((hold) => ({
        rule: rule.name,
        from: formatLocation(rule.from),
        to: row.location,
        kind: hold.kind,
        set: setOf(hold),
        why: hold.why,
        at: hold.at,
        approved: hold.approvedAt !== null,
        items: hold.set.map(({ side, path, bytes }) => ({ side, path, bytes })),
      })),
    ),
  );
}

/** What waits for a person. */
export interface Undecided {
  readonly conflicts: readonly OpenConflict[];
  readonly held: readonly HeldSet[];
}

/** What is still to be decided; what was decided and not yet carried out is left out. */
export function undecided(store: Store, rules: readonly Rule[]): Undecided {
  return {
    conflicts: listConflicts(store, rules).filter(({ decided }) => decided === null),
    held: listHolds(store, rules).filter(({ approved }) => !approved),
  };
}

const setOf = ({ hash }: HoldRow) => hash.slice(0, setDigits);

/**
 * Lets what is held of a rule go on, once: exactly these items at these versions. `set`: only that one.
 * `ReviewError` when nothing is held, or not that set any more.
 */
export function approveHold(store: Store, rule: Rule, set?: string): void {
  store.transaction(() => {
    for (const { row, hold } of heldOf(store, rule, set)) {
      store.holds.approve(row.id, hold.kind);
      for (const { side, item } of hold.set) {
        store.dirty.renew(row.id, unitAt(row, { side, item }, store));
      }
    }
  });
}

/**
 * Drops what is held of a rule: each item of it stays where it still is, and the next run puts it back at
 * the other side. `ReviewError` as with `approveHold`.
 */
export function rejectHold(store: Store, rule: Rule, set?: string): void {
  store.transaction(() => {
    for (const { row, hold } of heldOf(store, rule, set)) {
      for (const { side, item } of hold.set) keep(row, side, item, store);
      store.holds.remove(row.id, hold.kind);
    }
  });
}

interface Held {
  readonly row: DestinationRow;
  readonly hold: HoldRow;
}

function heldOf(store: Store, rule: Rule, set: string | undefined): Held[] {
  const all = destinationsOf(rule, store).flatMap((row) =>
    store.holds.of(row.id).map((hold) => ({ row, hold })),
  );
  if (all.length === 0) throw new ReviewError(`nothing of rule "${rule.name}" is held`);
  const wanted = all.filter(({ hold }) => set === undefined || setOf(hold) === set);
  if (wanted.length > 0) return wanted;
  const sets = all.map(({ hold }) => setOf(hold)).join(", ");
  throw new ReviewError(`rule "${rule.name}" no longer holds the set ${set}, but ${sets}`);
}

/** Decides for the version of `side`, which still has the item. */
function keep(row: DestinationRow, side: Side, id: ItemId, store: Store): void {
  const entry = entryOf(row, side, id, store);
  if (!entry) return;
  const link = store.links.of(row.id, side, id);
  const other = link && entryOf(row, otherSide(side), link[otherSide(side)].id, store);
  const [from, to] = side === "from" ? [entry, other] : [other, entry];
  const unit = link ? unitOf(link) : { side, item: id };
  store.decisions.put(row.id, {
    unit,
    keep: side,
    fromId: from?.id ?? null,
    toId: to?.id ?? null,
    fromRevision: from?.revision ?? null,
    toRevision: to?.revision ?? null,
  });
  store.dirty.renew(row.id, unit);
}

function unitAt(row: DestinationRow, { side, item }: ItemRef, store: Store): ItemRef {
  const link = store.links.of(row.id, side, item);
  return link ? unitOf(link) : { side, item };
}

function entryOf(row: DestinationRow, side: Side, id: ItemId, store: Store): Entry | null {
  return store.trees.of(endOf(row, side).account).get(id);
}
