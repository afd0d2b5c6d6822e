import { formatLocation, type Location } from "../core/rule.ts";
import type { AccountFields } from "./account-schema.ts";
import { encryptionProblems } from "./encryption.ts";
import { flowOf } from "./flows.ts";
import { lintGraph } from "./graph.ts";
import { nearest } from "./nearest.ts";
import { toRule } from "./normalise.ts";
import { regionOf } from "./regions.ts";
import type { Report } from "./report.ts";
import type { RuleFields, RulePart } from "./schema.ts";

/** A rule as far as it could be read: the fields that are right. */
export interface RuleDraft {
  readonly index: number;
  readonly fields: RulePart;
  /** All of it, or null when any field is wrong or missing. */
  readonly whole: RuleFields | null;
}

/** An account as it could be read; null when a field is wrong. */
export type AccountDrafts = ReadonlyMap<string, AccountFields | null>;

/** What no rule alone can show to be wrong: names, and the ways that files would take. */
export function crossCheck(
  drafts: readonly RuleDraft[],
  accounts: AccountDrafts,
  report: Report,
): void {
  checkNames(drafts, report);
  for (const draft of drafts) {
    checkAccounts(draft, accounts, report);
    checkTemplate(draft, report);
    checkEncryption(draft, report);
  }
  checkGraph(drafts, accounts, report);
}

function checkNames(drafts: readonly RuleDraft[], report: Report): void {
  const first = new Map<string, number>();
  for (const { index, fields } of drafts) {
    if (fields.name === undefined) continue;
    const earlier = first.get(fields.name);
    if (earlier === undefined) first.set(fields.name, index);
    else {
      const message = `rule ${earlier + 1} is called "${fields.name}" too: each rule needs its own name`;
      report.problem(["rules", index, "name"], { message });
    }
  }
}

function checkAccounts(
  { index, fields }: RuleDraft,
  accounts: AccountDrafts,
  report: Report,
): void {
  const known = [...accounts.keys()];
  const check = (location: Location, field: (string | number)[]) => {
    if (accounts.has(location.account)) return;
    const right = nearest(location.account, known);
    report.problem(["rules", index, ...field], {
      message: `there is no account "${location.account}"`,
      suggestion: right && formatLocation({ ...location, account: right }),
      allowed: known,
    });
  };
  if (fields.from) check(fields.from, ["from"]);
  for (const [at, location] of (fields.to ?? []).entries()) check(location, ["to", at]);
}

function checkTemplate({ index, fields }: RuleDraft, report: Report): void {
  if (fields.as === undefined || (fields.mode !== "mirror" && fields.mode !== "two-way")) return;
  const message = `"as" does not go with "mode: ${fields.mode}", which keeps the same paths on both sides`;
  report.problem(["rules", index, "as"], { message });
}

function checkEncryption({ index, fields }: RuleDraft, report: Report): void {
  for (const { path, message } of encryptionProblems(fields)) {
    report.problem(["rules", index, ...path], { message });
  }
}

/** Rules with a wrong field have no ways yet. */
function checkGraph(drafts: readonly RuleDraft[], accounts: AccountDrafts, report: Report): void {
  const region = (location: Location) => regionOf(location, accounts.get(location.account) ?? null);
  const flows = drafts.flatMap(({ index, whole }) =>
    whole ? [flowOf(index, toRule(whole), region)] : [],
  );
  for (const { path, message, rules, isWarning } of lintGraph(flows)) {
    if (isWarning) report.warning(path, message, rules);
    else report.problem(path, { message });
  }
}
