import type { Problem } from "../config/problem.ts";

/** What a command ends with; the numbers that scripts see. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUse: 2,
  held: 3,
  differs: 4,
} as const;

/** The command was not understood, or names what is not there; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The configuration is wrong; nothing of it was applied. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** Empty when the file itself can't be had. */
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[] = []) {
    super(message);
    this.problems = problems;
  }
}

/** Something that was to be expected stands in the way; the message is a sentence that says what to do. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** A person or the system ended the program before it was done. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** As shells count: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("interrupted; what was done is kept, and the next run goes on from there");
    this.exitCode = exitCode;
  }
}
