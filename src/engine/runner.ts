import { formatTrigger, type Rule, type Trigger } from "../core/rule.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import type { FeedReading } from "./feed.ts";
import { RuleError, readFeedOf } from "./job.ts";
import type { Report, ReportError } from "./report.ts";
import { runJob } from "./run.ts";
import { nextTime, reached } from "./time.ts";
import { ignoreAbort } from "./together.ts";
import { bellOf } from "./wake.ts";

/** A rule to keep in step, with its destinations. */
export interface Watched {
  readonly rule: Rule;
  readonly jobs: readonly Job[];
}

export interface RunnerOptions {
  readonly signal: AbortSignal;
  /** What was read of each account just now. */
  readonly fresh: Map<EngineAccount, FeedReading>;
  /** How often to look at what nothing tells of; default five minutes. */
  readonly safetyMs?: number;
  readonly apiCalls: () => Readonly<Record<string, number>>;
  /** Whether other rules look at an account, too: what this one does there is news to them. */
  readonly isShared: (account: EngineAccount) => boolean;
  /** Every run that did something or failed. */
  readonly onReport: (report: Report) => void;
}

export interface Runner extends Watched {
  /** Asks for a run; `trigger` is what asked. */
  wake(trigger: string): void;
  /**
   * Does work on the rule's state while no run does, after the one that is under way. Rejects with what the work
   * throws, or with the signal's reason, which the work gets too, when there is an end before it was done.
   */
  between<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Whether anything was marked since a run left things to a person. */
  hasNews(): boolean;
  /** Runs when woken, until the signal ends it. */
  run(): Promise<void>;
}

export const defaultSafetyMs = 5 * 60_000;
const firstRetryMs = 15_000;
const lastRetryMs = 15 * 60_000;

/**
 * Runs one rule, never twice at once, and once however often it was woken meanwhile. What waits (`quiet`,
 * `olderThan`) or failed wakes it again.
 */
export function createRunner(
  { rule, jobs }: Watched,
  context: EngineContext,
  options: RunnerOptions,
): Runner {
  const { signal, safetyMs = defaultSafetyMs } = options;
  let woken: string | null = null;
  let ring = () => {};
  const errands = createErrands(signal, () => ring());
  let retryMs = firstRetryMs;
  /** Before then the services of all destinations take nothing more. */
  let restsUntilMs = 0;
  /** What was marked when the last run ended held: it stays marked, and needs no run for a while. */
  let held: { readonly marks: number; readonly untilMs: number } | null = null;

  const countMarks = () =>
    jobs.reduce((sum, job) => sum + context.store.dirty.totalMarks(job.destination.id), 0);

  function wake(trigger: string): void {
    // A schedule takes what is there; a change alone lets files rest first.
    woken = woken !== null && woken !== "change" ? woken : trigger;
    ring();
  }

  /** Whether one of its accounts lost its grant, and still has none: it is asked, and no run begins before it answers. */
  async function isSignedOut({ from, to }: Job): Promise<boolean> {
    const { accounts } = context.store;
    const isDead = ({ id }: EngineAccount) => accounts.get(id).failure === "unauthorized";
    const dead = [from, to].filter(isDead);
    try {
      await Promise.all(dead.map((account) => readFeedOf(account, context, signal)));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
    }
    return dead.some(isDead);
  }

  /** No event of a file system tells a program of its own doings, and a call of a service may take its time. */
  function ringOthers({ from, to }: Job): void {
    for (const account of new Set([from, to])) {
      if (options.isShared(account)) bellOf(account).ring();
    }
  }

  async function runOnce(trigger: string): Promise<boolean> {
    let failed = false;
    let isHeld = false;
    const restsUntil: number[] = [];
    for (const job of jobs) {
      if (await isSignedOut(job)) {
        failed = true;
        restsUntil.push(0);
        continue;
      }
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
      restsUntil.push(Math.max(0, ...report.errors.map(retryAtMs)));
      if (report.steps.length > 0) ringOthers(job);
      if (report.steps.length > 0 || report.outcome !== "in-step") options.onReport(report);
    }
    restsUntilMs = Math.min(...restsUntil);
    // Even while a person is asked the rule runs now and then: a change can come in the middle of a run.
    const untilMs = context.clock.now() + safetyMs;
    held = isHeld && !failed ? { marks: countMarks(), untilMs } : null;
    return failed;
  }

  /** What was to wait until an instant of a clock that was set back since would wait for as long as that. */
  function lookAtAll(): void {
    const { store } = context;
    store.transaction(() => {
      for (const { destination } of jobs) store.dirty.undefer(destination.id);
    });
  }

  /** Until something wakes the rule, or what waits is due, or what failed should be tried again. */
  async function rest(failed: boolean): Promise<void> {
    if (woken !== null || errands.areWaiting()) return;
    const waits = new AbortController();
    const rung = new Promise<void>((resolve) => {
      ring = resolve;
    });
    const dueMs = jobs.flatMap((job) => {
      const due = context.store.dirty.nextDue(job.destination.id);
      return due && hasTrigger(rule, "change") ? [due.getTime()] : [];
    });
    if (failed) dueMs.push(context.clock.now() + retryMs);
    retryMs = failed ? Math.min(lastRetryMs, retryMs * 2) : firstRetryMs;
    const both = AbortSignal.any([signal, waits.signal]);
    const waiting =
      dueMs.length === 0
        ? untilAborted(both)
        : reached(context.clock, Math.min(...dueMs), both).then((isThere) => {
            if (!isThere) lookAtAll();
            wake("change");
          });
    await Promise.race([rung, waiting.catch(ignoreAbort(both))]);
    waits.abort();
    signal.throwIfAborted();
  }

  return {
    rule,
    jobs,
    wake,
    between: errands.add,
    hasNews: () =>
      held === null || held.marks !== countMarks() || held.untilMs <= context.clock.now(),
    async run() {
      let failed = false;
      signal.addEventListener("abort", () => errands.drop(signal.reason), { once: true });
      for (;;) {
        await rest(failed);
        await errands.doAll();
        if (restsUntilMs > context.clock.now()) await reached(context.clock, restsUntilMs, signal);
        const trigger = woken;
        woken = null;
        if (trigger !== null) failed = await runOnce(trigger);
      }
    },
  };
}

interface Errands {
  add: Runner["between"];
  areWaiting(): boolean;
  /** One after the other; what one throws is told to who wants it. */
  doAll(): Promise<void>;
  /** Those that were not begun are told that they never will be; so are all that come later. */
  drop(reason: unknown): void;
}

interface Errand {
  readonly work: () => Promise<void>;
  readonly drop: (reason: unknown) => void;
}

function createErrands(signal: AbortSignal, ring: () => void): Errands {
  let waiting: Errand[] = [];
  let over: { readonly reason: unknown } | null = null;
  return {
    add<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      if (over) reject(over.reason);
      else waiting.push({ work: () => work(signal).then(resolve, reject), drop: reject });
      ring();
      return promise;
    },
    areWaiting: () => waiting.length > 0,
    async doAll() {
      for (let next = waiting.shift(); next; next = waiting.shift()) await next.work();
    },
    drop(reason) {
      over = { reason };
      for (const { drop } of waiting) drop(reason);
      waiting = [];
    },
  };
}

const retryAtMs = ({ retryAt }: ReportError) => (retryAt === undefined ? 0 : Date.parse(retryAt));

export const hasTrigger = (rule: Rule, type: Trigger["type"]) =>
  rule.triggers.some((trigger) => trigger.type === type);

/**
 * Wakes a rule as one of its triggers says of time. What was due since the rule last ran, while nobody watched
 * or the machine was suspended, is caught up with once.
 */
export async function followTimer(
  trigger: Trigger,
  { rule, wake }: Runner,
  { clock, store }: EngineContext,
  signal: AbortSignal,
): Promise<void> {
  let sinceMs = store.runs.last(rule.name)?.startedAt.getTime() ?? clock.now();
  for (;;) {
    // A clock that was set back makes the last run one of the future.
    sinceMs = Math.min(sinceMs, clock.now());
    const at = nextTime(trigger, rule.timeZone, sinceMs);
    if (at === null) return;
    if (!(await reached(clock, at.getTime(), signal))) continue;
    wake(formatTrigger(trigger));
    sinceMs = clock.now();
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
