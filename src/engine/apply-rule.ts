import { type ApplyOptions, type ApplyReport, applyJob, checkReviewed } from "./apply.ts";
import type { EngineContext, Job } from "./context.ts";
import { mergeReports } from "./merge.ts";
import type { ReviewedPlan } from "./reviewed.ts";

/**
 * Carries out a reviewed plan at all destinations of a rule; all are looked at before anything is done at one of them.
 * `held` with `movedOn`: nothing was done.
 */
export async function applyRule(
  rule: string,
  jobs: readonly Job[],
  context: EngineContext,
  destinations: readonly ReviewedPlan[],
  options: Pick<ApplyOptions, "signal" | "apiCalls">,
): Promise<ApplyReport> {
  const pairs: { job: Job; plan: ReviewedPlan }[] = [];
  const movedOn: string[] = [];
  const fresh = new Map();
  for (const plan of destinations) {
    const job = jobs.find(({ destination }) => destination.location === plan.location);
    if (!job) {
      movedOn.push(`rule "${rule}" no longer has the destination ${plan.location}`);
      continue;
    }
    pairs.push({ job, plan });
    const { signal } = options;
    movedOn.push(...(await checkReviewed(job, context, plan, { signal, fresh })));
  }
  if (movedOn.length > 0) {
    return { ...mergeReports(rule, []), outcome: "held", movedOn: [...new Set(movedOn)] };
  }
  const reports: ApplyReport[] = [];
  for (const { job, plan } of pairs) reports.push(await applyJob(job, context, plan, options));
  const merged = mergeReports(rule, reports);
  return { ...merged, movedOn: reports.flatMap((report) => report.movedOn) };
}
