import { type ConfigDocument, openDocument, type ValuePath } from "./document.ts";
import type { Problem } from "./problem.ts";
import type { Fields, UnionProblem } from "./union.ts";

/** Rules as a file of their own: a list, one alone, or what stands under `rules`. */

export interface RulesFile {
  /** By name, in the order of the file. */
  readonly rules: ReadonlyMap<string, Fields>;
  /** Where something stands in the file that is wrong of one of its rules; others are left as they are. */
  locate(problem: UnionProblem): Problem;
}

/** Checks no more than that each rule has a name of its own; `file` is for messages. */
export function readRulesFile(
  text: string,
  file: string,
): RulesFile | { readonly problems: readonly Problem[] } {
  const document = openDocument(text);
  const { syntax, value } = document;
  if (syntax.length > 0) return { problems: syntax.map((problem) => ({ file, ...problem })) };
  const problemAt = (path: ValuePath, message: string): Problem => ({
    file,
    ...document.positionOf(path),
    message,
  });
  const found = entriesOf(document);
  if ("message" in found) return { problems: [problemAt(found.path, found.message)] };
  const { above } = found;
  const rules = new Map<string, Fields>();
  const places = new Map<string, ValuePath>();
  const problems: Problem[] = [];
  for (const [index, fields] of found.entries.entries()) {
    const path = Array.isArray(value) || above.length > 0 ? [...above, index] : [];
    const name = isFields(fields) ? fields.name : undefined;
    if (!isFields(fields) || typeof name !== "string" || name === "") {
      problems.push(problemAt(path, "this is no rule with a name: write name, from, to, ..."));
      continue;
    }
    if (rules.has(name)) {
      problems.push(problemAt([...path, "name"], `"${name}" stands here a second time`));
    }
    rules.set(name, fields);
    places.set(name, path);
  }
  if (problems.length > 0) return { problems };
  return {
    rules,
    locate(problem) {
      const { made } = problem;
      const path = made?.kind === "rule" ? places.get(made.name) : undefined;
      if (!made || !path) return problem;
      const steps = made.field === "" ? [] : made.field.split(".");
      const { place: _, ...rest } = problem;
      return { ...rest, file, ...document.keyPositionOf([...path, ...steps]) };
    },
  };
}

type Entries =
  | { readonly entries: readonly unknown[]; readonly above: ValuePath }
  | { readonly message: string; readonly path: ValuePath };

function entriesOf({ value }: ConfigDocument): Entries {
  if (Array.isArray(value)) return { entries: value, above: [] };
  if (!isFields(value)) return { message: "the file holds no rules", path: [] };
  if (!("rules" in value)) return { entries: [value], above: [] };
  const others = Object.keys(value).filter((key) => key !== "rules");
  if (others.length > 0) {
    const message = `only rules are taken from this file: take "${others[0]}" out, or give the file with --config`;
    return { message, path: [String(others[0])] };
  }
  if (Array.isArray(value.rules)) return { entries: value.rules, above: ["rules"] };
  return { message: '"rules" is a list: begin each rule with "-"', path: ["rules"] };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
