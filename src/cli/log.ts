import { setTimeout as delay } from "node:timers/promises";
import { nearest } from "../config/nearest.ts";
import { parseDuration } from "../config/units.ts";
import { type Verb, verbs } from "../core/plan.ts";
import { loggedStepOf } from "../engine/report.ts";
import type { StepRow } from "../store/runs.ts";
import { loadConfig } from "./config.ts";
import { exitCodes, Interrupted, UsageError } from "./failure.ts";
import { formatTime, printable } from "./format.ts";
import { listenForInterruption } from "./interruption.ts";
import type { Output } from "./output.ts";
import type { Shell } from "./shell.ts";
import { openState, withState } from "./state.ts";
import { stepCells } from "./steps.ts";
import { table } from "./table.ts";

export interface LogFlags {
  readonly rule?: string;
  readonly since?: string;
  readonly limit: string;
  readonly follow?: boolean;
}

interface Filter {
  readonly rule?: string;
  readonly since?: Date;
  readonly limit: number;
}

const pollMs = 500;

/** Shows what was done, when and why, the newest last. */
export async function log(shell: Shell, flags: LogFlags): Promise<number> {
  const { output } = shell;
  const filter = parseFilter(flags, shell.now());
  if (flags.follow) return follow(shell, filter);
  const steps = await withState(shell, (store) => store?.runs.log(filter) ?? []);
  refuseUnknownRule(shell, filter.rule, steps);
  output.document({ steps: steps.map(loggedStepOf) });
  output.print(steps.length === 0 ? "Nothing was done." : formatLog(steps, output));
  if (steps.length === filter.limit) {
    output.note(`Only the newest ${filter.limit} steps are shown; --limit shows more.`);
  }
  return exitCodes.done;
}

/** Shows what is there and then what comes, until it is interrupted. */
async function follow(shell: Shell, filter: Filter): Promise<number> {
  const { output } = shell;
  const { signal, dispose } = listenForInterruption();
  let after = 0;
  let store = openState(shell);
  try {
    for (;;) {
      store ??= openState(shell);
      const steps = store?.runs.log({ ...filter, after }) ?? [];
      for (const step of steps) output.document(loggedStepOf(step));
      if (steps.length > 0) output.print(formatLog(steps, output));
      after = steps.at(-1)?.id ?? after;
      await delay(pollMs, undefined, { signal });
    }
  } catch (error) {
    if (signal.reason instanceof Interrupted) return exitCodes.done;
    throw error;
  } finally {
    dispose();
    store?.close();
  }
}

function parseFilter({ rule, since, limit }: LogFlags, nowMs: number): Filter {
  const count = Number(limit);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new UsageError(`--limit: "${limit}" is not a number of steps from 1 on`);
  }
  return {
    ...(rule !== undefined && { rule }),
    ...(since !== undefined && { since: parseSince(since, nowMs) }),
    limit: count,
  };
}

/** `1d`: so long ago; else a date. */
export function parseSince(text: string, nowMs: number): Date {
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : null;
  if (date && !Number.isNaN(date.getTime())) return date;
  try {
    return new Date(nowMs - parseDuration(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--since: ${reason}, or a date such as 2026-11-22`);
  }
}

/** A rule that left the configuration keeps its log; a name that neither knows is a slip. */
function refuseUnknownRule(
  shell: Shell,
  rule: string | undefined,
  steps: readonly StepRow[],
): void {
  if (rule === undefined || steps.length > 0) return;
  const known = loadConfig(shell).rules.map(({ name }) => name);
  if (known.includes(rule)) return;
  const near = nearest(rule, known);
  const meant = near === null ? "" : `; did you mean "${near}"?`;
  throw new UsageError(`neither the configuration nor the log has a rule "${rule}"${meant}`);
}

/** One line a step: when, in which run, for which rule, what, and how it failed. */
export function formatLog(steps: readonly StepRow[], output: Output): string {
  const rows = steps.map((step) => {
    const { at, rule, run, error, fromPath, ...same } = step;
    const verb = verbOf(step.do);
    const from = fromPath === null ? {} : { from: fromPath };
    const [what = "", where = "", bytes = "", why = ""] = stepCells(
      { ...same, do: verb, ...from },
      output,
    );
    const failed = output.style("red", `✗ ${verb}`);
    const reason = error === null ? why : output.style("red", printable(error));
    return [
      output.style("gray", formatTime(at)),
      output.style("gray", `#${run}`),
      rule,
      error === null ? what : failed,
      where,
      bytes,
      reason,
    ];
  });
  return table(rows, { right: [1, 5] });
}

/** The state outlives versions: a verb that this one does not know is shown as a skip. */
function verbOf(word: string): Verb {
  return verbs.find((verb) => verb === word) ?? "skip";
}
