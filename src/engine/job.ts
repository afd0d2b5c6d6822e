import type { Entry, ItemId, Revision } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { foldName } from "../core/names.ts";
import {
  type ItemRef,
  type Plan,
  type PlanView,
  refKey,
  type Side,
  type SideView,
  sides,
  unitOf,
} from "../core/plan.ts";
import { createPlanner, type Planner } from "../core/planner.ts";
import { rememberTree } from "../core/remembered.ts";
import { fingerprint, formatLocation, type Location, type Rule } from "../core/rule.ts";
import { ancestry, type Resolved, resolveFolder } from "../core/scope.ts";
import { createScope, type Scope } from "../core/standing.ts";
import type { Store } from "../store/open.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import { type FeedReading, readFeed } from "./feed.ts";
import { decisionFor } from "./review.ts";
import { unqueue } from "./unqueue.ts";

/** A rule can't run as it stands; the message says what a person can do. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** Opens an account; `through`: as the destinations of that rule are seen, which may be encrypted. */
export type OpenAccount = (name: string, through?: Rule) => EngineAccount;

/** A rule as it runs: one job for each of its destinations. */
export function jobsOf(rule: Rule, account: OpenAccount, { destinations }: Store): Job[] {
  return rule.to.map((location) => {
    const [from, to] = [account(rule.from.account), account(location.account, rule)];
    const destination = destinations.ensure({
      rule: rule.name,
      location: formatLocation(location),
      fromAccount: from.id,
      toAccount: to.id,
    });
    return { rule, destination, from, to };
  });
}

/** The folder from which a rule takes files is not there. */
export const noSource = ({ name, from }: Rule): RuleError =>
  new RuleError(
    `the folder ${formatLocation(from)} does not exist: create it, or correct "from" of rule "${name}"`,
  );

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
        if (!signal.aborted) accounts.setProblem(account.id, error.message, error.failure);
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
  if (source.missing.length > 0) throw noSource(rule);
  refuseOverlap(job, location, store);
  const target = resolveFolder(to.tree, rootOf(to), location.path, to.provider.traits.names);
  const sideOf = ({ tree, provider, name }: EngineAccount, root: Resolved): SideView => ({
    tree,
    root,
    names: provider.traits.names,
    label: name,
  });
  const isAsked = store.conflicts.count(destination.id) > 0;
  return {
    from: sideOf(from, source),
    to: sideOf(to, target),
    linkOf: (side, id) => store.links.of(destination.id, side, id),
    decisionOf: (unit, pair) => decisionFor(destination, unit, store, pair),
    rivalOf(side, id) {
      const conflict = isAsked ? store.conflicts.ofItem(destination.id, side, id) : null;
      return conflict && (side === "from" ? conflict.toId : conflict.fromId);
    },
    isCopiedElsewhere: (id, revision) => isCopiedElsewhere(job, id, revision, store),
  };

  function rootOf(account: EngineAccount): ItemId {
    const { root } = store.accounts.get(account.id);
    if (!root) throw new Error(`the root of account "${account.name}" is not known yet`);
    return root;
  }
}

/** Whether all other destinations of the rule were given this version, with its bytes proven. */
function isCopiedElsewhere(
  { rule, destination }: Job,
  id: ItemId,
  revision: Revision | null,
  { destinations, links }: Store,
): boolean {
  const rows = destinations.ofRule(rule.name);
  return rule.to.map(formatLocation).every((location) => {
    if (location === destination.location) return true;
    const row = rows.find((each) => each.location === location);
    const link = row && links.of(row.id, "from", id);
    return link?.from.revision === revision && link.to.revision !== null;
  });
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
 * What a plan is to be made from, at this instant: see `seed` for what a rule or a folder that has become
 * another one makes of it.
 */
export function seededView(job: Job, context: EngineContext): PlanView {
  const view = viewOf(job, context);
  seed(job, view, context);
  return view;
}

/**
 * Marks everything in scope when the rule is new, was changed, or one of its folders became another one.
 * None of that removes anything: links into a folder that was taken away or replaced say nothing of the
 * one that stands at its path now, and under `mirror` and `two-way` those of which not both ends are in the
 * rule's scope end in the same transaction. What is equal then is adopted.
 */
function seed(job: Job, view: PlanView, { store, clock }: EngineContext): void {
  const { destination, rule } = job;
  if (rule.conflict !== "review") reopen(job, store);
  const print = fingerprint(rule);
  const row = store.destinations.get(destination.id);
  const roots = {
    from: view.from.root.folder,
    to: view.to.root.missing.length === 0 ? view.to.root.folder : null,
  };
  const { root } = view.to;
  // Of a longer path that is being made, what there is so far.
  const isInMaking = root.missing.length > 0 && row.toRoot === root.folder;
  const isReplaced = row.toRoot !== null && row.toRoot !== roots.to && !isInMaking;
  const isSeeded = row.fingerprint === print && row.fromRoot === roots.from && !isReplaced;
  if (isSeeded && (row.toRoot === roots.to || isInMaking)) return;
  const isBothWays = rule.mode === "mirror" || rule.mode === "two-way";
  const isMoved = row.fromRoot !== null && row.fromRoot !== roots.from;
  store.transaction(() => {
    if (isReplaced || (isMoved && isBothWays)) store.links.forget(destination.id);
    store.destinations.setToRoot(destination.id, roots.to);
    if (isSeeded) {
      // What a listing told of before the folder itself was in nobody's scope then.
      if (isBothWays && roots.to) {
        store.dirty.markTree(destination.id, "to", job.to.id, roots.to);
      }
      return;
    }
    if (isBothWays) endHalfLinks(job, view, store, clock.now());
    for (const side of isBothWays ? sides : (["from"] as const)) {
      const root = roots[side];
      if (root) store.dirty.markTree(destination.id, side, job[side].id, root);
    }
    store.destinations.setSeeded(destination.id, print, roots.from);
  });
}

/** What a person was to decide is the rule's to decide now. */
function reopen({ destination }: Job, { conflicts, dirty }: Store): void {
  for (const { unit } of conflicts.open(destination.id)) dirty.mark(destination.id, unit);
}

/** A rule that is new, or another one than before, takes no absence for a removal. */
function endHalfLinks(
  { destination, rule }: Job,
  view: PlanView,
  store: Store,
  nowMs: number,
): void {
  const scope = createScope(rule, view, nowMs);
  for (let after = 0; ; ) {
    const page = store.links.page(destination.id, after, 1_000);
    const last = page.at(-1);
    if (!last) return;
    after = last.id;
    for (const link of page) {
      if (sides.every((side) => scope.present(side, link) !== null)) continue;
      store.links.end(destination.id, "from", link.from.id);
    }
  }
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
    changedAtMs: ({ side, item }) => {
      const changedAtMs = job[side].tree.changedAt(item)?.getTime() ?? 0;
      // Seen before the clock was set back: when that was, nobody knows.
      return changedAtMs > clock.now() ? 0 : changedAtMs;
    },
  });
}

/**
 * Keeps what a plan settled without a step. Whatever has a step stays marked, so that a run that is
 * killed before the step is done finds it again; but why anything that was `due` failed before is over. What is
 * below a folder is marked once for all plans of one pass, which share `expanded`: a folder that can't be settled
 * would be looked at without end, each time what it holds is. One that is due again itself has changed, unless it
 * was marked so with a folder that holds it.
 */
export function settle(
  job: Job,
  due: readonly ItemRef[],
  plan: Plan,
  { store }: EngineContext,
  expanded: Set<string>,
): void {
  const { destination } = job;
  const dueKeys = new Set(due.map(refKey));
  const trees = { from: rememberTree(job.from.tree), to: rememberTree(job.to.tree) };
  /** A unit that is marked by either of its ends keeps its turn. */
  const keep = (unit: ItemRef): void => {
    const link = store.links.of(destination.id, unit.side, unit.item);
    const refs = link ? sides.map((side) => ({ side, item: link[side].id })) : [unit];
    const isMarked = refs.some((ref) => store.dirty.marksOf(destination.id, ref) > 0);
    if (!isMarked) store.dirty.mark(destination.id, unit);
  };
  store.transaction(() => {
    // First: what this plan has looked at already is not to be looked at again.
    for (const folder of plan.expand) expand(folder);
    const { conflicts, decisions, links } = store;
    const isAsked = conflicts.count(destination.id) > 0 || decisions.any(destination.id);
    for (const item of plan.settled) {
      store.dirty.clear(destination.id, item);
      if (!isAsked) continue;
      const link = links.of(destination.id, item.side, item.item);
      unqueue(job, link ? unitOf(link) : item, store);
    }
    for (const { unit } of plan.steps) keep(unit);
    for (const ref of [...due, ...plan.steps.map(({ unit }) => unit)]) {
      store.dirty.excuse(destination.id, ref);
    }
    for (const item of plan.deferred) {
      store.dirty.mark(destination.id, item);
      store.dirty.defer(destination.id, item, item.dueAtMs);
    }
    for (const link of plan.refreshed) store.links.put(destination.id, link);
    for (const link of plan.ended) {
      store.links.end(destination.id, "from", link.from.id);
      for (const side of sides) {
        const { id } = link[side];
        if (!job[side].tree.get(id)) store.dirty.clear(destination.id, { side, item: id });
      }
    }
  });

  /** Folders below one that is linked may be linked too, and would not pass it on. */
  function expand({ side, item }: ItemRef): void {
    const key = refKey({ side, item });
    const link = store.links.of(destination.id, side, item);
    const ends = link ? sides.map((end) => refKey({ side: end, item: link[end].id })) : [key];
    const folders = ancestry(trees[side], item).drop(1);
    const isMarkedHere = folders.some((folder) => expanded.has(refKey({ side, item: folder })));
    const isDue = !isMarkedHere && ends.some((end) => dueKeys.has(end));
    if (expanded.has(key) && !isDue) return;
    expanded.add(key);
    const account = job[side].id;
    if (link) store.dirty.markTree(destination.id, side, account, item);
    else store.dirty.markChildren(destination.id, side, account, item);
  }
}

/**
 * Takes away the marks of items of which nothing is left that the rule looks at: neither an item nor a link, nor a
 * conflict that is to be planned again without it.
 */
export function sweep(job: Job, context: EngineContext): void {
  const { store } = context;
  const { destination } = job;
  const isAsked = store.conflicts.count(destination.id) > 0;
  let scope: Scope | null = null;
  const isLookedAt = (side: Side, item: Entry): boolean => {
    scope ??= createScope(job.rule, viewOf(job, context), context.clock.now());
    return scope.standing(side, item).type !== "out" || scope.isAway(side, item.id);
  };
  for (let after = 0; ; ) {
    const page = store.dirty.due(destination.id, endOfTimeMs, after, 1_000);
    const last = page.at(-1);
    if (!last) return;
    after = last.position;
    store.transaction(() => {
      for (const { side, item } of page) {
        const known = job[side].tree.get(item);
        if (store.links.of(destination.id, side, item)) continue;
        if (isAsked && store.conflicts.ofItem(destination.id, side, item)) continue;
        if (known && isLookedAt(side, known)) continue;
        store.dirty.clear(destination.id, { side, item });
        unqueue(job, { side, item }, store);
      }
    });
  }
}
