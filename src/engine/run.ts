import { isProviderError } from "../core/error.ts";
import { type ItemRef, type PlanView, refKey, type Step, settledBy, unitOf } from "../core/plan.ts";
import type { EngineContext, Job } from "./context.ts";
import { duringRun } from "./during.ts";
import { executeSteps, type StepOutcome } from "./execute.ts";
import { createKeeper, type Keeper } from "./guarded.ts";
import {
  dueBy,
  type PlanReason,
  plannerOf,
  type ReadOptions,
  RuleError,
  readFeeds,
  seededView,
  settle,
  sweep,
  viewOf,
} from "./job.ts";
import { createPerformer, type Performer } from "./perform.ts";
import { recover } from "./recover.ts";
import {
  callsSince,
  conflictsOf,
  failedWith,
  type Report,
  type ReportError,
  reportStep,
  totalsOf,
} from "./report.ts";
import { rescue } from "./rescue.ts";
import { closeReservations, type Reservations } from "./reserved.ts";
import { unreadableIn } from "./unreadable.ts";

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
/** A pass that plans one unit so often would never end: it is left to the next one. */
const maxTurns = 16;

/**
 * Brings one destination of a rule in step, once. What fails is reported and stays marked for the next
 * run; it stops nothing else. `outcome` is `in-step` when nothing is left to do, `held` when a person is to
 * decide something first. Removals come last, when everything else was tried. Throws only the signal's
 * reason, after what was under way has ended or is safely left to the next run.
 */
export async function runJob(
  job: Job,
  context: EngineContext,
  options: RunOptions,
): Promise<Report> {
  const { rule, destination } = job;
  const about = { destination: destination.id };
  const run = context.store.runs.begin(rule.name, options.trigger, about);
  return duringRun(
    () => ({ rule: rule.name, run }),
    () => carryOut(job, context, options, run),
  );
}

async function carryOut(
  job: Job,
  context: EngineContext,
  options: RunOptions,
  run: number,
): Promise<Report> {
  const { store } = context;
  const { rule, destination } = job;
  const before = options.apiCalls();
  const errors: ReportError[] = [];
  const reservations: Reservations = new Map();
  const performer = createPerformer(job, context, { run, reservations, signal: options.signal });
  const keeper = createKeeper(job, context);
  try {
    const hands = { run, performer, reservations, keeper };
    errors.push(...(await bringInStep(job, context, options, hands)));
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
    const cause = error instanceof RuleError && isProviderError(error.cause) ? error.cause : error;
    const why = failedWith(cause, context.clock.now());
    const message = why.message.replace(cause.message, error.message);
    const isTold = performer.failed.some((each) => each.message === message);
    if (!isTold) errors.push({ path: "", ...why, message });
  }
  errors.push(...performer.failed.map(failure));
  const steps = performer.done.map(({ step, bytes }) => reportStep(step, bytes));
  const conflicts = conflictsOf(destination.id, store);
  const held = keeper.reason() ?? (conflicts.length > 0 ? waiting(conflicts.length) : null);
  const outcome = errors.length > 0 ? "failed" : held === null ? "in-step" : "held";
  if (errors.length === 0) keeper.end();
  if (errors.length === 0 && keeper.reason() === null) store.destinations.setRan(destination.id);
  store.runs.end(run, outcome, errors[0]?.message ?? held);
  const totals = totalsOf(steps, callsSince(before, options.apiCalls(), job));
  return { rule: rule.name, outcome, steps, totals, conflicts, errors };
}

const waiting = (count: number) =>
  count === 1 ? "1 conflict waits for you" : `${count} conflicts wait for you`;

const failure = ({ step, ...why }: Performer["failed"][number]): ReportError => ({
  path: step.path,
  ...why,
});

/** What one run carries out its steps with. */
interface Hands {
  readonly run: number;
  readonly performer: Performer;
  readonly reservations: Reservations;
  readonly keeper: Keeper;
}

/** Errors that concern no single step. */
async function bringInStep(
  job: Job,
  context: EngineContext,
  options: RunOptions,
  hands: Hands,
): Promise<ReportError[]> {
  for (let round = 1; ; round++) {
    const { signal } = options;
    await readFeeds(job, context, round === 1 ? options : { signal });
    await recover(job, context, { ...hands, signal });
    seededView(job, context);
    if (round === 1) hands.keeper.begin();
    const { stale, isNews } = await planAndExecute(job, context, options, hands);
    if (stale.length === 0) sweep(job, context);
    if (stale.length === 0 && !(isNews && round < maxRounds)) break;
    if (round === maxRounds) return [...unread(job, context), ...stale.map(parked)];
  }
  return unread(job, context);
}

/** What the rule can't be in step with as long as it can't be read, whichever run met it. */
const unread = ({ destination }: Job, { store }: EngineContext): ReportError[] =>
  unreadableIn(store.destinations.get(destination.id), store).map((message) => ({
    path: "",
    message,
    retryable: true,
  }));

const parked = (step: Step): ReportError => ({
  path: step.path,
  message: "it kept changing while it was being brought in step; the next run looks at it again",
  retryable: true,
});

/** Steps of one plan that are left to the end of the pass. */
interface Left {
  readonly steps: readonly Step[];
  readonly perform: (step: Step) => Promise<StepOutcome>;
}

interface Pass {
  /** Steps that turned out to be planned for another world. */
  readonly stale: readonly Step[];
  /** Whether something is to be looked at that the pass has kept for its end, brought back, or was told of before its removals. */
  readonly isNews: boolean;
}

/** One pass over all that is due. */
async function planAndExecute(
  job: Job,
  context: EngineContext,
  options: RunOptions,
  { run, performer, keeper }: Hands,
): Promise<Pass> {
  const { store, tell } = context;
  const stale: Step[] = [];
  const left: Left[] = [];
  const expanded = new Set<string>();
  let isKept = false;
  /**
   * Units that failed in this run; of which a request may have had its effect, as the next round learns; or whose
   * steps, or those of a folder that holds them, wait for the end of the pass.
   */
  const passed = new Set(performer.failed.map(({ step }) => refKey(step.unit)));
  const keyOf = (ref: ItemRef, view: PlanView): string => {
    const link = view.linkOf(ref.side, ref.item);
    return refKey(link ? unitOf(link) : ref);
  };
  const isPassed = (ref: ItemRef, view: PlanView): boolean => passed.has(keyOf(ref, view));
  const turns = new Map<string, number>();
  const countTurn = (key: string): number => {
    const turn = (turns.get(key) ?? 0) + 1;
    turns.set(key, turn);
    return turn;
  };
  const done = new Set<Step>();
  const execute = (steps: readonly Step[], perform: Left["perform"]) =>
    executeSteps(steps, async (step) => {
      const outcome = await perform(step);
      if (outcome === "stale") stale.push(step);
      if (outcome === "done") done.add(step);
      return outcome;
    });

  keeper.survey(options, batchSize);
  for (const due of batches(job, context, options)) {
    // Steps of the last batch made folders and links that the next one stands on; and where the rule's own
    // folder was taken away meanwhile, nothing of what was in it was removed.
    const view = seededView(job, context);
    const open = passed.size === 0 ? due : due.filter((ref) => !isPassed(ref, view));
    const plan = plannerOf(job, view, context, options).plan([
      ...open,
      ...conflictsOfItems(job, open, store),
    ]);
    settle(job, open, plan, context, expanded);
    if (plan.steps.length === 0) continue;
    isKept ||= plan.kept.length > 0;
    const perform = performer.begin(plan.steps);
    const { now, later } = keeper.split(plan.steps);
    tell({ type: "planned", rule: job.rule.name, steps: plan.steps });
    if (later.length > 0) left.push({ steps: later, perform });
    for (const ref of [...later.flatMap(settledBy), ...plan.kept]) passed.add(keyOf(ref, view));
    await execute(now, perform);
    for (const { unit } of [...stale, ...performer.failed.map(({ step }) => step)]) {
      passed.add(refKey(unit));
    }
    const units = new Map(plan.steps.map((step) => [refKey(step.unit), step]));
    const restless = [...units].filter(([key]) => countTurn(key) > maxTurns);
    stale.push(...restless.map(([, step]) => step));
    if (restless.length > 0) break;
  }
  // Whose version is still to be brought back is not removed before.
  const { signal } = options;
  const isRescued = await rescue(job, context, { run, signal, told: performer });
  if (keeper.mayRemove(left.flatMap(({ steps }) => steps))) {
    // What came into a doomed folder meanwhile is known before it goes.
    if (left.length > 0) await readFeeds(job, context, { signal });
    for (const { steps, perform } of left) await execute(steps, perform);
    if (left.length > 0) reopen(left.flatMap(({ steps }) => steps));
  }
  // What somebody took out of a folder while that went is told by the next reading.
  const hasRemoved = [...done].some(
    ({ action }) => action.type === "trash" && action.holds.length > 1,
  );
  const isNews = isKept || isRescued || hasRemoved || (left.length > 0 && isAnyOpen());
  return { stale, isNews };

  /** What is still marked when all its steps are done was marked after they were planned. */
  function reopen(steps: readonly Step[]): void {
    const view = viewOf(job, context);
    const keysOf = (step: Step) => settledBy(step).map((ref) => keyOf(ref, view));
    const isDone = Map.groupBy(steps, (step) => done.has(step));
    for (const key of isDone.get(true)?.flatMap(keysOf) ?? []) passed.delete(key);
    for (const key of isDone.get(false)?.flatMap(keysOf) ?? []) passed.add(key);
  }

  function isAnyOpen(): boolean {
    const view = viewOf(job, context);
    for (const due of batches(job, context, options)) {
      if (due.some((ref) => !isPassed(ref, view))) return true;
    }
    return false;
  }
}

/** All that is due, also what is marked meanwhile. */
function* batches(job: Job, context: EngineContext, reason: PlanReason): Generator<ItemRef[]> {
  const { dirty } = context.store;
  for (let after = 0; ; ) {
    const due = dirty.due(job.destination.id, dueBy(context, reason), after, batchSize);
    const last = due.at(-1);
    if (!last) return;
    after = last.position;
    yield due;
  }
}

/** Units whose conflict waits for a person, and one of whose versions has news: it may have dissolved. */
function conflictsOfItems(
  { destination }: Job,
  refs: readonly ItemRef[],
  { conflicts }: EngineContext["store"],
): ItemRef[] {
  if (conflicts.count(destination.id) === 0) return [];
  return refs.flatMap(({ side, item }) => {
    const conflict = conflicts.ofItem(destination.id, side, item);
    if (!conflict) return [];
    const { fromId, toId, unit } = conflict;
    return [unit, { side: "from", item: fromId }, { side: "to", item: toId }] as const;
  });
}
