import { isProviderError } from "../core/error.ts";
import type { EngineContext, Job } from "./context.ts";
import { RuleError } from "./job.ts";
import { mergeReports } from "./merge.ts";
import { previewJob } from "./preview.ts";
import { type Report, totalsOf } from "./report.ts";
import { type ReviewedPlan, reviewedPlanOf } from "./reviewed.ts";

export interface RulePreview {
  readonly report: Report;
  /** What can be carried out exactly, for each destination. */
  readonly reviewed: readonly ReviewedPlan[];
}

export interface RulePreviewOptions {
  readonly signal: AbortSignal;
  readonly apiCalls: () => Readonly<Record<string, number>>;
}

/** What a run of a rule would do now, at all of its destinations. What keeps it from running is what it says then. */
export async function previewRule(
  rule: string,
  jobs: readonly Job[],
  context: EngineContext,
  { signal, apiCalls }: RulePreviewOptions,
): Promise<RulePreview> {
  const previews: RulePreview[] = [];
  for (const job of jobs) previews.push(await previewOne(job, context, signal));
  const merged = mergeReports(
    rule,
    previews.map(({ report }) => report),
  );
  const report = { ...merged, totals: totalsOf(merged.steps, apiCalls()) };
  return { report, reviewed: previews.flatMap(({ reviewed }) => reviewed) };
}

async function previewOne(
  job: Job,
  context: EngineContext,
  signal: AbortSignal,
): Promise<RulePreview> {
  try {
    const { planned, ...report } = await previewJob(job, context, { signal });
    return { report, reviewed: [reviewedPlanOf(job, planned, context)] };
  } catch (error) {
    if (!(error instanceof RuleError) && !isProviderError(error)) throw error;
    const { message } = error;
    const retryable = isProviderError(error) && error.retryable;
    const errors = [{ path: "", message, retryable }];
    const nothing = mergeReports(job.rule.name, []);
    return { report: { ...nothing, outcome: "failed", errors }, reviewed: [] };
  }
}
