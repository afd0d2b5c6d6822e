import type { Config } from "../config/parse.ts";
import type { Rule } from "../core/rule.ts";
import type { Job } from "../engine/context.ts";
import { mergeReports } from "../engine/merge.ts";
import { jobOfRun, previewUndo, type UndoReport, undoJob } from "../engine/undo.ts";
import type { RunRow } from "../store/runs.ts";
import { personHere, resultOf } from "./audited.ts";
import { loadConfig, selectRule, selectRules } from "./config.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { formatTime } from "./format.ts";
import { withHooks } from "./notifying.ts";
import { createProgress, withProgress } from "./progress.ts";
import { type Session, withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { formatErrors, formatSteps, formatSums, sortSteps } from "./steps.ts";

export interface UndoFlags {
  readonly rule?: string;
  readonly plan?: boolean;
}

/** Takes a run back, on both sides. */
export async function undo(
  shell: Shell,
  text: string | undefined,
  flags: UndoFlags,
): Promise<number> {
  const number = text === undefined ? null : parseRun(text);
  const config = loadConfig(shell);
  const rules = selectRules(config, flags.rule === undefined ? [] : [flags.rule]);
  const { output } = shell;
  const progress = createProgress(shell.now);
  const { plan: readonly = false } = flags;
  const options = {
    config,
    exclusive: true,
    readonly,
    ...(!readonly && { command: "undo" }),
    tell: progress.tell,
  };
  const outcome = await withSession(shell, options, async (session) => {
    const { store } = session.app;
    if (!readonly) store.runs.closeAbandoned();
    const run = number === null ? newest(session, rules) : named(session, number, rules);
    if (!run) return tellNothing(shell, rules);
    const job = jobOf(session, run, config);
    const { app, signal } = session;
    const undoing = { undoes: run.id, signal, apiCalls: app.apiCalls };
    const work = () =>
      withProgress(output, progress, () =>
        readonly ? previewUndo(job, app.context, undoing) : undoJob(job, app.context, undoing),
      );
    const report = await (readonly ? work() : withHooks(session, shell, work));
    if (!readonly) {
      store.audit.record({
        actor: personHere(),
        action: "undo-run",
        rule: run.rule,
        run: report.run,
        item: String(run.id),
        result: resultOf(report.outcome),
        why: report.errors[0]?.message ?? null,
      });
    }
    output.document(report);
    output.print(format(report, run, shell));
    return report.outcome;
  });
  if (outcome === "failed") return exitCodes.failed;
  return outcome === "held" ? exitCodes.held : exitCodes.done;
}

function parseRun(text: string): number {
  const number = Number(text.replace(/^#/, ""));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`"${text}" is not the number of a run: syncline log shows them`);
}

function newest({ app }: Session, rules: readonly Rule[]): RunRow | null {
  const runs = rules.flatMap(({ name }) => app.store.runs.lastToUndo(name) ?? []);
  return runs.toSorted((a, b) => b.id - a.id)[0] ?? null;
}

function named({ app }: Session, number: number, rules: readonly Rule[]): RunRow {
  const run = app.store.runs.get(number);
  if (!run) throw new UsageError(`there is no run ${number}: syncline log shows them`);
  if (rules.some(({ name }) => name === run.rule)) return run;
  throw new UsageError(
    `run ${number} was one of rule "${run.rule}", which is not among these rules`,
  );
}

/** The destination that the run was about. */
function jobOf({ app }: Session, run: RunRow, config: Config): Job {
  const job = jobOfRun(run, app.jobsOf(selectRule(config, run.rule)));
  if (job) return job;
  throw new CommandFailure(
    `run ${run.id} was about a destination that rule "${run.rule}" no longer has`,
  );
}

function tellNothing({ output }: Shell, rules: readonly Rule[]): "held" {
  const of = rules.length === 1 ? ` of rule "${rules[0]?.name}"` : "";
  const rule = rules.length === 1 ? rules[0]?.name : null;
  const nothing = mergeReports("", []);
  output.document({ ...nothing, rule, undoes: null, run: null, outcome: "held" });
  output.print(`There is nothing to undo: no run${of} has changed anything that was not undone.`);
  return "held";
}

function format(report: UndoReport, undone: RunRow, { output }: Shell): string {
  const { rule, undoes, run, outcome, steps, errors } = report;
  const { id, trigger, startedAt } = undone;
  const what = `run ${id} (${trigger}, ${formatTime(startedAt)})`;
  const name = output.style("bold", rule);
  const list = steps.length === 0 ? [] : [formatSteps(sortSteps(steps), output)];
  if (outcome === "held") {
    const why = steps.length === 0 ? "all is as it was before it" : "nothing of it can be put back";
    return [
      `${output.style("magenta", "‖")} ${name}  run ${undoes} is not undone: ${why}`,
      ...list,
    ].join("\n");
  }
  const sums = formatSums(steps, outcome === "changes" ? "planned" : "done");
  if (outcome === "changes") {
    const end = `${sums}. Nothing was changed; syncline undo ${undoes} does it.`;
    return [`${name}  undo of ${what}`, ...list, end].join("\n");
  }
  const failed = outcome === "failed";
  const sign = failed ? output.style("red", "✗") : output.style("green", "✓");
  const lines = [`${sign} ${name}  undo of ${what}: ${sums || "nothing was put back"}`, ...list];
  if (errors.length > 0) lines.push(formatErrors(errors, output));
  if (failed) lines.push(`What was not put back is tried again by: syncline undo ${undoes}`);
  if (run !== null) lines.push(`Undo this with: syncline undo ${run}`);
  return lines.join("\n");
}
