import { randomBytes } from "node:crypto";
import type { App } from "../app.ts";
import type { Config } from "../config/parse.ts";
import { turnover } from "../config/turnover.ts";
import { parseDuration } from "../config/units.ts";
import type { Rule } from "../core/rule.ts";
import type { EngineAccount } from "../engine/context.ts";
import { undecided } from "../engine/review.ts";
import type { Runner } from "../engine/runner.ts";
import { createSubscriptions, type Subscriptions } from "../engine/subscriptions.ts";
import { createWatch } from "../engine/watch.ts";
import { UsageError } from "./failure.ts";
import type { Session } from "./session.ts";
import type { createTeller } from "./teller.ts";

/** What `watch` and `serve` share: rules that are kept in step until the program is told to end. */

export interface Keeping {
  readonly rules: readonly Rule[];
  readonly pollMs: number;
  /** See `FollowOptions.safetyMs`. */
  readonly safetyMs?: number;
  readonly teller: Pick<ReturnType<typeof createTeller>, "problem" | "report" | "waiting">;
  /** Under which services reach this machine; null: not at all. */
  readonly publicUrl: string | null;
  /** The state was changed beside this process. */
  readonly onChangedBeside?: () => void;
}

/** Rules that are kept in step, and the calls of services that help with it. */
export interface Kept {
  readonly subscriptions: Subscriptions;
  /** Whose news are awaited. */
  accounts(): readonly EngineAccount[];
  /** What people can ask for runs with; null where nobody keeps the rule in step. */
  runner(rule: string): Runner | null;
  /**
   * Goes on with another configuration, of which these rules are to be kept: what they and their accounts have in
   * common with the former is not disturbed; of the others, what is under way is parked first. One after the other.
   */
  change(config: Config, rules: readonly Rule[]): Promise<void>;
  /** Keeps them in step until the session's signal ends it. */
  run(): Promise<void>;
}

export function prepareKeeping({ app, signal: given }: Session, keeping: Keeping): Kept {
  const { teller, publicUrl, rules: first, ...rest } = keeping;
  const { store } = app;
  const broken = new AbortController();
  const signal = AbortSignal.any([given, broken.signal]);
  store.runs.closeAbandoned();
  let rules = first;
  const subscriptions = createSubscriptions(app.context, {
    signal,
    publicUrl,
    newSecret: () => randomBytes(32).toString("base64url"),
    onProblem: teller.problem,
    open: (id) => openKnown(app, id),
  });
  const watch = createWatch(app.context, {
    ...rest,
    signal,
    calls: subscriptions,
    apiCalls: app.apiCalls,
    onReport(report) {
      teller.report(report);
      const reported = rules.filter(({ name }) => name === report.rule);
      teller.waiting(report.rule, undecided(store, reported));
    },
    onProblem: teller.problem,
  });
  const begin = (begun: readonly Rule[]) => {
    watch.begin(begun.map((rule) => ({ rule, jobs: app.jobsOf(rule) })));
    subscriptions.follow(watch.accounts());
  };
  begin(rules);
  return {
    subscriptions,
    accounts: watch.accounts,
    runner: watch.runner,
    async change(config, next) {
      const former = { accounts: app.config.accounts, rules };
      const { ended, begun } = turnover(former, { accounts: config.accounts, rules: next });
      rules = next;
      await watch.end(ended);
      await app.adopt(config);
      begin(begun);
    },
    async run() {
      const tasks = [subscriptions.run(), watch.run()];
      // What breaks one for good ends both.
      await Promise.all(tasks.map((task) => task.catch((error: unknown) => broken.abort(error))));
      broken.signal.throwIfAborted();
    },
  };
}

function openKnown({ config, store, account }: App, id: number): EngineAccount | null {
  const { name, provider } = store.accounts.get(id);
  return config.accounts.get(name)?.provider === provider ? account(name) : null;
}

/** The `--poll` option; at least a second. */
export function parsePoll(text: string): number {
  try {
    return Math.max(1_000, parseDuration(text));
  } catch (error) {
    throw new UsageError(`--poll: ${error instanceof Error ? error.message : String(error)}`);
  }
}
