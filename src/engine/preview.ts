import type { Step } from "../core/plan.ts";
import type { EngineContext, Job } from "./context.ts";
import { createKeeper } from "./guarded.ts";
import { dueBy, plannerOf, type ReadOptions, readFeeds, seededView, settle } from "./job.ts";
import { conflictsOf, type Report, reportStep, totalsOf } from "./report.ts";

const batchSize = 5_000;

export interface JobPreview extends Report {
  readonly planned: readonly Step[];
}

/** What a run would do now; reads both feeds and changes nothing at either side. */
export async function previewJob(
  job: Job,
  context: EngineContext,
  options: ReadOptions,
): Promise<JobPreview> {
  await readFeeds(job, context, options);
  return planJob(job, context);
}

/** The same, by what both feeds have told so far. */
export function planJob(job: Job, context: EngineContext): JobPreview {
  const { store } = context;
  const now = { respectQuiet: false };
  const view = seededView(job, context);
  const keeper = createKeeper(job, context);
  keeper.begin();
  keeper.survey(now, batchSize);
  const planner = plannerOf(job, view, context, now);
  const planned: Step[] = [];
  const expanded = new Set<string>();
  for (let after = 0; ; ) {
    const due = store.dirty.due(job.destination.id, dueBy(context, now), after, batchSize);
    const last = due.at(-1);
    if (!last) break;
    after = last.position;
    const plan = planner.plan(due);
    settle(job, due, plan, context, expanded);
    planned.push(...plan.steps);
  }
  const steps = planned.map((step) => reportStep(step));
  const isHeld = !keeper.mayRemove(planned) || keeper.reason() !== null;
  const changes = steps.some((step) => step.do !== "skip");
  return {
    rule: job.rule.name,
    outcome: isHeld ? "held" : changes ? "changes" : "in-step",
    steps,
    totals: totalsOf(steps, {}),
    conflicts: conflictsOf(job.destination.id, store),
    errors: [],
    planned,
  };
}
