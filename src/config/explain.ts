import type { z } from "zod";
import { accountFields, originNames } from "./account-schema.ts";
import type { ConfigDocument, ValuePath } from "./document.ts";
import { nearest } from "./nearest.ts";
import type { Remark, Report } from "./report.ts";
import { mappings } from "./schema.ts";
import { secretFields } from "./secrets.ts";

type Issue = z.core.$ZodIssue;
type TypeIssue = Extract<Issue, { code: "invalid_type" }>;
type UnionIssue = Extract<Issue, { code: "invalid_union" }>;

/** Tells a person what the schema found wrong below `base`, in the file's words and with the nearest right one. */
export function explainIssues(
  report: Report,
  document: ConfigDocument,
  base: ValuePath,
  issues: readonly Issue[],
): void {
  for (const issue of issues.flatMap(innermost)) {
    const steps = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    const path = [...base, ...steps];
    if (issue.code !== "unrecognized_keys") {
      report.problem(path, explain(document, path, issue));
      continue;
    }
    for (const key of issue.keys) {
      report.problem([...path, key], explainKey(key, mappingAt(document, path)));
    }
  }
}

/** The issues of the branch of a union that the value was meant for. */
function innermost(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union" || issue.discriminator !== undefined) return [issue];
  const meant = issue.errors.find((branch) => !branch.some(isWrongKind));
  if (!meant) return [issue];
  return meant
    .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
    .flatMap(innermost);
}

/** Whether the value is not even of the kind that was asked for. */
function isWrongKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_type") return true;
  return issue.code === "invalid_union" && issue.errors.every((branch) => branch.some(isWrongKind));
}

function explain(document: ConfigDocument, path: ValuePath, issue: Issue): Remark {
  const given = document.valueAt(path);
  const field = mappings.get(patternOf(path))?.noun ?? quotedName(path);
  if (given === undefined) {
    return { message: `${mappingAt(document, path.slice(0, -1)).noun} needs ${field}` };
  }
  switch (issue.code) {
    case "invalid_value":
      return explainChoice(field, given, issue.values);
    case "invalid_union":
      if (issue.discriminator !== undefined) return explainChoice(field, given, providers);
      return { message: `${field} must be ${kindsOf(issue)}, found ${show(given)}` };
    case "invalid_type":
      return explainType(field, given, issue, secretFields.has(path.at(-1)));
    case "custom":
      return { message: `${field}: ${issue.message}`, suggestion: suggestionOf(issue.params) };
    default:
      return { message: `${field}: ${issue.message}` };
  }
}

const providers: readonly string[] = [...accountFields.keys()];

interface Mapping {
  readonly noun: string;
  readonly keys: readonly string[];
}

function explainKey(key: string, { noun, keys }: Mapping): Remark {
  const message = `"${key}" is not a field of ${noun}`;
  return { message, suggestion: nearest(key, keys), allowed: keys, atKey: true };
}

function explainChoice(field: string, given: unknown, words: readonly unknown[]): Remark {
  const allowed = words.map(String);
  const suggestion = typeof given === "string" ? nearest(given, allowed) : null;
  return { message: `${field} can't be ${show(given)}`, suggestion, allowed };
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** Truth in the words of YAML 1.1, which are text in YAML 1.2. */
const truths: ReadonlyMap<unknown, string> = new Map([
  ["yes", "true"],
  ["on", "true"],
  ["no", "false"],
  ["off", "false"],
]);

function explainType(field: string, given: unknown, issue: TypeIssue, secret: boolean): Remark {
  const { expected } = issue;
  const bare = typeof given === "number" || typeof given === "boolean";
  const advice = bare && expected === "string" ? ": put it in quotes" : "";
  const what = secret ? "" : `, found ${show(given)}`;
  return {
    message: `${field} must be ${kinds[expected] ?? expected}${what}${advice}`,
    suggestion: expected === "boolean" ? (truths.get(given) ?? null) : null,
  };
}

function kindsOf(issue: UnionIssue): string {
  return [...new Set(expectedKinds(issue))].join(" or ");
}

function expectedKinds(issue: Issue): string[] {
  if (issue.code === "invalid_type") return [kinds[issue.expected] ?? issue.expected];
  if (issue.code !== "invalid_union") return [];
  return issue.errors.flatMap((branch) => branch.filter(isWrongKind).flatMap(expectedKinds));
}

function suggestionOf(params: Readonly<Record<string, unknown>> | undefined): string | null {
  return typeof params?.suggestion === "string" ? params.suggestion : null;
}

function show(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `"mode"`; of an entry of a list, the list's name. */
function quotedName(path: ValuePath): string {
  return `"${path.findLast((step) => typeof step === "string") ?? "the file"}"`;
}

/** What kind of mapping stands at `path`, and which fields it may have. */
function mappingAt(document: ConfigDocument, path: ValuePath): Mapping {
  const known = mappings.get(patternOf(path));
  if (known) return known;
  const provider = String(document.valueAt([...path.slice(0, 2), "provider"]));
  if (path.length > 2) return { noun: quotedName(path), keys: originKeys.get(provider) ?? [] };
  const keys = accountFields.get(provider);
  return keys
    ? { noun: `a ${provider} account`, keys }
    : { noun: "an account", keys: ["provider"] };
}

const originKeys: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(originNames));

/** `rules.*.where`: a path without its indices. */
function patternOf(path: ValuePath): string {
  return path.map((step) => (typeof step === "number" ? "*" : step)).join(".");
}
