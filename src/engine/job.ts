import type { ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { DirtyItem, Plan, PlanView } from "../core/plan.ts";
import { createPlanner, type Planner } from "../core/planner.ts";
import { fingerprint, formatLocation } from "../core/rule.ts";
import { resolveFolder } from "../core/scope.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import { type FeedReading, readFeed } from "./feed.ts";

/** A rule can't run as it stands; the message says what a person can do. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** Reads the feeds of both sides at once; one reading where both are one account. */
export async function readFeeds(job: Job, context: EngineContext): Promise<FeedReading[]> {
  const accounts = [...new Set([job.from, job.to])];
  return Promise.all(accounts.map((account) => readFeedOf(account, context)));
}

/** Readings under way, so that rules that share an account share its reading. */
const reading = new WeakMap<EngineAccount, Promise<FeedReading>>();

/** One reading of a feed, shared by all who ask while it goes on. */
export function readFeedOf(account: EngineAccount, context: EngineContext): Promise<FeedReading> {
  const running = reading.get(account);
  if (running) return running;
  const started = readFeed(account, context)
    .catch((error: unknown) => {
      if (isProviderError(error))
        throw new RuleError(`account "${account.name}": ${error.message}`, { cause: error });
      throw error;
    })
    .finally(() => reading.delete(account));
  reading.set(account, started);
  return started;
}

/** The mirrors and links as the planner sees them. `RuleError` when the source folder is not there. */
export function viewOf(job: Job, { store }: EngineContext): PlanView {
  const { rule, destination, from, to } = job;
  const location = rule.to.find((each) => formatLocation(each) === destination.location);
  if (!location) throw new Error(`rule "${rule.name}" no longer has ${destination.location}`);
  const source = resolveFolder(from.tree, rootOf(from), rule.from.path, from.provider.traits.names);
  if (source.missing.length > 0) {
    throw new RuleError(
      `the folder ${formatLocation(rule.from)} does not exist: create it, or correct "from" of rule "${rule.name}"`,
    );
  }
  return {
    from: from.tree,
    to: to.tree,
    fromRoot: source.folder,
    toRoot: resolveFolder(to.tree, rootOf(to), location.path, to.provider.traits.names),
    toNames: to.provider.traits.names,
    toLabel: to.name,
    linkByFrom: (id) => store.links.byFrom(destination.id, id),
    linkByTo: (id) => store.links.byTo(destination.id, id),
  };

  function rootOf(account: EngineAccount): ItemId {
    const { root } = store.accounts.get(account.id);
    if (!root) throw new Error(`the root of account "${account.name}" is not known yet`);
    return root;
  }
}

/** Marks everything in scope when the rule is new, was changed, or its source folder became another one. */
export function seed(job: Job, view: PlanView, { store }: EngineContext): void {
  const { destination, rule, from } = job;
  const print = fingerprint(rule);
  const row = store.destinations.get(destination.id);
  if (row.fingerprint === print && row.fromRoot === view.fromRoot) return;
  store.transaction(() => {
    store.dirty.markTree(destination.id, from.id, view.fromRoot);
    store.destinations.setSeeded(destination.id, print, view.fromRoot);
  });
}

/** Why a plan is made: `quiet` counts only where a change alone woke the rule. */
export interface PlanReason {
  readonly respectQuiet: boolean;
}

/** Until when an item must be due. What a person or a schedule asks for does not wait for files to rest. */
export function dueBy({ clock }: EngineContext, { respectQuiet }: PlanReason): number {
  return respectQuiet ? clock.now() : endOfTimeMs;
}

/** The last instant that a `Date` can hold. */
const endOfTimeMs = 8.64e15;

export function plannerOf(
  job: Job,
  view: PlanView,
  { clock }: EngineContext,
  { respectQuiet }: PlanReason,
): Planner {
  return createPlanner(job.rule, view, {
    nowMs: clock.now(),
    quietMs: respectQuiet ? job.rule.quietMs : 0,
    changedAtMs: (id) => job.from.tree.changedAt(id)?.getTime() ?? 0,
  });
}

/**
 * Keeps what a plan settled without a step. Whatever has a step stays marked, so that a run that is
 * killed before the step is done finds it again.
 */
export function settle(job: Job, plan: Plan, { store }: EngineContext): void {
  const { destination, from } = job;
  const keep = (item: DirtyItem) => store.dirty.mark(destination.id, item);
  store.transaction(() => {
    for (const item of plan.settled) store.dirty.clear(destination.id, item);
    for (const step of plan.steps) keep({ side: "from", item: step.item });
    for (const item of plan.deferred) {
      keep({ side: "from", item: item.item });
      store.dirty.defer(destination.id, { side: "from", item: item.item }, item.dueAtMs);
    }
    for (const link of plan.refreshed) store.links.put(destination.id, link);
    for (const folder of plan.expand) store.dirty.markChildren(destination.id, from.id, folder);
  });
}
