import { formatLocation, type Rule } from "../core/rule.ts";
import { previewRule, type RulePreview } from "../engine/preview-rule.ts";
import type { Report } from "../engine/report.ts";
import { undecided } from "../engine/review.ts";
import { loadConfig, selectRule } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { formatUndecided, withHeld } from "./held.ts";
import { shellKey } from "./key-place.ts";
import { writePlanFile } from "./plan-file.ts";
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
  const config = loadConfig(shell);
  const rule = selectRule(config, name);
  const { output } = shell;
  const options = { config, exclusive: true, readonly: true };
  const { report, reviewed, waiting } = await withSession(shell, options, async (session) => ({
    ...(await withProgress(output, createProgress(shell.now), () => preview(session, rule))),
    waiting: undecided(session.app.store, [rule]),
  }));
  output.document(withHeld(report, waiting));
  output.print([format(report, rule, shell), ...formatUndecided(waiting, shell)].join("\n"));
  if (report.outcome === "failed") return exitCodes.failed;
  if (flags.out !== undefined) {
    const madeAt = new Date(shell.now());
    const made = { rule: rule.name, madeAt, destinations: reviewed };
    writePlanFile(flags.out, made, shellKey(shell));
    output.print(
      `The plan is in ${flags.out}; syncline apply ${flags.out} carries out exactly this.`,
    );
  }
  return report.outcome !== "in-step" && flags.exitCode ? exitCodes.differs : exitCodes.done;
}

async function preview({ app, signal }: Session, rule: Rule): Promise<RulePreview> {
  const { context, apiCalls } = app;
  const options = { signal, apiCalls };
  const { report, reviewed } = await previewRule(rule.name, app.jobsOf(rule), context, options);
  return { report: { ...report, steps: sortSteps(report.steps) }, reviewed };
}

function format(report: Report, rule: Rule, { output }: Shell): string {
  const { steps, outcome } = report;
  const to = rule.to.map(formatLocation).join(", ");
  const arrow = rule.mode === "two-way" ? "↔" : "→";
  const head = `${output.style("bold", rule.name)}  ${formatLocation(rule.from)} ${arrow} ${to}`;
  const list = steps.length === 0 ? [] : [formatSteps(steps, output), ""];
  if (outcome === "failed") return [head, formatErrors(report.errors, output)].join("\n");
  const paused = rule.paused ? ["The rule is paused: no run does this."] : [];
  if (outcome === "in-step") return [head, ...list, "In step: there is nothing to do."].join("\n");
  const sums = formatSums(steps, "planned") || "Nothing to do by itself";
  const does = outcome === "held" ? "does it, but for what is held" : "does it";
  const end = `${sums}. Nothing was changed; syncline run ${rule.name} ${does}.`;
  return [head, ...list, ...(paused.length > 0 ? paused : [end])].join("\n");
}
