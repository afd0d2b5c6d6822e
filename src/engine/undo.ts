import { isProviderError } from "../core/error.ts";
import type { Step } from "../core/plan.ts";
import { planUndo } from "../core/undo.ts";
import type { IntentRow } from "../store/intents.ts";
import type { RunRow } from "../store/runs.ts";
import type { EngineContext, Job } from "./context.ts";
import { duringRun } from "./during.ts";
import { executeSteps } from "./execute.ts";
import type { Intent } from "./intent.ts";
import { type ReadOptions, RuleError, readFeeds } from "./job.ts";
import { createPerformer, type Performer } from "./perform.ts";
import { recover } from "./recover.ts";
import {
  callsSince,
  failedWith,
  type Report,
  type ReportError,
  reportStep,
  totalsOf,
} from "./report.ts";
import { rescue } from "./rescue.ts";
import { standingSteps, undoViewOf } from "./undone.ts";

export interface UndoOptions extends ReadOptions {
  /** The run to be taken back; of this destination. */
  readonly undoes: number;
  /** Requests that each account has been sent so far. */
  readonly apiCalls: () => Readonly<Record<string, number>>;
}

/** What an undo would do, or did: a report like that of a run. */
export interface UndoReport extends Report {
  /** The run that was to be taken back. */
  readonly undoes: number;
  /** The run that took it back; null when nothing was done. */
  readonly run: number | null;
}

/** The one of a rule's jobs that a run was about; null: the rule no longer has that destination. */
export function jobOfRun({ destination }: RunRow, jobs: readonly Job[]): Job | null {
  const [only, ...more] = jobs;
  if (destination === null) return more.length === 0 ? (only ?? null) : null;
  return jobs.find((job) => job.destination.id === destination) ?? null;
}

/** How often an undo plans again what moved on under its hands. */
const maxRounds = 3;

/** What `undoJob` would do now; reads both feeds and changes nothing at either side. */
export async function previewUndo(
  job: Job,
  context: EngineContext,
  options: UndoOptions,
): Promise<UndoReport> {
  const { undoes, apiCalls } = options;
  const before = apiCalls();
  await readFeeds(job, context, options);
  const plan = await planNow(job, context, undoes, new Set());
  const steps = plan.map((step) => reportStep(step));
  const outcome = plan.some(isWork) ? "changes" : "held";
  const totals = totalsOf(steps, callsSince(before, apiCalls(), job));
  const rule = job.rule.name;
  return { rule, undoes, run: null, outcome, steps, totals, conflicts: [], errors: [] };
}

/**
 * Takes a run back at both sides, as a run of its own, which can be undone like any other. What is no longer
 * as the run left it is skipped and told; the rest is done. The rule does not do again what was taken back
 * before somebody changes an item. `outcome` is `held` when there is nothing that could be put back: then
 * nothing was done. Throws only the signal's reason.
 */
export async function undoJob(
  job: Job,
  context: EngineContext,
  options: UndoOptions,
): Promise<UndoReport> {
  const { undoes, signal, apiCalls } = options;
  const before = apiCalls();
  const undoing: Undoing = { run: null, performer: null, skipped: [], left: [] };
  const errors: ReportError[] = [];
  const end = (outcome: "changes" | "failed" | "in-step", message: string | null) => {
    if (undoing.run !== null) context.store.runs.end(undoing.run, outcome, message);
  };
  try {
    await duringRun(
      () => ({ rule: job.rule.name, run: undoing.run }),
      () => takeBack(job, context, options, undoing),
    );
  } catch (error) {
    if (signal.aborted) {
      end("changes", "it was interrupted; the same undo goes on from there");
      throw signal.reason;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof RuleError) && !isProviderError(error)) {
      end("failed", message);
      throw error;
    }
    errors.push({ path: "", ...failedWith(error, context.clock.now()) });
  }
  const { run, performer, skipped } = undoing;
  const failed = performer?.failed ?? [];
  const told = [
    ...failed.map(({ step, ...rest }) => ({ ...rest, path: step.path })),
    ...undoing.left.map(({ path }) => ({ path, message: restless, retryable: true })),
  ];
  told.push(...errors.filter(({ message }) => told.every((each) => each.message !== message)));
  end(told.length > 0 ? "failed" : "in-step", told[0]?.message ?? null);
  const done = (performer?.done ?? []).filter(({ step }) => isWork(step));
  const outcome = told.length > 0 ? "failed" : done.length > 0 ? "in-step" : "held";
  const steps = [
    ...done.map(({ step, bytes }) => reportStep(step, bytes)),
    ...skipped.map((step) => reportStep(step)),
  ];
  const totals = totalsOf(steps, callsSince(before, apiCalls(), job));
  const rule = job.rule.name;
  return { rule, undoes, run, outcome, steps, totals, conflicts: [], errors: told };
}

const restless = "it kept changing while it was being put back";

const isUnsettled = ({ body }: IntentRow) => (body as Intent).type !== "rescue";

const isWork = (step: Pick<Step, "do">) => step.do !== "skip";

/** How far an undo has come. */
interface Undoing {
  /** Null: nothing was begun. */
  run: number | null;
  performer: Performer | null;
  skipped: readonly Step[];
  /** Planned for another world until the end. */
  left: readonly Step[];
}

async function takeBack(
  job: Job,
  context: EngineContext,
  options: UndoOptions,
  undoing: Undoing,
): Promise<void> {
  const { undoes, signal } = options;
  const { store } = context;
  const reservations = new Map();
  const begin = () => {
    const about = { destination: job.destination.id, undoes };
    const run = undoing.run ?? store.runs.begin(job.rule.name, "undo", about);
    undoing.run = run;
    return run;
  };
  const failed = new Set<number>();
  for (let round = 1; ; round++) {
    await readFeeds(job, context, round === 1 ? options : { signal });
    const isOpen = store.intents.ofDestination(job.destination.id).some(isUnsettled);
    if (isOpen) await recover(job, context, { reservations, run: begin(), signal });
    const plan = await planNow(job, context, undoes, failed);
    undoing.skipped = plan.filter((step) => !isWork(step));
    const work = plan.filter(isWork);
    undoing.left = [];
    if (work.length > 0 && round <= maxRounds) {
      const run = begin();
      undoing.performer ??= createPerformer(job, context, { run, reservations, signal });
      undoing.left = await perform(work, undoing.performer);
      await rescue(job, context, { run, signal, told: undoing.performer });
      for (const { step } of undoing.performer.failed)
        for (const id of step.undoes ?? []) failed.add(id);
    }
    if (undoing.left.length === 0 || round === maxRounds) break;
  }
  // What was left undone, and why, belongs to what the log tells of the run.
  if (undoing.performer) await perform(undoing.skipped, undoing.performer);
}

/** The steps that turned out to be planned for another world. */
async function perform(steps: readonly Step[], performer: Performer): Promise<Step[]> {
  const stale: Step[] = [];
  const carryOut = performer.begin(steps);
  await executeSteps(steps, async (step) => {
    const outcome = await carryOut(step);
    if (outcome === "stale") stale.push(step);
    return outcome;
  });
  return stale;
}

async function planNow(
  job: Job,
  context: EngineContext,
  run: number,
  failed: ReadonlySet<number>,
): Promise<Step[]> {
  const done = standingSteps(run, context.store).filter(({ id }) => !failed.has(id));
  return planUndo(done, await undoViewOf(job, context, done), run);
}
