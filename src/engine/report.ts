import { isProviderError } from "../core/error.ts";
import type { Step, Verb } from "../core/plan.ts";
import { retryDefaults } from "../layers/retry.ts";
import type { Store } from "../store/open.ts";
import type { Outcome, StepRow } from "../store/runs.ts";
import type { Job } from "./context.ts";

/** What a plan would do, or a run did; the document that `plan --json` and `run --json` end with. */
export interface Report {
  readonly rule: string;
  readonly outcome: Outcome;
  readonly steps: readonly ReportStep[];
  readonly totals: Totals;
  /** Conflicts that wait for a person; settled ones are steps. */
  readonly conflicts: readonly ReportConflict[];
  readonly errors: readonly ReportError[];
}

export interface ReportStep {
  readonly do: Verb;
  readonly side: "to" | "from";
  readonly path: string;
  readonly from?: string;
  readonly bytes: number;
  readonly why: string;
}

export interface ReportConflict {
  readonly id: string;
  readonly path: string;
  readonly why: string;
}

export interface Totals {
  /** Files that were, or would be, transferred. */
  readonly files: number;
  readonly bytes: number;
  readonly uploads: number;
  readonly downloads: number;
  /** Requests to each account. */
  readonly apiCalls: Readonly<Record<string, number>>;
}

export interface ReportError extends Failed {
  readonly path: string;
}

/** Why something could not be done. */
export interface Failed {
  readonly message: string;
  readonly retryable: boolean;
  /** Before then its service takes nothing more, ISO 8601. Absent: it may be tried at once. */
  readonly retryAt?: string;
}

/** An error in words for people; with the date, where a service asks for so long a rest that no request waits for it. */
export function failedWith(error: unknown, nowMs: number): Failed {
  const message = error instanceof Error ? error.message : String(error);
  if (!isProviderError(error)) return { message, retryable: false };
  const { retryable, retryAfterMs } = error;
  if (!isLongRest(error)) return { message, retryable };
  const retryAt = new Date(nowMs + (retryAfterMs ?? 0)).toISOString();
  const date = retryAt.replace("T", " ").replace(/:\d\d\..*$/, " UTC");
  return { message: `${message}; it goes on at ${date}`, retryable, retryAt };
}

/** Whether a service wants to be left alone for longer than a request waits. */
export const isLongRest = (error: unknown): boolean =>
  isProviderError(error, "rate-limited") &&
  (error.retryAfterMs ?? 0) > retryDefaults.maxRetryAfterMs;

/** The step as people and scripts see it. */
export function reportStep(
  step: Omit<ReportStep, "from"> & Pick<Step, "from">,
  bytes = step.bytes,
): ReportStep {
  const { do: verb, side, path, from, why } = step;
  return { do: verb, side, path, ...(from !== undefined && { from }), bytes, why };
}

/** A step of the log as the API and scripts see it. */
export function loggedStepOf(row: StepRow) {
  const { id, at, rule, run, do: verb, side, path, fromPath, bytes, why, error } = row;
  return {
    id,
    at: at.toISOString(),
    rule,
    run,
    do: verb,
    side,
    path,
    ...(fromPath !== null && { from: fromPath }),
    bytes,
    why,
    error,
  };
}

/** The review queue of a destination. */
export function conflictsOf(destination: number, { conflicts }: Store): ReportConflict[] {
  return conflicts.open(destination).map(({ id, path, why }) => ({ id, path, why }));
}

/** Counts of what the steps transfer. */
export function totalsOf(
  steps: readonly ReportStep[],
  apiCalls: Readonly<Record<string, number>>,
): Totals {
  const transfers = steps.filter((step) => step.do === "upload" || step.do === "update");
  return {
    files: transfers.length,
    bytes: transfers.reduce((sum, step) => sum + step.bytes, 0),
    uploads: transfers.length,
    downloads: transfers.length,
    apiCalls,
  };
}

/** Requests to both accounts of a job between two counts. */
export function callsSince(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  { from, to }: Job,
): Record<string, number> {
  const names = [...new Set([from.name, to.name])];
  return Object.fromEntries(names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
}
