import { isProviderError } from "../core/error.ts";
import { askForComparison } from "./comparison.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import type { FeedReading } from "./feed.ts";
import { RuleError, readFeedOf } from "./job.ts";
import { defaultSafetyMs, type Runner } from "./runner.ts";
import { reached } from "./time.ts";
import { ignoreAbort } from "./together.ts";
import { bellOf } from "./wake.ts";

/** What is known of a service's calls, see subscriptions.ts. */
export interface ServiceCalls {
  /** Whether the service has promised to call when the account's feed has something. */
  areLive(account: EngineAccount): boolean;
  /** The feed had something of which no call told. */
  missed(account: EngineAccount): void;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** How often to look at accounts that can't be waited on; and the shortest of the safety net's intervals. */
  readonly pollMs: number;
  /** How often a feed is read even while its service tells of changes by itself: a call can get lost. */
  readonly safetyMs?: number;
  /** How often to compare an account with all that its service lists, give or take a tenth; default a day. */
  readonly compareMs?: number;
  readonly calls?: ServiceCalls;
  /** What the last readings brought. */
  readonly fresh: Map<EngineAccount, FeedReading>;
  /** An account that can't be read at the moment; told again only after it worked in between. */
  readonly onProblem: (message: string) => void;
}

/** Readings for one account begin no closer than this, so that a burst of news costs few of them. */
const shortestGapMs = 500;
const retryMs = 15_000;
const defaultCompareMs = 24 * 3_600_000;

/** Reads an account's feed whenever there may be news, and wakes the rules that these concern. */
export async function followFeed(
  account: EngineAccount,
  runners: () => readonly Runner[],
  context: EngineContext,
  options: FollowOptions,
): Promise<void> {
  const { signal, pollMs, fresh, calls } = options;
  const { clock } = context;
  /** Those that were woken when they came, whether there was work for them or not. */
  const greeted = new WeakSet<Runner>();
  const isComparisonDue = comparisonsOf(account, context, options);
  let broken = false;
  let because: News = "told";
  for (;;) {
    const startedMs = clock.now();
    try {
      const reading = await readFeedOf(account, context, signal);
      fresh.set(account, reading);
      broken = false;
      if (because === "time" && reading.changes > 0) calls?.missed(account);
      for (const runner of runners()) {
        if (!greeted.has(runner) || hasWork(runner, context)) runner.wake("change");
        greeted.add(runner);
      }
      if (isComparisonDue()) {
        askForComparison(account);
        bellOf(account).ring();
      }
      because = await waitForNews(account, reading.rings, context, options);
      // A clock that was set back meanwhile must not make this a long one.
      const gapMs = Math.min(pollMs, shortestGapMs);
      await clock.sleep(Math.min(gapMs, Math.max(0, startedMs + gapMs - clock.now())), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RuleError) && !isProviderError(error)) throw error;
      fresh.delete(account);
      if (!broken) options.onProblem(error.message);
      broken = true;
      await reached(clock, clock.now() + Math.max(pollMs, retryMs), signal);
    }
  }
}

/** Counted from the last whole listing, and spread: accounts of one start shall not all be listed at once. */
function comparisonsOf(
  { id, provider }: EngineAccount,
  { store, clock }: EngineContext,
  { compareMs = defaultCompareMs }: FollowOptions,
): () => boolean {
  const startedMs = clock.now();
  const spreadMs = compareMs * (0.9 + 0.2 * clock.random());
  return () => {
    // A live feed compares with everything each time that it is read.
    if (provider.traits.liveFeed) return false;
    const listedMs = store.accounts.get(id).listedAt?.getTime() ?? startedMs;
    return clock.now() >= listedMs + spreadMs;
  };
}

function hasWork({ jobs, hasNews }: Runner, { store, clock }: EngineContext): boolean {
  if (!hasNews()) return false;
  return jobs.some(({ destination: { id } }) => {
    if (store.destinations.get(id).fingerprint === null) return true;
    // Deferred items too: their runner has to learn when they are due.
    return store.dirty.countDue(id, clock.now()) > 0;
  });
}

/** Why a feed is read: something told of news, as its beginning does, or it was time to look. */
type News = "told" | "time";

async function waitForNews(
  account: EngineAccount,
  heard: number,
  { store, clock }: EngineContext,
  { signal, pollMs, calls, safetyMs = defaultSafetyMs }: FollowOptions,
): Promise<News> {
  const { waitForChange } = account.provider;
  const { cursor } = store.accounts.get(account.id);
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const isTold = (waitForChange && cursor !== null) || calls?.areLive(account);
  const patienceMs = isTold ? Math.max(pollMs, safetyMs) : pollMs;
  let news: News = "time";
  const told = () => {
    news = "told";
  };
  const waits: Promise<unknown>[] = [
    reached(clock, clock.now() + patienceMs, both),
    bellOf(account).after(heard, both).then(told),
  ];
  if (waitForChange && cursor !== null) {
    waits.push(
      waitForChange(cursor, both).then((isNews) => {
        if (isNews) told();
      }),
    );
  }
  try {
    await Promise.race(waits.map((wait) => wait.catch(ignoreAbort(both))));
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
  return news;
}
