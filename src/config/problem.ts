import type { ValuePath } from "./document.ts";

/** Something in the configuration that a person should mend. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What was found, what is wrong with it and, where `suggestion` and `allowed` don't say it, how to mend it. */
  readonly message: string;
  /** The nearest right word. */
  readonly suggestion?: string;
  readonly allowed?: readonly string[];
  /** Of the value that it is about. Absent where the text itself can't be read. */
  readonly path?: ValuePath;
  /** The rules that it is about, where that is not only the one in which it stands. */
  readonly rules?: readonly string[];
  /** Where it stands when that is not in the file. */
  readonly place?: string;
}

/** `syncline.yaml:12:9: "mod" is not a field of a rule; did you mean "mode"? (allowed: name, from, ...)` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, message, suggestion, allowed } = problem;
  const { place = `${file}:${line}:${column}` } = problem;
  const meant = suggestion === undefined ? "" : `; did you mean ${JSON.stringify(suggestion)}?`;
  const words = allowed === undefined ? "" : ` (allowed: ${allowed.join(", ")})`;
  return `${place}: ${message}${meant}${words}`;
}
