import { isProviderError } from "../core/error.ts";
import { refKey, type Step, touchedBy } from "../core/plan.ts";
import type { EngineContext, Job } from "./context.ts";
import { duringRun } from "./during.ts";
import { executeSteps } from "./execute.ts";
import { createKeeper } from "./guarded.ts";
import { type ReadOptions, RuleError, readFeeds, seededView } from "./job.ts";
import { createPerformer, type Performer } from "./perform.ts";
import { previewJob } from "./preview.ts";
import { recover } from "./recover.ts";
import {
  callsSince,
  conflictsOf,
  type Report,
  type ReportError,
  reportStep,
  totalsOf,
} from "./report.ts";
import { rescue } from "./rescue.ts";
import type { Reservations } from "./reserved.ts";
import { movedOn, type ReviewedPlan } from "./reviewed.ts";

export interface ApplyOptions extends ReadOptions {
  /** Requests that each account has been sent so far. */
  readonly apiCalls: () => Readonly<Record<string, number>>;
}

/** What became of a reviewed plan: a report like that of a run. */
export interface ApplyReport extends Report {
  /** What has changed since the plan was made, for people; not empty: nothing was done. */
  readonly movedOn: readonly string[];
}

/** What has changed since a plan was reviewed, after reading both feeds; empty: it can be carried out. */
export async function checkReviewed(
  job: Job,
  context: EngineContext,
  plan: ReviewedPlan,
  options: ReadOptions,
): Promise<readonly string[]> {
  await readFeeds(job, context, options);
  return movedOn(job, plan, context);
}

/**
 * Carries out exactly the steps of a reviewed plan, as a run. When anything that they touch is no longer as
 * it was then, nothing is done: `outcome` is `held`, and `movedOn` says what it is. `changes`: done, and the
 * next run finds more to do. No guard asks again: a person has seen what goes. Removals come last. Throws
 * only the signal's reason.
 */
export async function applyJob(
  job: Job,
  context: EngineContext,
  plan: ReviewedPlan,
  options: ApplyOptions,
): Promise<ApplyReport> {
  const { store } = context;
  const { rule, destination } = job;
  const before = options.apiCalls();
  const run = store.runs.begin(rule.name, "apply", { destination: destination.id });
  const applying: Applying = { performer: null, movedOn: [], stale: [], after: "changes" };
  const errors: ReportError[] = [];
  try {
    await duringRun(
      () => ({ rule: rule.name, run }),
      () => carryOut(job, context, plan, options, run, applying),
    );
  } catch (error) {
    if (options.signal.aborted) {
      store.runs.end(run, "changes", "it was interrupted; the next run goes on from there");
      throw options.signal.reason;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof RuleError) && !isProviderError(error)) {
      store.runs.end(run, "failed", message);
      throw error;
    }
    errors.push({ path: "", message, retryable: isProviderError(error) && error.retryable });
  }
  errors.unshift(...errorsOf(applying, errors));
  const conflicts = conflictsOf(destination.id, store);
  const isHeld = applying.movedOn.length > 0 || conflicts.length > 0;
  const outcome = errors.length > 0 ? "failed" : isHeld ? "held" : applying.after;
  const isDone = errors.length === 0 && applying.movedOn.length === 0;
  if (isDone) releaseHolds(job, plan.steps, context);
  // A plan that was refused says nothing of how the rule stands.
  const told = applying.movedOn.length > 0 ? "changes" : outcome;
  store.runs.end(run, told, errors[0]?.message ?? applying.movedOn[0] ?? null);
  const steps = (applying.performer?.done ?? []).map(({ step, bytes }) => reportStep(step, bytes));
  const totals = totalsOf(steps, callsSince(before, options.apiCalls(), job));
  return { rule: rule.name, outcome, steps, totals, conflicts, errors, movedOn: applying.movedOn };
}

/** How far a plan has come. */
interface Applying {
  performer: Performer | null;
  movedOn: readonly string[];
  /** Steps that turned out to be planned for another world. */
  stale: Step[];
  /** Whether the next run finds more to do. */
  after: "changes" | "in-step";
}

async function carryOut(
  job: Job,
  context: EngineContext,
  plan: ReviewedPlan,
  options: ApplyOptions,
  run: number,
  applying: Applying,
): Promise<void> {
  const { signal } = options;
  await readFeeds(job, context, options);
  const reservations: Reservations = new Map();
  await recover(job, context, { reservations, run, signal });
  applying.movedOn = movedOn(job, plan, context);
  if (applying.movedOn.length > 0) return;
  seededView(job, context);
  const performer = createPerformer(job, context, { run, reservations, signal });
  applying.performer = performer;
  const perform = performer.begin(plan.steps);
  const execute = (steps: readonly Step[]) =>
    executeSteps(steps, async (step) => {
      const outcome = await perform(step);
      if (outcome === "stale") applying.stale.push(step);
      return outcome;
    });
  const { now, later } = createKeeper(job, context).split(plan.steps);
  await execute(now);
  // What came into a doomed folder meanwhile is known before it goes.
  if (later.length > 0) await readFeeds(job, context, { signal });
  await execute(later);
  await rescue(job, context, { run, signal, told: performer });
  const next = await previewJob(job, context, { signal });
  applying.after = next.outcome === "in-step" ? "in-step" : "changes";
}

/** A comparison only learns: what it means is planned next. */
const isComparison = ({ action }: Step) => action.type === "compare";

function errorsOf({ performer, stale }: Applying, known: readonly ReportError[]): ReportError[] {
  const failed = (performer?.failed ?? []).map(({ step, ...why }) => ({
    path: step.path,
    ...why,
  }));
  const moved = stale
    .filter((step) => !isComparison(step))
    .map(({ path }) => ({
      path,
      message: "it moved on while the plan was carried out; the next plan looks at it again",
      retryable: true,
    }));
  const isKnown = ({ message }: ReportError) => known.some((each) => each.message === message);
  return [...failed.filter((error) => !isKnown(error)), ...moved];
}

/** What a guard held, and a reviewed plan has carried out, waits for nobody any more. */
function releaseHolds({ destination }: Job, steps: readonly Step[], { store }: EngineContext) {
  const touched = new Set(
    steps.flatMap((step) => {
      const held = step.action.type === "trash" ? step.action.holds : [];
      const refs = held.map((item) => ({ side: step.side, item }));
      return [...touchedBy(step), ...refs].map(refKey);
    }),
  );
  for (const { kind, set } of store.holds.of(destination.id)) {
    if (set.every((held) => touched.has(refKey(held)))) store.holds.remove(destination.id, kind);
  }
}
