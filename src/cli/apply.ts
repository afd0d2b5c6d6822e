import type { ApplyReport } from "../engine/apply.ts";
import { applyRule } from "../engine/apply-rule.ts";
import type { ReviewedRule } from "../engine/plan-document.ts";
import { personHere, resultOf } from "./audited.ts";
import { loadConfig, selectRule } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { formatAgo, formatCount, printable } from "./format.ts";
import { shellKey } from "./key-place.ts";
import { withHooks } from "./notifying.ts";
import { readPlanFile } from "./plan-file.ts";
import { createProgress, withProgress } from "./progress.ts";
import { withSession } from "./session.ts";
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
    const { app, signal } = session;
    const { store, context, apiCalls } = app;
    const work = () =>
      applyRule(rule.name, app.jobsOf(rule), context, plan.destinations, { signal, apiCalls });
    store.runs.closeAbandoned();
    const applied = await withHooks(session, shell, () =>
      withProgress(shell.output, progress, work),
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

const fewProblems = 20;

function format(report: ApplyReport, { madeAt }: ReviewedRule, { output, now }: Shell): string {
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
