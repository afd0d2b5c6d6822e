import type { Rule } from "../core/rule.ts";
import { type ApplyReport, applyJob, checkReviewed } from "../engine/apply.ts";
import type { Job } from "../engine/context.ts";
import { mergeReports } from "../engine/merge.ts";
import type { ReviewedPlan } from "../engine/reviewed.ts";
import { personHere, resultOf } from "./audited.ts";
import { loadConfig, selectRule } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { formatAgo, formatCount, printable } from "./format.ts";
import { shellKey } from "./key-place.ts";
import { withHooks } from "./notifying.ts";
import { type PlanFile, readPlanFile } from "./plan-file.ts";
import { createProgress, withProgress } from "./progress.ts";
import { type Session, withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { formatErrors, formatSteps, formatSums, sortSteps } from "./steps.ts";

/** Carries out exactly what a person has reviewed, or nothing. */
export async function apply(shell: Shell, file: string): Promise<number> {
  const plan = readPlanFile(file, () => shellKey(shell));
  const config = loadConfig(shell);
  const rule = selectRule(config, plan.rule);
  const progress = createProgress(shell.now);
  const options = { config, exclusive: true, command: "apply", tell: progress.tell };
  const report = await withSession(shell, options, async (session) => {
    const { store } = session.app;
    store.runs.closeAbandoned();
    const applied = await withHooks(session, shell, () =>
      withProgress(shell.output, progress, () => applyAll(session, rule, plan)),
    );
    store.audit.record({
      actor: personHere(),
      action: "apply-plan",
      rule: rule.name,
      result: resultOf(applied.outcome),
      why: applied.movedOn[0] ?? applied.errors[0]?.message ?? null,
    });
    return applied;
  });
  shell.output.document(report);
  shell.output.print(format(report, plan, shell));
  if (report.outcome === "failed") return exitCodes.failed;
  return report.outcome === "held" ? exitCodes.held : exitCodes.done;
}

/** All destinations are looked at before anything is done at one of them. */
async function applyAll(
  { app, signal }: Session,
  rule: Rule,
  { destinations }: PlanFile,
): Promise<ApplyReport> {
  const jobs = app.jobsOf(rule);
  const pairs: { job: Job; plan: ReviewedPlan }[] = [];
  const movedOn: string[] = [];
  const fresh = new Map();
  for (const plan of destinations) {
    const job = jobs.find(({ destination }) => destination.location === plan.location);
    if (!job) {
      movedOn.push(`rule "${rule.name}" no longer has the destination ${plan.location}`);
      continue;
    }
    pairs.push({ job, plan });
    movedOn.push(...(await checkReviewed(job, app.context, plan, { signal, fresh })));
  }
  if (movedOn.length > 0) {
    return { ...mergeReports(rule.name, []), outcome: "held", movedOn: [...new Set(movedOn)] };
  }
  const reports: ApplyReport[] = [];
  for (const { job, plan } of pairs) {
    const { apiCalls } = app;
    reports.push(await applyJob(job, app.context, plan, { signal, apiCalls }));
  }
  const merged = mergeReports(rule.name, reports);
  return { ...merged, movedOn: reports.flatMap((report) => report.movedOn) };
}

const fewProblems = 20;

function format(report: ApplyReport, { madeAt }: PlanFile, { output, now }: Shell): string {
  const { rule, outcome, steps, errors, movedOn, conflicts } = report;
  const name = output.style("bold", rule);
  if (movedOn.length > 0) {
    const head = `${output.style("magenta", "‖")} ${name}  refused, nothing was done: since the plan was made ${formatAgo(madeAt, now())}`;
    const list = movedOn.slice(0, fewProblems).map((problem) => `  ${printable(problem)}`);
    const more = movedOn.length - fewProblems;
    if (more > 0) list.push(`  and ${formatCount(more, "other thing")}`);
    return [head, ...list, `syncline plan ${rule} --out FILE makes a new one.`].join("\n");
  }
  const failed = outcome === "failed";
  const sign = failed ? output.style("red", "✗") : output.style("green", "✓");
  const sums = formatSums(steps, "done") || "nothing to do";
  const lines = [`${sign} ${name}  ${failed ? "failed" : "carried out"}: ${sums}`];
  if (steps.length > 0) lines.push(formatSteps(sortSteps(steps), output));
  if (errors.length > 0) lines.push(formatErrors(errors, output));
  if (conflicts.length > 0) lines.push("Conflicts wait for you: syncline conflicts");
  if (outcome === "changes") lines.push(`There is more to do by now: syncline plan ${rule}`);
  return lines.join("\n");
}
