import { parseDuration } from "../config/units.ts";
import type { EngineEvent } from "../engine/event.ts";
import { type Report, reportStep } from "../engine/report.ts";
import { watch as watchRules } from "../engine/watch.ts";
import { loadConfig, selectRules } from "./config.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { formatTimeOfDay, printable } from "./format.ts";
import { formatUndecided, type Undecided, undecided } from "./held.ts";
import { withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { stepCells } from "./steps.ts";

export interface WatchFlags {
  readonly poll: string;
}

/** Stays, and keeps rules in step until it is told to end. */
export async function watch(
  shell: Shell,
  names: readonly string[],
  flags: WatchFlags,
): Promise<number> {
  const pollMs = parsePoll(flags.poll);
  const config = loadConfig(shell);
  const rules = selectRules(config, names);
  const active = rules.filter(({ paused }) => !paused);
  if (active.length === 0) {
    throw new CommandFailure(
      "there is nothing to watch: all rules are paused or none is configured",
    );
  }
  const teller = createTeller(shell);
  await withSession(
    shell,
    { config, exclusive: true, tell: teller.event },
    async ({ app, signal }) => {
      app.store.runs.closeAbandoned();
      const list = active.map(({ name }) => name).join(", ");
      shell.output.note(`Watching ${list}; Ctrl-C ends it.`);
      await watchRules(
        active.map((rule) => ({ rule, jobs: app.jobsOf(rule) })),
        app.context,
        {
          signal,
          pollMs,
          apiCalls: app.apiCalls,
          onReport(report) {
            teller.report(report);
            const reported = active.filter(({ name }) => name === report.rule);
            teller.waiting(report.rule, undecided(app.store, reported));
          },
          onProblem: teller.problem,
        },
      );
    },
  );
  return exitCodes.done;
}

function parsePoll(text: string): number {
  try {
    return Math.max(1_000, parseDuration(text));
  } catch (error) {
    throw new UsageError(`--poll: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Tells what happens as it happens, one line each; with `--json` one object each. */
function createTeller(shell: Shell) {
  const { output, now } = shell;
  /** What keeps a rule from running is told when it begins, and not again until it changes. */
  const standing = new Map<string, string>();
  /** The same for what waits for a person. */
  const asked = new Map<string, string>();

  function line(text: string): void {
    output.print(`${output.style("gray", formatTimeOfDay(new Date(now())))}  ${text}`);
  }

  function problem(message: string, rule?: string): void {
    output.document({ event: "problem", at: new Date(now()), ...(rule && { rule }), message });
    const who = rule === undefined ? "" : `${rule}: `;
    line(`${output.style("red", "✗")} ${who}${printable(message)}`);
  }

  return {
    problem: (message: string) => problem(message),
    event(event: EngineEvent) {
      if (event.type !== "done" && event.type !== "failed") return;
      const { rule, type } = event;
      const step = reportStep(event.step);
      const message = event.type === "failed" ? { message: event.message } : {};
      output.document({ event: type, at: new Date(now()), rule, ...step, ...message });
      const failed = event.type === "failed" ? output.style("red", printable(event.message)) : "";
      const cells = [output.style("bold", rule), ...stepCells(step, output), failed];
      line(cells.filter((cell) => cell !== "").join("  "));
    },
    report(report: Report) {
      const { rule } = report;
      output.document({ event: "report", at: new Date(now()), ...report });
      // Failures of single steps were told as they happened.
      const message = report.errors.find(({ path }) => path === "")?.message;
      if (message !== undefined && standing.get(rule) !== message) problem(message, rule);
      if (message === undefined) standing.delete(rule);
      else standing.set(rule, message);
    },
    waiting(rule: string, waiting: Undecided) {
      const names = [
        ...waiting.held.map(({ set }) => set),
        ...waiting.conflicts.map(({ id }) => id),
      ];
      const what = names.join(" ");
      if (what === (asked.get(rule) ?? "")) return;
      asked.set(rule, what);
      if (what === "") return;
      output.document({ event: "held", at: new Date(now()), rule, ...waiting });
      for (const text of formatUndecided(waiting, shell)) line(text);
    },
  };
}
