import { formatProblem } from "../config/problem.ts";
import { systemReason } from "../config/system-reason.ts";
import { isProviderError } from "../core/error.ts";
import { RuleError } from "../engine/job.ts";
import { ReviewError } from "../engine/review.ts";
import { CommandFailure, ConfigError, exitCodes, Interrupted, UsageError } from "./failure.ts";
import { printable } from "./format.ts";
import type { Output } from "./output.ts";

/**
 * Tells of what ended a command and returns its exit status: what was to be expected in plain sentences,
 * the rest with its stack. With `--json` stdout gets `{"error":{"message","problems"?}}`.
 */
export function reportError(error: unknown, output: Output): number {
  const problems = error instanceof ConfigError ? error.problems : [];
  const message = sentenceOf(error);
  const lines = problems.length > 0 ? problems.map(formatProblem) : [message ?? stackOf(error)];
  for (const line of lines) {
    // A stack has line ends of its own.
    const text = message === null ? line : printable(line);
    output.note(`${output.noteStyle("red", "syncline:")} ${text}`);
  }
  output.document({
    error: {
      message: message ?? String(error),
      ...(problems.length > 0 && { problems }),
    },
  });
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof ConfigError) return exitCodes.wrongUse;
  return error instanceof Interrupted ? error.exitCode : exitCodes.failed;
}

/** Null for what nobody expected. */
function sentenceOf(error: unknown): string | null {
  const expected = [UsageError, ConfigError, CommandFailure, Interrupted, RuleError, ReviewError];
  if (expected.some((kind) => error instanceof kind) || isProviderError(error)) {
    return (error as Error).message;
  }
  return error instanceof Error ? systemSentence(error) : null;
}

function systemSentence(error: Error & { path?: unknown }): string | null {
  const reason = systemReason(error);
  if (reason === null) return null;
  return typeof error.path === "string" ? `${error.path}: ${reason}` : reason;
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `this should not have happened; please report it with these lines\n${stack}`;
}
