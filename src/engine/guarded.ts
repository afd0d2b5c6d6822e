import { holdOverwrites, holdRemovals, type Loss } from "../core/guard.ts";
import { refKey, type Step, unitOf } from "../core/plan.ts";
import { createPaths } from "../core/scope.ts";
import type { HeldItem, HoldKind } from "../store/holds.ts";
import type { EngineContext, Job } from "./context.ts";
import { dueBy, type PlanReason, plannerOf, viewOf } from "./job.ts";
import { decisionFor } from "./review.ts";

/** What of a run waits for a person. */
export interface Keeper {
  /** Takes the measure that guards judge by; call it before anything is done. */
  begin(): void;
  /** Counts what a pass would overwrite, where the rule guards that. */
  survey(reason: PlanReason, batchSize: number): void;
  /** Steps that may go now, and removals with all that waits for them; held overwrites are in neither. */
  split(steps: readonly Step[]): { readonly now: readonly Step[]; readonly later: readonly Step[] };
  /** Whether the removals of a pass may go on; keeps them for a person when not. */
  mayRemove(steps: readonly Step[]): boolean;
  /** Why something is held, for people; null when nothing is. */
  reason(): string | null;
  /** Takes back the approvals that were used, since each is for one time; call it when all went well. */
  end(): void;
}

/** The guards of one run. */
export function createKeeper(job: Job, context: EngineContext): Keeper {
  const { rule, destination } = job;
  const { store } = context;
  const reasons = new Map<HoldKind, string>();
  const used = new Set<HoldKind>();
  let facts = { linkedFiles: 0, isFirst: false };
  /** What this run would do to items, by how that is held. */
  const planned: Record<HoldKind, Set<string>> = { deletes: new Set(), changes: new Set() };

  function notePlanned(steps: readonly Step[]): void {
    for (const step of steps) {
      const kind = step.action.type === "trash" ? "deletes" : "changes";
      for (const held of heldBy(step)) planned[kind].add(refKey(held));
    }
  }

  /** What a person has decided is not asked about once more. */
  const isGuarded = (step: Step) =>
    step.action.type === "update" && decisionFor(destination, step.unit, store) === null;

  /** Keeps the set, unless a person has approved it already. */
  function isHeld(kind: HoldKind, steps: readonly Step[], judge: typeof holdRemovals): boolean {
    reasons.delete(kind);
    used.delete(kind);
    const unique = new Map(steps.flatMap(heldBy).map((held) => [refKey(held), held]));
    const set = [...unique.values()];
    const resting = restingOf(kind, set);
    const why = judge(rule, lossOf(steps, [...set, ...resting]), facts);
    if (why === null) {
      store.holds.remove(destination.id, kind);
      return false;
    }
    const hold = store.holds.hold(destination.id, kind, [...set, ...resting], why);
    if (hold.approvedAt === null) reasons.set(kind, why);
    else if (resting.length === 0) used.add(kind);
    return hold.approvedAt === null;
  }

  /** What an earlier run has held, and this one would do if it did not rest; not what it does otherwise by now. */
  function restingOf(kind: HoldKind, set: readonly HeldItem[]): readonly HeldItem[] {
    const known = store.holds.of(destination.id).find((hold) => hold.kind === kind);
    if (!known) return [];
    const now = new Set(set.map(refKey));
    const otherwise = planned[kind === "deletes" ? "changes" : "deletes"];
    return known.set.filter((held) => {
      if (now.has(refKey(held)) || otherwise.has(refKey(held))) return false;
      const isSame = job[held.side].tree.get(held.item)?.revision === held.revision;
      const link = store.links.of(destination.id, held.side, held.item);
      const unit = link ? unitOf(link) : held;
      return isSame && store.dirty.marksOf(destination.id, unit) > 0;
    });
  }

  function lossOf(steps: readonly Step[], set: readonly HeldItem[]): Loss {
    const files = set.filter(({ side, item }) => job[side].tree.get(item)?.kind !== "folder");
    const linked = files.filter(({ side, item }) => store.links.of(destination.id, side, item));
    const empty = steps.filter(({ action }) => action.type === "trash" && action.files === 0);
    return { count: files.length + empty.length, linked: linked.length };
  }

  function heldBy({ action, side, path, bytes }: Step) {
    if (action.type === "update") {
      const { target, targetRevision } = action;
      return [{ side, item: target, revision: targetRevision, path, bytes }];
    }
    if (action.type !== "trash") return [];
    const { tree } = job[side];
    const paths = createPaths(tree, action.target);
    return action.holds.flatMap((item) => {
      const entry = tree.get(item);
      if (!entry) return [];
      const below = paths.of(item) ?? [];
      const { revision, sizeBytes } = entry;
      return [{ side, item, revision, path: [path, ...below].join("/"), bytes: sizeBytes ?? 0 }];
    });
  }

  return {
    begin() {
      facts = {
        linkedFiles: store.links.countFiles(destination.id),
        isFirst: store.destinations.get(destination.id).ranAt === null,
      };
    },
    survey(reason, batchSize) {
      if (rule.guard.changesPercent === null) return;
      const planner = plannerOf(job, viewOf(job, context), context, reason);
      const overwrites: Step[] = [];
      for (let after = 0; ; ) {
        const due = store.dirty.due(destination.id, dueBy(context, reason), after, batchSize);
        const last = due.at(-1);
        if (!last) break;
        after = last.position;
        const { steps } = planner.plan(due);
        notePlanned(steps);
        overwrites.push(...steps.filter(isGuarded));
      }
      isHeld("changes", overwrites, holdOverwrites);
    },
    split(steps) {
      notePlanned(steps);
      const held = new Set<string>();
      const later = new Set<string>();
      const isHolding = reasons.has("changes");
      // Every step stands behind those that it waits for once nothing more is added.
      for (let size = -1; size !== held.size + later.size; ) {
        size = held.size + later.size;
        for (const step of steps) {
          if ((isHolding && isGuarded(step)) || step.after.some((id) => held.has(id))) {
            held.add(step.id);
          } else if (step.action.type === "trash" || step.after.some((id) => later.has(id))) {
            later.add(step.id);
          }
        }
      }
      return {
        now: steps.filter(({ id }) => !held.has(id) && !later.has(id)),
        later: steps.filter(({ id }) => !held.has(id) && later.has(id)),
      };
    },
    mayRemove(steps) {
      const removals = steps.filter(({ action }) => action.type === "trash");
      return !isHeld("deletes", removals, holdRemovals);
    },
    end() {
      for (const kind of used) store.holds.remove(destination.id, kind);
    },
    reason: () => [...reasons.values()].join("; ") || null,
  };
}
