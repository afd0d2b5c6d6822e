import type { ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { foldName } from "../core/names.ts";
import type { DirtyItem, Plan, PlanView } from "../core/plan.ts";
import { createPlanner, type Planner } from "../core/planner.ts";
import { fingerprint, formatLocation, type Location } from "../core/rule.ts";
import { resolveFolder } from "../core/scope.ts";
import type { Store } from "../store/open.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import { type FeedReading, readFeed } from "./feed.ts";

/** A rule can't run as it stands; the message says what a person can do. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** Which feeds to read, and until when. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  /** What was read just now, for this purpose: not read again, and added to. */
  readonly fresh?: Map<EngineAccount, FeedReading>;
}

/** Reads the feeds of both sides at once; one reading where both are one account. */
export async function readFeeds(
  job: Job,
  context: EngineContext,
  { signal, fresh }: ReadOptions,
): Promise<FeedReading[]> {
  const accounts = [...new Set([job.from, job.to])];
  return Promise.all(
    accounts.map(async (account) => {
      const read = fresh?.get(account) ?? (await readFeedOf(account, context, signal));
      fresh?.set(account, read);
      return read;
    }),
  );
}

/** Readings under way, so that rules that share an account share its reading. */
const reading = new WeakMap<EngineAccount, Promise<FeedReading>>();

/**
 * One reading of a feed, shared by all who ask while it goes on; nobody waits for it longer than `signal`
 * allows. `RuleError` when the account can't be read: `status` tells of that until it can.
 */
export function readFeedOf(
  account: EngineAccount,
  context: EngineContext,
  signal: AbortSignal,
): Promise<FeedReading> {
  const { accounts } = context.store;
  const started =
    reading.get(account) ??
    readFeed(account, context)
      .catch((error: unknown) => {
        if (!isProviderError(error)) throw error;
        if (!signal.aborted) accounts.setProblem(account.id, error.message);
        throw new RuleError(`account "${account.name}": ${error.message}`, { cause: error });
      })
      .finally(() => reading.delete(account));
  reading.set(account, started);
  return orAborted(started, signal);
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", stop));
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
  refuseOverlap(job, location, store);
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

/**
 * Two names for one account are told only by who is signed in: a destination inside the source would be
 * copied into itself, deeper with every run.
 */
function refuseOverlap({ rule, from, to }: Job, location: Location, { accounts }: Store): void {
  const [a, b] = [accounts.get(from.id), accounts.get(to.id)];
  if (a.id === b.id || a.provider !== b.provider || a.identity !== b.identity) return;
  const [source, target] = [rule.from.path, location.path].map((path) => path.map(foldName));
  if (!source || !target) return;
  const depth = Math.min(source.length, target.length);
  if (source.slice(0, depth).join("/") !== target.slice(0, depth).join("/")) return;
  throw new RuleError(
    `"${from.name}" and "${to.name}" are one account (${a.label}), and one of ${formatLocation(rule.from)} and ${formatLocation(location)} lies inside the other: choose folders apart for rule "${rule.name}"`,
  );
}

/**
 * Marks everything in scope when the rule is new, was changed, or one of its folders became another one.
 * Links into a destination folder that was taken away or replaced say nothing of the one that stands at
 * its path now: they end, and what is equal there is adopted.
 */
export function seed(job: Job, view: PlanView, { store }: EngineContext): void {
  const { destination, rule, from } = job;
  const print = fingerprint(rule);
  const row = store.destinations.get(destination.id);
  const toRoot = view.toRoot.missing.length === 0 ? view.toRoot.folder : null;
  const replaced = row.toRoot !== null && row.toRoot !== toRoot;
  const seeded = row.fingerprint === print && row.fromRoot === view.fromRoot && !replaced;
  if (seeded && row.toRoot === toRoot) return;
  store.transaction(() => {
    if (replaced) store.links.forget(destination.id);
    store.destinations.setToRoot(destination.id, toRoot);
    if (seeded) return;
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
 * killed before the step is done finds it again. What is below a folder is marked once for all plans of one
 * pass, which share `expanded`: a folder that can't be settled would be looked at without end.
 */
export function settle(
  job: Job,
  plan: Plan,
  { store }: EngineContext,
  expanded: Set<ItemId>,
): void {
  const { destination, from } = job;
  const keep = (item: DirtyItem) => store.dirty.mark(destination.id, item);
  store.transaction(() => {
    // First: what this plan has looked at already is not to be looked at again.
    for (const folder of plan.expand) expand(folder);
    for (const item of plan.settled) store.dirty.clear(destination.id, item);
    for (const step of plan.steps) keep({ side: "from", item: step.item });
    for (const item of plan.deferred) {
      keep({ side: "from", item: item.item });
      store.dirty.defer(destination.id, { side: "from", item: item.item }, item.dueAtMs);
    }
    for (const link of plan.refreshed) store.links.put(destination.id, link);
  });

  /** Folders below one that is linked may be linked too, and would not pass it on. */
  function expand(folder: ItemId): void {
    if (expanded.has(folder)) return;
    expanded.add(folder);
    const isLinked = store.links.byFrom(destination.id, folder) !== null;
    if (isLinked) store.dirty.markTree(destination.id, from.id, folder);
    else store.dirty.markChildren(destination.id, from.id, folder);
  }
}
