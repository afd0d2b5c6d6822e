import { Cron } from "croner";
import { isProviderError } from "../core/error.ts";
import { formatTrigger, type Rule, type Trigger } from "../core/rule.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import type { FeedReading } from "./feed.ts";
import { RuleError, readFeedOf } from "./job.ts";
import type { Report } from "./report.ts";
import { hasDecisions } from "./review.ts";
import { runJob } from "./run.ts";

/** A rule to keep in step, with its destinations. */
export interface Watched {
  readonly rule: Rule;
  readonly jobs: readonly Job[];
}

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** How often to look at accounts that can't be waited on; and the shortest of the safety net's intervals. */
  readonly pollMs: number;
  readonly apiCalls: () => Readonly<Record<string, number>>;
  /** Every run that did something or failed. */
  readonly onReport: (report: Report) => void;
  /** An account that can't be read at the moment; told again only after it worked in between. */
  readonly onProblem: (message: string) => void;
}

interface Watching extends WatchOptions {
  /** The accounts whose feeds are being followed, and what their last reading brought. */
  readonly fresh: Map<EngineAccount, FeedReading>;
}

/**
 * Even while a service tells of changes by itself, its feed is read this often: a call can get lost. And
 * even while a person is asked, their rule runs this often: a change can come in the middle of a run.
 */
const safetyMs = 5 * 60_000;
/** How often the state is asked for what was decided beside this process. */
const decisionsMs = 1_000;
const firstRetryMs = 15_000;
const lastRetryMs = 15 * 60_000;

/**
 * Keeps rules in step until the signal ends it: one watcher an account wakes the rules that look at it,
 * timers, cron lines and people's decisions wake theirs, and each rule runs alone, once however often it was woken meanwhile.
 * What waits (`quiet`, `olderThan`) or failed wakes its rule again by itself.
 */
export async function watch(
  watched: readonly Watched[],
  context: EngineContext,
  given: WatchOptions,
): Promise<void> {
  // What breaks one task for good ends all; nobody returns before what is under way has ended.
  const broken = new AbortController();
  const signal = AbortSignal.any([given.signal, broken.signal]);
  const options = { ...given, signal, fresh: new Map<EngineAccount, FeedReading>() };
  const runners = watched
    .filter(({ rule }) => !rule.paused)
    .map((each) => createRunner(each, context, options));
  const tasks = [
    ...runners.map((runner) => runner.run()),
    ...runners.flatMap((runner) =>
      runner.rule.triggers.map((trigger) => followTimer(trigger, runner, context, signal)),
    ),
    followDecisions(runners, context, signal),
    ...[...readersOf(runners)].map(([account, woken]) =>
      followFeed(account, woken, context, options),
    ),
  ];
  const ended = tasks.map((task) =>
    task.catch((error: unknown) => {
      if (error !== signal.reason) broken.abort(error);
    }),
  );
  await Promise.all(ended);
  broken.signal.throwIfAborted();
}

/** The accounts that changes are awaited at, with the rules that each wakes. */
function readersOf(runners: readonly Runner[]): Map<EngineAccount, Runner[]> {
  const accounts = new Map<EngineAccount, Runner[]>();
  for (const runner of runners.filter(({ rule }) => hasTrigger(rule, "change"))) {
    for (const account of new Set(runner.jobs.flatMap(({ from, to }) => [from, to]))) {
      accounts.set(account, [...(accounts.get(account) ?? []), runner]);
    }
  }
  return accounts;
}

const hasTrigger = (rule: Rule, type: Trigger["type"]) =>
  rule.triggers.some((trigger) => trigger.type === type);

interface Runner extends Watched {
  /** Asks for a run; `trigger` is what asked. */
  wake(trigger: string): void;
  /** Whether anything was marked since a run left things to a person. */
  hasNews(): boolean;
  /** Runs when woken, until the signal ends it. */
  run(): Promise<void>;
}

function createRunner({ rule, jobs }: Watched, context: EngineContext, options: Watching): Runner {
  const { signal } = options;
  let woken: string | null = null;
  let ring = () => {};
  let retryMs = firstRetryMs;
  /** What was marked when the last run ended held: it stays marked, and needs no run for a while. */
  let held: { readonly marks: number; readonly untilMs: number } | null = null;

  const countMarks = () =>
    jobs.reduce((sum, job) => sum + context.store.dirty.totalMarks(job.destination.id), 0);

  function wake(trigger: string): void {
    // A schedule takes what is there; a change alone lets files rest first.
    woken = woken !== null && woken !== "change" ? woken : trigger;
    ring();
  }

  async function runOnce(trigger: string): Promise<boolean> {
    let failed = false;
    let isHeld = false;
    for (const job of jobs) {
      const report = await runJob(job, context, {
        trigger,
        respectQuiet: trigger === "change",
        signal,
        // Its accounts' watchers have just read what woke it; a schedule asks for what is there now.
        ...(trigger === "change" && { fresh: options.fresh }),
        apiCalls: options.apiCalls,
      });
      failed ||= report.outcome === "failed";
      isHeld ||= report.outcome === "held";
      if (report.steps.length > 0 || report.outcome !== "in-step") options.onReport(report);
    }
    const untilMs = context.clock.now() + safetyMs;
    held = isHeld && !failed ? { marks: countMarks(), untilMs } : null;
    return failed;
  }

  /** Until something wakes the rule, or what waits is due, or what failed should be tried again. */
  async function rest(failed: boolean): Promise<void> {
    if (woken !== null) return;
    const waits = new AbortController();
    const rung = new Promise<void>((resolve) => {
      ring = resolve;
    });
    const dueMs = jobs.flatMap((job) => {
      const due = context.store.dirty.nextDue(job.destination.id);
      return due && hasTrigger(rule, "change") ? [due.getTime() - context.clock.now()] : [];
    });
    if (failed) dueMs.push(retryMs);
    retryMs = failed ? Math.min(lastRetryMs, retryMs * 2) : firstRetryMs;
    const both = AbortSignal.any([signal, waits.signal]);
    const sleeping =
      dueMs.length === 0
        ? untilAborted(both)
        : context.clock.sleep(Math.max(0, Math.min(...dueMs)), both).then(() => wake("change"));
    await Promise.race([rung, sleeping.catch(ignoreAbort(both))]);
    waits.abort();
    signal.throwIfAborted();
  }

  return {
    rule,
    jobs,
    wake,
    hasNews: () =>
      held === null || held.marks !== countMarks() || held.untilMs <= context.clock.now(),
    async run() {
      let failed = false;
      for (;;) {
        await rest(failed);
        const trigger = woken;
        woken = null;
        if (trigger !== null) failed = await runOnce(trigger);
      }
    },
  };
}

async function followFeed(
  account: EngineAccount,
  runners: readonly Runner[],
  context: EngineContext,
  options: Watching,
): Promise<void> {
  const { signal, pollMs, fresh } = options;
  let broken = false;
  for (let first = true; ; first = false) {
    try {
      fresh.set(account, await readFeedOf(account, context, signal));
      broken = false;
      for (const runner of runners) if (first || hasWork(runner, context)) runner.wake("change");
      await waitForNews(account, context, options);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RuleError) && !isProviderError(error)) throw error;
      fresh.delete(account);
      if (!broken) options.onProblem(error.message);
      broken = true;
      await context.clock.sleep(Math.max(pollMs, firstRetryMs), signal);
    }
  }
}

function hasWork({ jobs, hasNews }: Runner, { store, clock }: EngineContext): boolean {
  if (!hasNews()) return false;
  return jobs.some(({ destination: { id } }) => {
    if (store.destinations.get(id).fingerprint === null) return true;
    // Deferred items too: their runner has to learn when they are due.
    return store.dirty.countDue(id, clock.now()) > 0;
  });
}

async function waitForNews(
  account: EngineAccount,
  { store, clock }: EngineContext,
  { signal, pollMs }: WatchOptions,
): Promise<void> {
  const { waitForChange } = account.provider;
  const { cursor } = store.accounts.get(account.id);
  if (!waitForChange || cursor === null) return clock.sleep(pollMs, signal);
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  try {
    await Promise.race([
      clock.sleep(Math.max(pollMs, safetyMs), both).catch(ignoreAbort(both)),
      waitForChange(cursor, both).catch(ignoreAbort(both)),
    ]);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
}

async function followTimer(
  trigger: Trigger,
  runner: Runner,
  { clock }: EngineContext,
  signal: AbortSignal,
): Promise<void> {
  if (trigger.type === "change" || trigger.type === "manual") return;
  for (;;) {
    const nowMs = clock.now();
    const nextMs =
      trigger.type === "every"
        ? nowMs + trigger.everyMs
        : new Cron(trigger.line).nextRun(new Date(nowMs))?.getTime();
    if (nextMs === undefined) return;
    await clock.sleep(nextMs - nowMs, signal);
    runner.wake(formatTrigger(trigger));
  }
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

/** A wait that was ended on purpose is no failure. */
const ignoreAbort =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error;
  };

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
