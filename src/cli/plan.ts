import { isProviderError } from "../core/error.ts";
import type { Rule } from "../core/rule.ts";
import { formatLocation } from "../core/rule.ts";
import type { Job } from "../engine/context.ts";
import { RuleError } from "../engine/job.ts";
import { previewJob } from "../engine/preview.ts";
import { type Report, totalsOf } from "../engine/report.ts";
import { loadConfig, selectRule } from "./config.ts";
import { exitCodes, UsageError } from "./failure.ts";
import { mergeReports } from "./merge.ts";
import { createProgress, withProgress } from "./progress.ts";
import { type Session, withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { formatErrors, formatSteps, formatSums, sortSteps } from "./steps.ts";

export interface PlanFlags {
  readonly exitCode?: boolean;
  readonly out?: string;
}

/** Shows what a run would do now. */
export async function plan(shell: Shell, name: string, flags: PlanFlags): Promise<number> {
  if (flags.out !== undefined) {
    throw new UsageError("plan --out is not built yet in this version");
  }
  const config = loadConfig(shell);
  const rule = selectRule(config, name);
  const { output } = shell;
  const report = await withSession(shell, { config, exclusive: true, readonly: true }, (session) =>
    withProgress(output, createProgress(shell.now), () => preview(session, rule)),
  );
  output.document(report);
  output.print(format(report, rule, shell));
  if (report.outcome === "failed") return exitCodes.failed;
  return report.outcome === "changes" && flags.exitCode ? exitCodes.differs : exitCodes.done;
}

async function preview(session: Session, rule: Rule): Promise<Report> {
  const { app } = session;
  const reports: Report[] = [];
  for (const job of app.jobsOf(rule)) reports.push(await previewOne(job, session));
  const merged = mergeReports(rule.name, reports);
  const steps = sortSteps(merged.steps);
  return { ...merged, steps, totals: totalsOf(steps, app.apiCalls()) };
}

/** What keeps the rule from running is what the plan says then. */
async function previewOne(job: Job, { app, signal }: Session): Promise<Report> {
  try {
    const { planned, ...report } = await previewJob(job, app.context, { signal });
    return report;
  } catch (error) {
    if (!(error instanceof RuleError) && !isProviderError(error)) throw error;
    const { message } = error;
    const retryable = isProviderError(error) && error.retryable;
    const errors = [{ path: "", message, retryable }];
    return { ...mergeReports(job.rule.name, []), outcome: "failed", errors };
  }
}

function format(report: Report, rule: Rule, { output }: Shell): string {
  const { steps, outcome } = report;
  const to = rule.to.map(formatLocation).join(", ");
  const head = `${output.style("bold", rule.name)}  ${formatLocation(rule.from)} → ${to}`;
  const list = steps.length === 0 ? [] : [formatSteps(steps, output), ""];
  if (outcome === "failed") return [head, formatErrors(report.errors, output)].join("\n");
  const paused = rule.paused ? ["The rule is paused: no run does this."] : [];
  if (outcome === "in-step") return [head, ...list, "In step: there is nothing to do."].join("\n");
  const end = `${formatSums(steps, "planned")}. Nothing was changed; syncline run ${rule.name} does it.`;
  return [head, ...list, ...(paused.length > 0 ? paused : [end])].join("\n");
}
