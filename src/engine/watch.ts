import type { EngineAccount, EngineContext } from "./context.ts";
import type { FeedReading } from "./feed.ts";
import { type FollowOptions, followFeed } from "./follow.ts";
import { hasDecisions } from "./review.ts";
import {
  createRunner,
  followTimer,
  hasTrigger,
  type Runner,
  type RunnerOptions,
  type Watched,
} from "./runner.ts";
import { together } from "./together.ts";

export interface WatchOptions extends Omit<FollowOptions & RunnerOptions, "fresh" | "isShared"> {
  /** Gets what people can ask for runs with, before the first one. */
  readonly onRunners?: (runners: readonly Runner[]) => void;
}

/** How often the state is asked for what was decided beside this process. */
const decisionsMs = 1_000;

/**
 * Keeps rules in step until the signal ends it: one watcher an account wakes the rules that look at it;
 * timers, cron lines and people's decisions wake theirs.
 */
export async function watch(
  watched: readonly Watched[],
  context: EngineContext,
  given: WatchOptions,
): Promise<void> {
  await together(given.signal, (signal) => {
    const active = watched.filter(({ rule }) => !rule.paused);
    const readers = readersOf(active);
    const isShared = (account: EngineAccount) => (readers.get(account)?.length ?? 0) > 1;
    const fresh = new Map<EngineAccount, FeedReading>();
    const options = { ...given, signal, fresh, isShared };
    const runners = active.map((each) => createRunner(each, context, options));
    given.onRunners?.(runners);
    return [
      ...runners.map((runner) => runner.run()),
      ...runners.flatMap((runner) =>
        runner.rule.triggers.map((trigger) => followTimer(trigger, runner, context, signal)),
      ),
      followDecisions(runners, context, signal),
      ...[...readersOf(runners)].map(([account, woken]) =>
        followFeed(account, woken, context, options),
      ),
    ];
  });
}

/** The accounts at which changes are awaited, by the rules that are not paused. */
export function followedAccounts(watched: readonly Watched[]): EngineAccount[] {
  return [...readersOf(watched.filter(({ rule }) => !rule.paused)).keys()];
}

/** The accounts that changes are awaited at, with the rules that each wakes. */
function readersOf<Each extends Watched>(watched: readonly Each[]): Map<EngineAccount, Each[]> {
  const accounts = new Map<EngineAccount, Each[]>();
  for (const each of watched.filter(({ rule }) => hasTrigger(rule, "change"))) {
    for (const account of new Set(each.jobs.flatMap(({ from, to }) => [from, to]))) {
      accounts.set(account, [...(accounts.get(account) ?? []), each]);
    }
  }
  return accounts;
}

/** What people decide beside this process, in the state they share, waits for no change and no schedule. */
async function followDecisions(
  runners: readonly Runner[],
  { store, clock }: EngineContext,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(decisionsMs, signal);
    if (!store.wasChangedBeside()) continue;
    for (const runner of runners) {
      if (runner.jobs.some((job) => hasDecisions(job.destination.id, store)))
        runner.wake("decision");
    }
  }
}
