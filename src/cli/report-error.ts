import { formatProblem } from "../config/problem.ts";
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
  return error instanceof Error && "code" in error ? systemSentence(error) : null;
}

const systemReasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not do that: check who owns it and its permissions",
  EPERM: "this user may not do that: check who owns it and its permissions",
  EROFS: "it is on a disk that can only be read",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of its path is a file, not a folder",
  EISDIR: "it is a folder, not a file",
  ENOSPC: "the disk is full",
  EMFILE: "too many files are open: raise the limit (ulimit -n)",
  SQLITE_FULL: "the disk with the state is full",
  SQLITE_BUSY: "another program keeps the state locked: try again when it is done",
  SQLITE_CORRUPT: "the state file is damaged: restore a backup, or move it away to begin anew",
  SQLITE_NOTADB: "the state file is not Syncline's: move it away, or give another --data folder",
  SQLITE_READONLY: "the state can't be written: check who owns the data folder",
};

function systemSentence(error: Error & { code?: unknown; path?: unknown }): string | null {
  const reason = systemReasons[String(error.code)];
  if (reason === undefined) return null;
  return typeof error.path === "string" ? `${error.path}: ${reason}` : reason;
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `this should not have happened; please report it with these lines\n${stack}`;
}
