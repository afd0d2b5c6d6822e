import type { Rule } from "../core/rule.ts";
import type { EngineEvent } from "../engine/event.ts";
import { mergeReports } from "../engine/merge.ts";
import { type Report, reportStep } from "../engine/report.ts";
import { type Undecided, undecided } from "../engine/review.ts";
import { type RunOptions, runJob } from "../engine/run.ts";
import { loadConfig, selectRules } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { formatBytes, formatCount, formatNumber, formatSpan } from "./format.ts";
import { formatUndecided, withHeld } from "./held.ts";
import { withHooks } from "./notifying.ts";
import type { Style } from "./output.ts";
import { createProgress, withProgress } from "./progress.ts";
import { type Session, withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { formatErrors, formatSteps, formatSums, sortSteps } from "./steps.ts";

export interface RunFlags {
  readonly all?: boolean;
  readonly verbose?: boolean;
}

/** How many steps of a rule are listed without --verbose. */
const fewSteps = 20;

/** Brings rules in step, once. */
export async function run(
  shell: Shell,
  names: readonly string[],
  flags: RunFlags,
): Promise<number> {
  const config = loadConfig(shell);
  const rules = selectRules(config, flags.all ? [] : names);
  const progress = createProgress(shell.now);
  const tell = (event: EngineEvent) => {
    progress.tell(event);
    if (flags.verbose && event.type === "done") {
      shell.output.print(formatSteps([reportStep(event.step)], shell.output));
    }
  };
  const startedMs = shell.now();
  const options = { config, exclusive: true, command: "run", tell };
  const reports = await withSession(shell, options, (session) => {
    session.app.store.runs.closeAbandoned();
    return withHooks(session, shell, () =>
      withProgress(shell.output, progress, () => runAll(session, rules, shell, flags)),
    );
  });
  shell.output.print(formatTotals(reports, rules.length, shell.now() - startedMs));
  if (reports.some(({ outcome }) => outcome === "failed")) return exitCodes.failed;
  return reports.some(({ outcome }) => outcome === "held") ? exitCodes.held : exitCodes.done;
}

const signs = {
  "in-step": { text: "✓", style: "green" },
  changes: { text: "✓", style: "green" },
  held: { text: "‖", style: "magenta" },
  failed: { text: "✗", style: "red" },
} as const satisfies Record<Report["outcome"], { text: string; style: Style }>;

/** What a run without a step says. */
const nothings: Readonly<Record<Report["outcome"], string>> = {
  "in-step": "nothing to do",
  changes: "nothing to do",
  held: "nothing else to do",
  failed: "",
};

/** One rule after the other, in the order of the file; what fails stops no other. */
async function runAll(
  session: Session,
  rules: readonly Rule[],
  shell: Shell,
  flags: RunFlags,
): Promise<Report[]> {
  const reports: Report[] = [];
  const fresh: RunOptions["fresh"] = new Map();
  for (const rule of rules) {
    session.signal.throwIfAborted();
    if (rule.paused) {
      tellPaused(rule, shell);
      continue;
    }
    const { report, undoable } = await runRule(session, rule, fresh);
    const waiting = undecided(session.app.store, [rule]);
    reports.push(report);
    shell.output.document(withHeld(report, waiting));
    shell.output.print([format(report, waiting, shell, flags), ...undoable.map(hint)].join("\n"));
  }
  return reports;
}

const hint = (run: number) => `  undo with: syncline undo ${run}`;

/** `undoable`: the runs, one for each destination, that changed something. */
async function runRule(
  { app, signal }: Session,
  rule: Rule,
  fresh: NonNullable<RunOptions["fresh"]>,
): Promise<{ report: Report; undoable: readonly number[] }> {
  const { apiCalls, store } = app;
  const reports: Report[] = [];
  const undoable: number[] = [];
  for (const job of app.jobsOf(rule)) {
    const options = { trigger: "manual", respectQuiet: false, signal, fresh, apiCalls };
    reports.push(await runJob(job, app.context, options));
    const run = store.runs.last(rule.name, job.destination.id)?.id;
    if (run !== undefined && store.runs.lastToUndo(rule.name)?.id === run) undoable.push(run);
  }
  return { report: mergeReports(rule.name, reports), undoable };
}

/** A paused rule is left out; scripts still get an object for it. */
function tellPaused({ name }: Rule, { output }: Shell): void {
  const nothing = mergeReports(name, []);
  output.document({ ...nothing, outcome: "held", paused: true });
  output.print(`${output.style("yellow", "‖")} ${output.style("bold", name)}  paused, left out`);
}

function format(
  report: Report,
  waiting: Undecided,
  shell: Shell,
  { verbose = false }: RunFlags,
): string {
  const { output } = shell;
  const { rule, outcome, steps, errors } = report;
  const failed = outcome === "failed";
  const sign = output.style(signs[outcome].style, signs[outcome].text);
  const state = failed ? "failed" : outcome === "held" ? "held" : "in step";
  const sums = formatSums(steps, "done") || nothings[outcome];
  const lines = [`${sign} ${output.style("bold", rule)}  ${state}${sums && `: ${sums}`}`];
  if (!verbose && steps.length > 0) lines.push(...listed(steps, rule, output));
  if (errors.length > 0) lines.push(formatErrors(errors, output));
  return [...lines, ...formatUndecided(waiting, shell)].join("\n");
}

function listed(steps: Report["steps"], rule: string, output: Shell["output"]): string[] {
  const few = formatSteps(sortSteps(steps).slice(0, fewSteps), output);
  const more = steps.length - fewSteps;
  return more <= 0 ? [few] : [few, `  and ${formatNumber(more)} more: syncline log --rule ${rule}`];
}

function formatTotals(reports: readonly Report[], rules: number, tookMs: number): string {
  const { totals } = mergeReports("", reports);
  const count = (...outcomes: Report["outcome"][]) =>
    reports.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const requests = Object.values(totals.apiCalls).reduce((sum, calls) => sum + calls, 0);
  const states = [
    `${formatCount(count("in-step", "changes"), "rule")} in step`,
    ...(count("held") > 0 ? [`${count("held")} held`] : []),
    ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
    ...(rules > reports.length ? [`${rules - reports.length} paused`] : []),
  ];
  const rate = tookMs > 0 ? `, ${formatBytes((totals.bytes * 1_000) / tookMs)}/s` : "";
  const moved = `${formatCount(totals.files, "file")}, ${formatBytes(totals.bytes)}`;
  const time = `${formatSpan(tookMs)}${totals.bytes > 0 ? rate : ""}`;
  const calls = requests > 0 ? `, ${formatCount(requests, "request")}` : "";
  return `${states.join(", ")}; ${moved} in ${time}${calls}`;
}
