import { parseConfig } from "../../src/config/parse.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Surroundings } from "../../src/config/secrets.ts";

const surroundings: Surroundings = {
  file: "/etc/syncline/syncline.yaml",
  env: {},
  readFile(path) {
    throw new Error(`ENOENT: no such file or directory, open '${path}'`);
  },
};

export function parse(text: string, over: Partial<Surroundings> = {}) {
  return parseConfig(text, { ...surroundings, ...over });
}

/** The configuration; fails with its problems when there are any. */
export function right(text: string, over: Partial<Surroundings> = {}) {
  const outcome = parse(text, over);
  if ("config" in outcome) return outcome.config;
  throw new Error(outcome.problems.map(formatProblem).join("\n"));
}

/** What is wrong, one `line:column: text` each. */
export function wrong(text: string, over: Partial<Surroundings> = {}): string[] {
  const outcome = parse(text, over);
  return "config" in outcome ? [] : outcome.problems.map(shortly);
}

export function warned(text: string, over: Partial<Surroundings> = {}): string[] {
  return parse(text, over).warnings.map(shortly);
}

function shortly(problem: Parameters<typeof formatProblem>[0]): string {
  return formatProblem(problem).replace(`${problem.file}:`, "");
}

/** Two local accounts on the first line, `rule` (one YAML flow mapping's content) on the third. */
export function withRule(rule: string): string {
  return `accounts: { a: { provider: local, root: /a }, b: { provider: local, root: /b } }
rules:
- { name: r, from: a:/x, to: b:/y, ${rule} }`;
}
