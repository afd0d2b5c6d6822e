import type { Contact } from "../core/contact.ts";
import { openDocument, type ValuePath } from "./document.ts";
import { ownReferences } from "./own.ts";
import { type Config, parseConfig } from "./parse.ts";
import type { Problem } from "./problem.ts";
import { isReference, type Surroundings, secretRuleFields } from "./secrets.ts";

/** A configuration of two sources: a `syncline.yaml`, and what was made in the dashboard. */

/** Fields as in a `syncline.yaml`. */
export type Fields = Readonly<Record<string, unknown>>;

export interface MadeThings {
  readonly accounts: ReadonlyMap<string, Fields>;
  readonly rules: readonly Fields[];
  /** Entries of `notify`, by their ids. */
  readonly notify: ReadonlyMap<string, Fields>;
  /** Rules of either source that a person has paused. */
  readonly paused: ReadonlySet<string>;
}

export const nothingMade: MadeThings = {
  accounts: new Map(),
  rules: [],
  notify: new Map(),
  paused: new Set(),
};

export interface Union {
  readonly config: Config;
  /** Each rule as it was written, by its name. */
  readonly fields: ReadonlyMap<string, Fields>;
  /** Names of those that stand in the file. */
  readonly inFile: { readonly accounts: ReadonlySet<string>; readonly rules: ReadonlySet<string> };
}

export type ParsedUnion =
  | { readonly union: Union; readonly warnings: readonly UnionProblem[] }
  | { readonly problems: readonly UnionProblem[]; readonly warnings: readonly UnionProblem[] };

export interface UnionProblem extends Problem {
  /** In what was made: which thing, and the path of the field in it. */
  readonly made?: {
    readonly kind: "account" | "rule" | "contact";
    readonly name: string;
    readonly field: string;
  };
}

/**
 * Reads both sources by the one road: the same schema, and one check of what the rules do to each other. A file
 * that is wrong by itself is told of alone. `text` null: there is no file.
 */
export function parseUnion(
  text: string | null,
  made: MadeThings,
  surroundings: Surroundings,
): ParsedUnion {
  const alone = text === null ? null : parseConfig(text, surroundings);
  if (alone && "problems" in alone) return alone;
  const file = outline(text === null ? null : openDocument(text).value);
  const isMade = made.accounts.size > 0 || made.rules.length > 0 || made.notify.size > 0;
  const taken = [...made.accounts.keys()].filter((name) => name in file.accounts);
  if (taken.length > 0) return { problems: taken.map((name) => twice(name)), warnings: [] };
  const refused = [
    ...made.rules.flatMap((rule) => [...bareSecrets(rule), ...startsPrograms(rule)]),
    ...namesOwn(made, surroundings),
  ];
  if (refused.length > 0) return { problems: refused, warnings: [] };
  const nothing = { accounts: new Map(), rules: [], notify: [], timeZone: null };
  const empty = { config: nothing, warnings: [] };
  const both = isMade ? parseConfig(joined(file, made), surroundings) : (alone ?? empty);
  const doubts = both.warnings.map((warning) => located(warning, file, made));
  const warnings = [...(alone?.warnings ?? []), ...doubts.filter((doubt) => doubt.made)];
  if ("problems" in both) {
    const problems = both.problems.map((problem) => located(problem, file, made));
    return { problems, warnings };
  }
  return { union: unionOf(both.config, file, made), warnings };
}

interface Outline {
  readonly accounts: Fields;
  readonly rules: readonly unknown[];
  readonly notify: readonly unknown[];
  readonly rest: Fields;
}

/** Of a file of which all is right, or of none. */
function outline(value: unknown): Outline {
  if (!isFields(value)) return { accounts: {}, rules: [], notify: [], rest: {} };
  const { accounts, rules, notify, ...rest } = value;
  return {
    accounts: isFields(accounts) ? accounts : {},
    rules: Array.isArray(rules) ? rules : [],
    notify: Array.isArray(notify) ? notify : [],
    rest,
  };
}

/** JSON is YAML too. */
function joined(file: Outline, made: MadeThings): string {
  return JSON.stringify({
    ...file.rest,
    accounts: { ...file.accounts, ...Object.fromEntries(made.accounts) },
    rules: [...file.rules, ...made.rules],
    notify: [...file.notify, ...made.notify.values()],
  });
}

function unionOf(given: Config, file: Outline, made: MadeThings): Union {
  const names = given.rules.map(({ name }) => name);
  const written = [...file.rules, ...made.rules].filter(isFields);
  const rules = given.rules.map((rule) =>
    made.paused.has(rule.name) ? Object.freeze({ ...rule, paused: true }) : rule,
  );
  return {
    config: Object.freeze({
      ...given,
      rules: Object.freeze(rules),
      notify: Object.freeze(placedContacts(given.notify, file, made)),
    }),
    fields: new Map(written.map((fields, index) => [names[index] ?? "", masked(fields)])),
    inFile: {
      accounts: new Set(Object.keys(file.accounts)),
      rules: new Set(names.slice(0, file.rules.length)),
    },
  };
}

function placedContacts(given: Config["notify"], file: Outline, made: MadeThings): Contact[] {
  const ids = [...made.notify.keys()];
  return given.map((contact, index) => {
    const id = ids[index - file.notify.length];
    return id === undefined ? contact : Object.freeze({ ...contact, id, place: "dashboard" });
  });
}

/** Lines and columns of a text that nobody wrote help nobody. */
function located(problem: Problem, file: Outline, made: MadeThings): UnionProblem {
  const { path = [] } = problem;
  const [kind, key, ...field] = path;
  if (kind === "accounts" && made.accounts.has(String(key))) {
    return placed(problem, "account", String(key), field);
  }
  const index = Number(key) - file.rules.length;
  if (kind === "notify") {
    const id = [...made.notify.keys()][Number(key) - file.notify.length];
    return id === undefined ? problem : placed(problem, "contact", id, field);
  }
  const rule = kind === "rules" ? made.rules[index] : undefined;
  return rule ? placed(problem, "rule", String(rule.name), field) : problem;
}

function placed(
  problem: Problem,
  kind: "account" | "rule" | "contact",
  name: string,
  field: ValuePath,
): UnionProblem {
  const made = { kind, name, field: field.join(".") };
  const place =
    kind === "contact" ? "a notification of the dashboard" : `${kind} "${name}" of the dashboard`;
  return { ...problem, place, made };
}

/** The state keeps rules as they were written, so that their secrets have to be kept elsewhere. */
function bareSecrets(rule: Fields): UnionProblem[] {
  return secretRuleFields
    .filter((name) => isBare(rule[name]))
    .map((name) => {
      const message = `a secret must not stand in a rule of the dashboard: name where it is, as $NAME or $file:/path`;
      const problem = { file: "", line: 1, column: 1, message };
      return placed(problem, "rule", String(rule.name), [name]);
    });
}

const isBare = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(isBare) : typeof value === "string" && !isReference(value);

/**
 * A rule as it may be shown: of a secret that stands in the file, only that it does, and of what it calls nothing, since
 * programs and addresses may hold some.
 */
function masked({ after: _, ...rule }: Fields): Fields {
  const bare = secretRuleFields.filter((name) => isBare(rule[name]));
  if (bare.length === 0) return rule;
  return { ...rule, ...Object.fromEntries(bare.map((name) => [name, "(stands in the file)"])) };
}

function twice(name: string): UnionProblem {
  const message = `an account "${name}" stands in the configuration file too: each account needs its own name`;
  const problem = { file: "", line: 1, column: 1, message };
  return placed(problem, "account", name, ["name"]);
}

/** Whoever may make something in the dashboard may not have the program's own secrets by that. */
function namesOwn(made: MadeThings, surroundings: Surroundings): UnionProblem[] {
  const things = [
    ...[...made.accounts].map(([name, fields]) => ["account", name, fields] as const),
    ...made.rules.map((rule) => ["rule", String(rule.name), secretsOf(rule)] as const),
    ...[...made.notify].map(([id, fields]) => ["contact", id, fields] as const),
  ];
  return things.flatMap(([kind, name, fields]) =>
    ownReferences(fields, surroundings).map(({ field, message }) =>
      placed({ file: "", line: 1, column: 1, message }, kind, name, field),
    ),
  );
}

/** Elsewhere in a rule a $ is a sign like any other. */
const secretsOf = (rule: Fields): Fields =>
  Object.fromEntries(secretRuleFields.map((name) => [name, rule[name]]));

/** Whoever may make rules in the dashboard may not start programs on this machine by that. */
function startsPrograms({ name, after }: Fields): UnionProblem[] {
  if (after === undefined) return [];
  const message =
    '"after" is taken from the configuration file alone, since it starts programs: write the rule there, or leave it out';
  return [placed({ file: "", line: 1, column: 1, message }, "rule", String(name), ["after"])];
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
