import type { ConfigDocument, ValuePath } from "./document.ts";
import type { Problem } from "./problem.ts";

export interface Remark {
  readonly message: string;
  readonly suggestion?: string | null;
  readonly allowed?: readonly string[];
  /** Point at the last key of the path instead of its value. */
  readonly atKey?: boolean;
}

/** Collects what is wrong with a file, each remark at its place in it. */
export interface Report {
  /** The first problem of a value stands; what follows from it is not told. */
  problem(path: ValuePath, remark: Remark): void;
  /** `rules`: see `Problem`. */
  warning(path: ValuePath, message: string, rules?: readonly string[]): void;
  /** In order of place. */
  problems(): Problem[];
  /** In order of place. */
  warnings(): Problem[];
}

export function createReport(file: string, document: ConfigDocument): Report {
  const problems = new Map<string, Problem>();
  const warnings: Problem[] = [];

  return {
    problem(path, { message, suggestion, allowed, atKey }) {
      const key = path.join("\n");
      if (problems.has(key)) return;
      const position = atKey ? document.keyPositionOf(path) : document.positionOf(path);
      problems.set(key, {
        file,
        ...position,
        message,
        ...(suggestion && { suggestion }),
        ...(allowed && { allowed }),
        path,
      });
    },
    warning: (path, message, rules) =>
      warnings.push({ file, ...document.positionOf(path), message, path, ...(rules && { rules }) }),
    problems: () => [...problems.values()].sort(byPlace).filter(isNews),
    warnings: () => warnings.toSorted(byPlace),
  };
}

/** What stands behind an anchor is found wrong wherever it is used, and told once. */
function isNews(problem: Problem, index: number, sorted: readonly Problem[]): boolean {
  const former = sorted[index - 1];
  return !former || byPlace(former, problem) !== 0 || former.message !== problem.message;
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
