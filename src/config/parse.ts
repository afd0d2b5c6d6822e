import type { z } from "zod";
import type { AccountSettings } from "../core/account.ts";
import type { Contact } from "../core/contact.ts";
import type { Rule } from "../core/rule.ts";
import { type AccountFields, accountSchema, isSupported } from "./account-schema.ts";
import { readContacts } from "./contacts.ts";
import { type AccountDrafts, crossCheck, type RuleDraft } from "./crosscheck.ts";
import { type ConfigDocument, openDocument, type ValuePath } from "./document.ts";
import { explainIssues } from "./explain.ts";
import { absoluteRoot, toAccount, toRule } from "./normalise.ts";
import type { Problem } from "./problem.ts";
import { createReport, type Report } from "./report.ts";
import { configSchema, rulePartSchema, ruleSchema } from "./schema.ts";
import { resolveSecrets, type Surroundings, secretRuleFields } from "./secrets.ts";
import { refuseUnbuilt } from "./supported.ts";
import { isAccountName, parseTimeZone } from "./values.ts";

/** A configuration of which everything was right. */
export interface Config {
  readonly accounts: ReadonlyMap<string, AccountSettings>;
  /** In the order of the file. */
  readonly rules: readonly Rule[];
  /** Of rules that name none; null: the machine's. */
  readonly timeZone: string | null;
  /** Who is told of what; in the order of the file. */
  readonly notify: readonly Contact[];
}

/** Either a whole configuration or everything that is wrong with it, in order of place. */
export type ParsedConfig =
  | { readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/**
 * Reads the text of a `syncline.yaml`. Never throws for what it holds: all problems come back at once,
 * each at its place, and then there is no configuration, not even of what was right.
 */
export function parseConfig(text: string, surroundings: Surroundings): ParsedConfig {
  const { file } = surroundings;
  const document = openDocument(text);
  if (document.syntax.length > 0) {
    return { problems: document.syntax.map((problem) => ({ file, ...problem })), warnings: [] };
  }
  const report = createReport(file, document);
  if (document.value === null || document.value === undefined) {
    report.problem([], { message: 'the file is empty: "syncline init" writes one to begin with' });
    return { problems: report.problems(), warnings: [] };
  }
  checkOutline(document, report);
  const accounts = readAccounts(document, surroundings, report);
  const drafts = readRules(document, surroundings, report);
  crossCheck(drafts, grounded(accounts, surroundings), report);
  refuseUnbuilt(drafts, accounts, report);
  const contacts = readContacts(document, surroundings, report);

  const problems = report.problems();
  const warnings = report.warnings();
  if (problems.length > 0) return { problems, warnings };
  const zone = document.valueAt(["timezone"]);
  return {
    config: Object.freeze({
      ...toConfig(accounts, drafts, file, typeof zone === "string" ? zone : null),
      notify: Object.freeze(contacts),
    }),
    warnings,
  };
}

/** The top level; what is in it is read one by one, so that one bad field hides no other. */
function checkOutline(document: ConfigDocument, report: Report): void {
  const outcome = configSchema.safeParse(document.value);
  const outer = outcome.error?.issues.filter(({ path }) => path.length < 2);
  explainIssues(report, document, [], outer ?? []);
}

function readAccounts(
  document: ConfigDocument,
  surroundings: Surroundings,
  report: Report,
): AccountDrafts {
  const given = document.valueAt(["accounts"]);
  const accounts = new Map<string, AccountFields | null>();
  for (const [name, raw] of entriesOf(given)) {
    const path = ["accounts", name];
    if (!isAccountName(name)) {
      const message = `"${name}" is not a name: use letters, digits, - and _, and begin with a letter or digit`;
      report.problem(path, { message, atKey: true });
    }
    const outcome = accountSchema.safeParse(resolveSecrets(raw, path, surroundings, report));
    explainIssues(report, document, path, outcome.error?.issues ?? []);
    accounts.set(name, outcome.data ?? null);
  }
  return accounts;
}

/** Local roots as they really are, so that two spellings of one folder are seen to be one. */
function grounded(accounts: AccountDrafts, { file, realPath }: Surroundings): AccountDrafts {
  const entries = [...accounts].map(([name, account]): [string, AccountFields | null] => {
    if (account?.provider !== "local") return [name, account];
    const root = absoluteRoot(account.root, file);
    return [name, { ...account, root: realPath?.(root) ?? root }];
  });
  return new Map(entries);
}

function readRules(
  document: ConfigDocument,
  surroundings: Surroundings,
  report: Report,
): RuleDraft[] {
  const given = document.valueAt(["rules"]);
  if (!Array.isArray(given)) return [];
  return given.map((written: unknown, index): RuleDraft => {
    const raw = withSecrets(written, ["rules", index], surroundings, report);
    const outcome = ruleSchema.safeParse(raw);
    if (outcome.success) return { index, fields: outcome.data, whole: outcome.data };
    explainIssues(report, document, ["rules", index], outcome.error.issues);
    return { index, fields: rightFields(raw, outcome.error.issues), whole: null };
  });
}

/** A rule with its secrets and those of its hooks filled in; elsewhere in it a $ is a sign like any other. */
function withSecrets(
  rule: unknown,
  path: ValuePath,
  surroundings: Surroundings,
  report: Report,
): unknown {
  const entries = entriesOf(rule).flatMap(([key, value]) => {
    const at = [...path, key];
    if (key === "after") return [[key, withHooks(value, at, surroundings, report)]];
    const isSecret = secretRuleFields.some((each) => each === key);
    return isSecret ? [[key, resolveSecrets(value, at, surroundings, report)]] : [];
  });
  return entries.length > 0 ? { ...(rule as object), ...Object.fromEntries(entries) } : rule;
}

/** A program's arguments stay as they are. */
function withHooks(
  hooks: unknown,
  path: ValuePath,
  surroundings: Surroundings,
  report: Report,
): unknown {
  if (!Array.isArray(hooks)) return hooks;
  return hooks.map((hook: unknown, index) => {
    const entries = entriesOf(hook).map(([key, value]) => [
      key,
      key === "run" ? value : resolveSecrets(value, [...path, index, key], surroundings, report),
    ]);
    return entries.length > 0 ? Object.fromEntries(entries) : hook;
  });
}

/** The fields of a rule that no issue speaks of. */
function rightFields(raw: unknown, issues: readonly z.core.$ZodIssue[]): RuleDraft["fields"] {
  const wrong = new Set(
    issues.flatMap(({ path, ...issue }) =>
      issue.code === "unrecognized_keys" && path.length === 0 ? issue.keys : [String(path[0])],
    ),
  );
  const right = entriesOf(raw).filter(([key]) => !wrong.has(key));
  return rulePartSchema.safeParse(Object.fromEntries(right)).data ?? {};
}

function toConfig(
  accounts: AccountDrafts,
  drafts: readonly RuleDraft[],
  file: string,
  zone: string | null,
): Omit<Config, "notify"> {
  const settings = new Map<string, AccountSettings>();
  for (const [name, account] of accounts) {
    if (account && isSupported(account)) settings.set(name, toAccount(account, file));
  }
  const timeZone = zone === null ? null : parseTimeZone(zone);
  const rules = drafts.flatMap(({ whole }) => (whole ? [toRule(whole, timeZone)] : []));
  return { accounts: settings, rules: Object.freeze(rules), timeZone };
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value);
}
