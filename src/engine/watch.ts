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
import { createGroup, type Member } from "./together.ts";
import { bellOf } from "./wake.ts";

export interface WatchOptions extends Omit<FollowOptions & RunnerOptions, "fresh" | "isShared"> {
  /** The state was changed beside this process. */
  readonly onChangedBeside?: () => void;
}

/**
 * Rules that are kept in step, and may become others meanwhile: one watcher an account wakes the rules that look at
 * it; timers, cron lines and people's decisions wake theirs.
 */
export interface Watch {
  /** Whose news are awaited. */
  accounts(): readonly EngineAccount[];
  /** What people can ask for runs with; null where nobody keeps the rule in step. */
  runner(rule: string): Runner | null;
  /** Keeps these in step from now on; disturbs no other. None of them may be kept already. */
  begin(watched: readonly Watched[]): void;
  /** Keeps these no longer. Resolves once what was under way of them is done or parked; disturbs no other. */
  end(rules: ReadonlySet<string>): Promise<void>;
  /** Keeps them in step until the signal ends it. Nothing begins before. */
  run(): Promise<void>;
}

/** Why work for a rule ended that is kept no longer, or goes on as another. */
export class RulesChanged extends Error {
  override readonly name = "RulesChanged";
}

/** How often the state is asked for what was decided beside this process. */
const decisionsMs = 1_000;

export function createWatch(context: EngineContext, given: WatchOptions): Watch {
  const group = createGroup(given.signal);
  const fresh = new Map<EngineAccount, FeedReading>();
  const rules = new Map<string, Watched>();
  const runners = new Map<string, Runner>();
  const members = new Map<string, Member>();
  const feeds = new Map<EngineAccount, Member>();
  let isRunning = false;

  const readersOf = (account: EngineAccount): Runner[] =>
    [...runners.values()].filter((each) => awaitedBy(each).has(account));
  const isShared = (account: EngineAccount) => readersOf(account).length > 1;
  const accounts = () => [...new Set([...rules.values()].flatMap((each) => [...awaitedBy(each)]))];

  function start(each: Watched): void {
    const { rule } = each;
    const member = group.begin((signal) => {
      const runner = createRunner(each, context, { ...given, signal, fresh, isShared });
      runners.set(rule.name, runner);
      return [
        runner.run(),
        ...rule.triggers.map((trigger) => followTimer(trigger, runner, context, signal)),
      ];
    });
    members.set(rule.name, member);
  }

  /** An account that is followed already is read anew for those who have just come to it. */
  function follow(account: EngineAccount): void {
    if (feeds.has(account)) return bellOf(account).ring();
    const readers = () => readersOf(account);
    const member = group.begin((signal) => [
      followFeed(account, readers, context, { ...given, signal, fresh }),
    ]);
    feeds.set(account, member);
  }

  return {
    accounts,
    runner: (rule) => runners.get(rule) ?? null,
    begin(watched) {
      const active = watched.filter(({ rule }) => !rule.paused);
      for (const each of active) rules.set(each.rule.name, each);
      if (!isRunning) return;
      for (const each of active) start(each);
      for (const account of new Set(active.flatMap((each) => [...awaitedBy(each)])))
        follow(account);
    },
    async end(names) {
      const ended = [...names].flatMap((name) => members.get(name) ?? []);
      for (const name of names) for (const kept of [rules, runners, members]) kept.delete(name);
      const awaited = new Set(accounts());
      const lonely = [...feeds].filter(([account]) => !awaited.has(account));
      for (const [account] of lonely) {
        feeds.delete(account);
        fresh.delete(account);
      }
      const over = new RulesChanged("the rules changed");
      await Promise.all(
        [...ended, ...lonely.map(([, member]) => member)].map((each) => each.end(over)),
      );
    },
    async run() {
      isRunning = true;
      group.begin((signal) => [
        followState(() => [...runners.values()], context, signal, given.onChangedBeside),
      ]);
      for (const each of rules.values()) start(each);
      for (const account of accounts()) follow(account);
      await group.over();
    },
  };
}

/** The accounts at which changes are awaited for a rule. */
function awaitedBy({ rule, jobs }: Watched): Set<EngineAccount> {
  return new Set(hasTrigger(rule, "change") ? jobs.flatMap(({ from, to }) => [from, to]) : []);
}

/** What people decide beside this process, in the state they share, waits for no change and no schedule. */
async function followState(
  runners: () => readonly Runner[],
  { store, clock }: EngineContext,
  signal: AbortSignal,
  onChangedBeside = () => {},
): Promise<void> {
  for (;;) {
    await clock.sleep(decisionsMs, signal);
    if (!store.wasChangedBeside()) continue;
    for (const runner of runners()) {
      if (runner.jobs.some((job) => hasDecisions(job.destination.id, store)))
        runner.wake("decision");
    }
    onChangedBeside();
  }
}
