import { createDestination } from "./destination.ts";
import { breakCycles } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import { createOneWay } from "./one-way.ts";
import {
  type ItemRef,
  type Link,
  otherSide,
  type Plan,
  type PlanView,
  refKey,
  type Side,
  settledBy,
  sides,
  unitOf,
} from "./plan.ts";
import type { Draft, Drafting, Mode, Writers } from "./planning.ts";
import { createReconciler } from "./reconcile.ts";
import { rememberView } from "./remembered.ts";
import type { Rule } from "./rule.ts";
import { createScope, type Standing } from "./standing.ts";
import { createWriter } from "./writer.ts";

/** When a plan is made. */
export interface PlanTime {
  readonly nowMs: number;
  /** Files that changed less than this ago are left alone; 0 where a person or a schedule asked. */
  readonly quietMs: number;
  /** When the item's content or place was last seen to change. */
  changedAtMs(ref: ItemRef): number;
}

export interface Planner {
  /** May be called again with further items; later plans know the steps of earlier ones. */
  plan(dirty: Iterable<ItemRef>): Plan;
}

/**
 * Decides what brings the two sides of a rule in step, from both trees and the links: what both sides were
 * when they last agreed. Pure: the same rule, trees, links and time give the same plan, and the order of
 * `dirty` does not matter for where things end. `one-way.ts` holds what `copy` and `move` decide,
 * `reconcile.ts` what `mirror` and `two-way` do, `writer.ts` how a decision becomes steps at one side.
 *
 * Invariants:
 * - A unit is decided once a plan; all its steps name it, so that it is settled when they are done.
 * - A folder is decided before what it holds.
 * - A step that overwrites or removes names the revision it was planned against.
 * - Content and place are decided apart: a renamed and edited file is a move and an update.
 * - Gone is only what its own tree says is gone; what the rule does not look at is never removed.
 */
export function createPlanner(rule: Rule, now: PlanView, time: PlanTime): Planner {
  const view = rememberView(now);
  const scope = createScope(rule, view, time.nowMs);
  const decided = new Set<string>();
  /** Units that this or an earlier plan has steps for, or deferred. */
  const busy = new Set<string>();
  const finishing: (() => void)[] = [];
  const resting = new Map<string, number>();
  const paired: Record<Side, Map<ItemId, ItemId>> = { from: new Map(), to: new Map() };
  let out = emptyDraft();
  let count = 0;

  const drafting: Drafting = {
    rule,
    view,
    scope,
    out: () => out,
    decide,
    rests,
    restsUntil: (ref) => resting.get(refKey(ref)) ?? null,
    policyOf: (from, to) =>
      rule.conflict === "newest" ? newer(from, to) : policies[rule.conflict],
    pairOf(side, folder) {
      if (folder === view[side].root.folder) return view[otherSide(side)].root.folder;
      const other = otherSide(side);
      return paired[side].get(folder) ?? view.linkOf(side, folder)?.[other].id ?? null;
    },
    pair(side, folder, other) {
      paired[side].set(folder, other);
      paired[otherSide(side)].set(other, folder);
    },
    isThere: (side, link) =>
      isOneWay(rule) ? scope.inside(side, link) !== null : scope.present(side, link) !== null,
    asideOf: (side, item) => writers[side].asideOf(item),
    mode: () => mode,
    atEnd: (finish) => void finishing.push(finish),
    nextId: () => `s${++count}`,
    add: (step) => out.steps.push(step),
  };
  const destination = rule.as === null ? null : createDestination(rule.as);
  const writers: Writers = {
    from: createWriter("from", drafting, null),
    to: createWriter("to", drafting, destination),
  };
  const mode: Mode = isOneWay(rule)
    ? createOneWay(drafting, writers)
    : createReconciler(drafting, writers);

  function keyOf(ref: ItemRef): string {
    const link = view.linkOf(ref.side, ref.item);
    return refKey(link ? unitOf(link) : ref);
  }

  function decide(ref: ItemRef): void {
    const link = view.linkOf(ref.side, ref.item);
    const unit = link ? unitOf(link) : ref;
    const key = refKey(unit);
    if (decided.has(key)) return;
    if (isLeftAlone(unit, link)) return void decided.add(key);
    decideHolders(unit, link);
    // What makes room for its holder may have been this very item.
    if (decided.has(key)) return;
    decided.add(key);
    mode.decide(unit, link);
  }

  /**
   * Whether a unit lies deeper than rules look. The topmost is told, with all that it holds, and each that had a
   * counterpart before: they stay marked, since nothing tells of them when a folder above them moves up.
   */
  function isLeftAlone(unit: ItemRef, link: Link | null): boolean {
    const ends = link ? sides.map((side) => ({ side, item: link[side].id })) : [unit];
    for (const { side, item } of ends) {
      if (!mode.holders.includes(side) || !scope.isTooDeep(side, item)) continue;
      const entry = view[side].tree.get(item);
      const standing = entry && scope.standing(side, entry);
      if (!entry || standing?.type !== "frozen") continue;
      const isTopmost = entry.parent && !scope.isTooDeep(side, entry.parent);
      if (link || isTopmost) {
        const why = `${standing.because}: it is left alone, with all that it holds; move it up, or exclude it`;
        writers[otherSide(side)].refuse(entry, scope.pathOf(side, item) ?? [], why);
      }
      return true;
    }
    return false;
  }

  function decideHolders(unit: ItemRef, link: Link | null): void {
    for (const side of mode.holders) {
      // Where the rule does not look, a folder decides nothing.
      if (link && !drafting.isThere(side, link)) continue;
      const id = link ? link[side].id : unit.side === side ? unit.item : null;
      const parent = id && view[side].tree.get(id)?.parent;
      if (!parent || parent === view[side].root.folder) continue;
      if (isHolderFirst(side, parent)) decide({ side, item: parent });
    }
  }

  /**
   * Where both ends of a folder are there, `from` leads: the folders of `from` are a tree, so that holders
   * never wait for each other.
   */
  function isHolderFirst(side: Side, folder: ItemId): boolean {
    const link = view.linkOf(side, folder);
    if (isOneWay(rule)) return link !== null;
    if (scope.pathOf(side, folder) === null) return false;
    return side === "from" || link === null || scope.present("from", link) === null;
  }

  function rests(ref: ItemRef, item: Entry, standing: Standing): boolean {
    if (item.kind === "folder") return false;
    const { quietMs, nowMs } = time;
    const defer = (dueAtMs: number, because: string): boolean => {
      const known = view.linkOf(ref.side, ref.item);
      const unit = known ? unitOf(known) : ref;
      out.deferred.push({ ...unit, dueAtMs, because });
      resting.set(refKey(ref), dueAtMs);
      return true;
    };
    if (standing.type === "frozen") {
      return standing.eligibleAtMs !== undefined && defer(standing.eligibleAtMs, standing.because);
    }
    const until = time.changedAtMs(ref) + quietMs;
    if (quietMs === 0 || until <= nowMs) return false;
    return defer(until, `changed less than ${quietMs / 1000} s ago`);
  }

  return {
    plan(dirty) {
      out = emptyDraft();
      view.forget();
      scope.forget();
      for (const ref of dirty) {
        decide(ref);
        out.settled.push(ref);
      }
      for (const finish of finishing.splice(0)) finish();
      breakCycles(out.steps, view, drafting.nextId);
      for (const step of out.steps) for (const ref of settledBy(step)) busy.add(keyOf(ref));
      for (const ref of out.deferred) busy.add(refKey(ref));
      const done = out.settled.filter((ref) => !busy.has(keyOf(ref)));
      out.kept = done.filter(mode.awaits);
      out.settled = done.filter((ref) => !mode.awaits(ref));
      return out;
    },
  };
}

const isOneWay = ({ mode }: Rule) => mode === "copy" || mode === "move";

const emptyDraft = (): Draft => ({
  steps: [],
  settled: [],
  kept: [],
  deferred: [],
  refreshed: [],
  ended: [],
  expand: [],
});

const policies = { "keep-both": "both", review: "review", from: "from", to: "to" } as const;

/** Which side `newest` chooses; undecidable times keep both. */
function newer(from: Entry, to: Entry): "from" | "to" | "both" {
  const a = from.modifiedAt?.getTime();
  const b = to.modifiedAt?.getTime();
  if (a === undefined || b === undefined || a === b) return "both";
  return a > b ? "from" : "to";
}
