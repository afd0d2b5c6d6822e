import { randomBytes } from "node:crypto";
import type { App } from "../app.ts";
import { parseDuration } from "../config/units.ts";
import type { Rule } from "../core/rule.ts";
import type { EngineAccount } from "../engine/context.ts";
import { undecided } from "../engine/review.ts";
import type { Runner, Watched } from "../engine/runner.ts";
import { createSubscriptions, type Subscriptions } from "../engine/subscriptions.ts";
import { together } from "../engine/together.ts";
import { followedAccounts, watch as watchRules } from "../engine/watch.ts";
import { CommandFailure, UsageError } from "./failure.ts";
import type { Session } from "./session.ts";
import type { createTeller } from "./teller.ts";

/** What `watch` and `serve` share: rules that are kept in step until the program is told to end. */

export interface Keeping {
  readonly rules: readonly Rule[];
  readonly pollMs: number;
  /** See `FollowOptions.safetyMs`. */
  readonly safetyMs?: number;
  /** See `WatchOptions.onRunners`. */
  readonly onRunners?: (runners: readonly Runner[]) => void;
  readonly teller: Pick<ReturnType<typeof createTeller>, "problem" | "report" | "waiting">;
  /** Under which services reach this machine; null: not at all. */
  readonly publicUrl: string | null;
}

/** Rules that are about to be kept in step, and the calls of services that help with it. */
export interface Kept {
  readonly subscriptions: Subscriptions;
  /** Whose news are awaited. */
  readonly accounts: readonly EngineAccount[];
  /** Keeps them in step until the session's signal ends it. */
  run(): Promise<void>;
}

export function prepareKeeping({ app, signal }: Session, keeping: Keeping): Kept {
  const { rules, teller, publicUrl, ...intervals } = keeping;
  app.store.runs.closeAbandoned();
  const watched: Watched[] = rules.map((rule) => ({ rule, jobs: app.jobsOf(rule) }));
  const accounts = followedAccounts(watched);
  const subscriptions = createSubscriptions(app.context, {
    accounts,
    publicUrl,
    newSecret: () => randomBytes(32).toString("base64url"),
    onProblem: teller.problem,
    open: (id) => openKnown(app, id),
  });
  return {
    subscriptions,
    accounts,
    async run() {
      await together(signal, (signal) => [
        subscriptions.run(signal),
        watchRules(watched, app.context, {
          ...intervals,
          signal,
          calls: subscriptions,
          apiCalls: app.apiCalls,
          onReport(report) {
            teller.report(report);
            const reported = rules.filter(({ name }) => name === report.rule);
            teller.waiting(report.rule, undecided(app.store, reported));
          },
          onProblem: teller.problem,
        }),
      ]);
      // A person who ends it is obeyed; that another process took over is a failure.
      if (signal.reason instanceof CommandFailure) throw signal.reason;
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
