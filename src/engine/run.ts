import type { ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { Plan, PlanView, Step } from "../core/plan.ts";
import type { EngineContext, Job } from "./context.ts";
import { executeSteps } from "./execute.ts";
import { type Reservations, recover } from "./intent.ts";
import {
  dueBy,
  type PlanReason,
  plannerOf,
  type ReadOptions,
  RuleError,
  readFeeds,
  seed,
  settle,
  viewOf,
} from "./job.ts";
import { createPerformer, type OpenItems, type Performer } from "./perform.ts";
import { type Report, type ReportError, reportStep, totalsOf } from "./report.ts";

export interface RunOptions extends PlanReason, ReadOptions {
  /** What asked for the run: `manual`, `change`, `every 15m`, a cron line. */
  readonly trigger: string;
  /** Requests that each account has been sent so far. */
  readonly apiCalls: () => Readonly<Record<string, number>>;
}

/** How many marked items are planned and carried out together. */
const batchSize = 2_000;
/** How often a run plans again what moved on under its hands, before it leaves it to the next run. */
const maxRounds = 5;

/**
 * Brings one destination of a rule in step, once. What fails is reported and stays marked for the next
 * run; it stops nothing else. `outcome` is `in-step` when nothing is left to do. Throws only the
 * signal's reason, after what was under way has ended or is safely left to the next run.
 */
export async function runJob(
  job: Job,
  context: EngineContext,
  options: RunOptions,
): Promise<Report> {
  const { store } = context;
  const { rule } = job;
  const run = store.runs.begin(rule.name, options.trigger);
  const before = options.apiCalls();
  const open: OpenItems = new Map();
  const errors: ReportError[] = [];
  let performer: Performer | null = null;
  try {
    const reservations: Reservations = new Map();
    performer = createPerformer(job, context, { run, reservations, open, signal: options.signal });
    errors.push(...(await bringInStep(job, context, options, { performer, open, reservations })));
    closeReservations(reservations, context);
  } catch (error) {
    if (options.signal.aborted) {
      store.runs.end(run, "changes", "it was interrupted; the next run goes on from there");
      throw options.signal.reason;
    }
    if (!(error instanceof RuleError) && !isProviderError(error)) {
      store.runs.end(run, "failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
    const cause = error instanceof RuleError ? error.cause : error;
    const retryable = isProviderError(cause) && cause.retryable;
    const isTold = performer?.failed.some(({ message }) => message === error.message);
    if (!isTold) errors.push({ path: "", message: error.message, retryable });
  }
  errors.push(...(performer?.failed ?? []).map(failure));
  const steps = (performer?.done ?? []).map(({ step, bytes }) => reportStep(step, bytes));
  const outcome = errors.length > 0 ? "failed" : "in-step";
  store.runs.end(run, outcome, errors[0]?.message ?? null);
  const totals = totalsOf(steps, callsSince(before, options.apiCalls(), job));
  return { rule: rule.name, outcome, steps, totals, conflicts: [], errors };
}

const failure = ({ step, message, retryable }: Performer["failed"][number]): ReportError => ({
  path: step.path,
  message,
  retryable,
});

/** What one run carries out its steps with. */
interface Hands {
  readonly performer: Performer;
  readonly open: OpenItems;
  readonly reservations: Reservations;
}

/** Errors that concern no single step. */
async function bringInStep(
  job: Job,
  context: EngineContext,
  options: RunOptions,
  hands: Hands,
): Promise<ReportError[]> {
  const unreadable = new Map<ItemId, string>();
  for (let round = 1; ; round++) {
    const { signal } = options;
    const readings = await readFeeds(job, context, round === 1 ? options : { signal });
    for (const { id, reason } of readings.flatMap((reading) => reading.unreadable)) {
      unreadable.set(id, reason);
    }
    await recover(job, context, hands.reservations);
    const view = viewOf(job, context);
    if (round === 1) seed(job, view, context);
    const stale = await planAndExecute(job, context, options, hands);
    if (stale.length === 0) break;
    if (round === maxRounds) return [...folderErrors(unreadable), ...stale.map(parked)];
  }
  return folderErrors(unreadable);
}

const folderErrors = (unreadable: ReadonlyMap<ItemId, string>): ReportError[] =>
  [...unreadable.values()].map((message) => ({ path: "", message, retryable: true }));

const parked = (step: Step): ReportError => ({
  path: step.path,
  message: "it kept changing while it was being brought in step; the next run looks at it again",
  retryable: true,
});

/** One pass over all that is due; the steps that turned out to be planned for another world. */
async function planAndExecute(
  job: Job,
  context: EngineContext,
  options: RunOptions,
  { performer, open }: Hands,
): Promise<Step[]> {
  const { store, tell } = context;
  const stale: Step[] = [];
  const expanded = new Set<ItemId>();
  const hasFailed = (item: ItemId) => performer.failed.some(({ step }) => step.item === item);
  for (let after = 0; ; ) {
    const due = store.dirty.due(job.destination.id, dueBy(context, options), after, batchSize);
    const last = due.at(-1);
    if (!last) return stale;
    after = last.position;
    // Steps of the last batch made folders and links that the next one stands on.
    const view: PlanView = viewOf(job, context);
    const plan: Plan = plannerOf(job, view, context, options).plan(
      due.filter(({ item }) => !hasFailed(item)),
    );
    settle(job, plan, context, expanded);
    if (plan.steps.length === 0) continue;
    open.clear();
    for (const { item } of plan.steps) {
      const known = open.get(item) ?? { source: job.from.tree.get(item), stepsLeft: 0 };
      open.set(item, { ...known, stepsLeft: known.stepsLeft + 1 });
    }
    tell({ type: "planned", rule: job.rule.name, steps: plan.steps });
    await executeSteps(plan.steps, async (step) => {
      const outcome = await performer.perform(step);
      if (outcome === "stale") stale.push(step);
      return outcome;
    });
  }
}

/** Reserved ids that no step of this run took up again belong to files that are not wanted any more. */
function closeReservations(reservations: Reservations, { store }: EngineContext): void {
  for (const { intent } of reservations.values()) store.intents.close(intent);
}

function callsSince(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  { from, to }: Job,
): Record<string, number> {
  const names = [...new Set([from.name, to.name])];
  return Object.fromEntries(names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
}
