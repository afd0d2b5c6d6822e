import type { EngineContext, Job } from "./context.ts";
import { mergeVerifyReports } from "./merge.ts";
import { type VerifyOptions, type VerifyReport, verifyJob } from "./verify.ts";

/** `verifyJob` for all destinations of a rule, one after the other. */
export async function verifyRule(
  rule: string,
  jobs: readonly Job[],
  context: EngineContext,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const reports: VerifyReport[] = [];
  for (const job of jobs) reports.push(await verifyJob(job, context, options));
  return mergeVerifyReports(rule, reports);
}
