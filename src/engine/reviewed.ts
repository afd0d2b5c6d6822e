import type { Entry, ItemId, Kind, Revision } from "../core/entry.ts";
import { type ItemRef, refKey, type Side, type Step, sides, touchedBy } from "../core/plan.ts";
import { fingerprint } from "../core/rule.ts";
import { ancestry } from "../core/scope.ts";
import type { EngineContext, Job } from "./context.ts";

/** The plan of one destination as it was reviewed, with all that it stands on: plain data. */
export interface ReviewedPlan {
  /** The `to` location as written, `account:/path`. */
  readonly location: string;
  /** Of the rule, as it was. */
  readonly fingerprint: string;
  /** Who was signed in at each side. */
  readonly accounts: Readonly<Record<Side, string | null>>;
  readonly steps: readonly Step[];
  /** Every item that a step touches, what holds it, and what holds the places that it takes. */
  readonly items: readonly ReviewedItem[];
  /** Every place that a step takes, with those who had its name. */
  readonly places: readonly ReviewedPlace[];
}

export interface ReviewedItem {
  readonly side: Side;
  readonly id: ItemId;
  /** Null: it was not there. */
  readonly state: ReviewedState | null;
}

export interface ReviewedState {
  readonly kind: Kind;
  readonly parent: ItemId | null;
  readonly name: string;
  readonly revision: Revision | null;
}

export interface ReviewedPlace {
  readonly side: Side;
  readonly parent: ItemId;
  readonly name: string;
  readonly holders: readonly ItemId[];
}

/** What a plan stands on, to be kept with it. Call it in the instant in which it was made. */
export function reviewedPlanOf(
  job: Job,
  steps: readonly Step[],
  { store }: EngineContext,
): ReviewedPlan {
  const items = new Map<string, ReviewedItem>();
  const note = (side: Side, id: ItemId) => {
    for (const each of ancestry(job[side].tree, id)) {
      const key = refKey({ side, item: each });
      const entry = job[side].tree.get(each);
      items.set(key, { side, id: each, state: entry && reviewedState(entry) });
    }
  };
  for (const step of steps)
    for (const { side, item } of reachOf(step, job, store)) note(side, item);
  return {
    location: job.destination.location,
    fingerprint: fingerprint(job.rule),
    accounts: accountsOf(job, store),
    steps,
    items: [...items.values()],
    places: steps.flatMap((step) => placeOf(step, job)),
  };
}

const reviewedState = ({ kind, parent, name, revision }: Entry): ReviewedState => ({
  kind,
  parent,
  name,
  revision,
});

function accountsOf({ from, to }: Job, { accounts }: EngineContext["store"]) {
  return { from: accounts.get(from.id).identity, to: accounts.get(to.id).identity };
}

/** All items that a step reads, changes, removes or puts something into, and their counterparts. */
function reachOf(step: Step, job: Job, { links }: EngineContext["store"]): ItemRef[] {
  const { action, side } = step;
  const refs = touchedBy(step);
  if (action.type === "trash") refs.push(...action.holds.map((item) => ({ side, item })));
  const at = placeTaken(step);
  if (at) refs.push({ side, item: at.parent });
  const ends = refs.flatMap((ref) => {
    const link = links.of(job.destination.id, ref.side, ref.item);
    return link ? sides.map((each) => ({ side: each, item: link[each].id })) : [];
  });
  return [...refs, ...ends];
}

/** Where a step takes something, if that folder is there already. */
function placeTaken({ action }: Step): { parent: ItemId; name: string } | null {
  const at = "at" in action ? action.at : "to" in action ? action.to : null;
  return at && "id" in at.parent ? { parent: at.parent.id, name: at.name } : null;
}

function placeOf(step: Step, job: Job): ReviewedPlace[] {
  const at = placeTaken(step);
  return at ? [{ side: step.side, ...at, holders: holdersOf(job, step.side, at) }] : [];
}

function holdersOf(job: Job, side: Side, { parent, name }: { parent: ItemId; name: string }) {
  return job[side].tree
    .named(parent, name)
    .map(({ id }) => id)
    .toSorted();
}

/** What has changed since a plan was reviewed, in words for people; empty: it can be carried out. */
export function movedOn(job: Job, plan: ReviewedPlan, { store }: EngineContext): string[] {
  const problems: string[] = [];
  if (fingerprint(job.rule) !== plan.fingerprint) {
    problems.push(`rule "${job.rule.name}" was made another one`);
  }
  const now = accountsOf(job, store);
  for (const side of sides) {
    if (now[side] === plan.accounts[side]) continue;
    problems.push(`somebody else is signed in as "${job[side].name}"`);
  }
  if (problems.length > 0) return problems;
  for (const { side, id, state } of plan.items) {
    const problem = changeOf(state, job[side].tree.get(id));
    if (problem) problems.push(problem);
  }
  for (const place of plan.places) {
    const { side, name } = place;
    if (holdersOf(job, side, place).join() === place.holders.join()) continue;
    problems.push(`something else has the name "${name}" by now`);
  }
  for (const { side, action } of plan.steps) {
    if (action.type !== "trash") continue;
    const known = new Set(action.holds);
    const { tree } = job[side];
    for (const id of tree.subtree(action.target)) {
      if (!known.has(id)) problems.push(`"${tree.get(id)?.name}" is new in what would be removed`);
    }
  }
  return [...new Set(problems)];
}

function changeOf(then: ReviewedState | null, now: Entry | null): string | null {
  if (!then) return now && `"${now.name}" came back`;
  const { name } = then;
  if (!now) return `"${name}" is gone`;
  if (now.parent !== then.parent) return `"${name}" was moved`;
  if (now.name !== name) return `"${name}" was renamed to "${now.name}"`;
  return now.revision === then.revision && now.kind === then.kind ? null : `"${name}" was edited`;
}
