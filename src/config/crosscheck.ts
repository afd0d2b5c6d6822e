import { formatLocation, type Location } from "../core/rule.ts";
import type { AccountFields } from "./account-schema.ts";
import { type Flow, findLoops } from "./loops.ts";
import { nearest } from "./nearest.ts";
import { holds, overlap, type Region, regionOf } from "./regions.ts";
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
  }
  const flows = drafts.flatMap((draft) => flowOf(draft, accounts));
  checkSelfOverlap(drafts, flows, report);
  checkWriters(drafts, flows, report);
  checkLoops(flows, report);
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

/** Empty for rules whose ways can't be told, for now. */
function flowOf(draft: RuleDraft, accounts: AccountDrafts): Flow[] {
  if (!draft.whole) return [];
  const { name, from, to, mode } = draft.whole;
  const region = (location: Location) => regionOf(location, accounts.get(location.account) ?? null);
  const twoWay = mode === "two-way";
  return [{ index: draft.index, name, from: region(from), to: to.map(region), twoWay }];
}

function checkSelfOverlap(
  drafts: readonly RuleDraft[],
  flows: readonly Flow[],
  report: Report,
): void {
  for (const { index, from, to } of flows) {
    for (const [at, region] of to.entries()) {
      if (!overlap(from, region)) continue;
      const [source, target] = [textOf(drafts, index), textOf(drafts, index, at)];
      const message = `"to" (${target}) ${relation(region, from)} "from" (${source}): a rule can't write into its own source`;
      report.problem(["rules", index, "to", at], { message });
    }
  }
}

interface Writer {
  readonly flow: Flow;
  readonly at: number;
  readonly region: Region;
}

function checkWriters(drafts: readonly RuleDraft[], flows: readonly Flow[], report: Report): void {
  const writers = flows.flatMap((flow): Writer[] =>
    flow.to.map((region, at) => ({ flow, at, region })),
  );
  for (const [position, later] of writers.entries()) {
    const earlier = writers.slice(0, position).find((other) => clash(other, later));
    if (!earlier) continue;
    const place = textOf(drafts, later.flow.index, later.at);
    const other = textOf(drafts, earlier.flow.index, earlier.at);
    const names =
      earlier.flow === later.flow
        ? `two destinations of rule "${later.flow.name}"`
        : `rules "${earlier.flow.name}" and "${later.flow.name}"`;
    const message = `${names} write into one folder: ${place} ${relation(later.region, earlier.region)} ${other}`;
    report.problem(["rules", later.flow.index, "to", later.at], { message });
  }
}

/** Two-way rules may share a folder as a whole: they settle. */
function clash(a: Writer, b: Writer): boolean {
  if (!overlap(a.region, b.region)) return false;
  const same = holds(a.region, b.region) && holds(b.region, a.region);
  return !(same && a.flow.twoWay && b.flow.twoWay && a.flow !== b.flow);
}

function checkLoops(flows: readonly Flow[], report: Report): void {
  for (const ring of findLoops(flows)) {
    const names = [...ring, ...ring.slice(0, 1)].map(({ name }) => `"${name}"`).join(" → ");
    const last = Math.max(...ring.map(({ index }) => index));
    const message = `rules ${names} copy in a circle, each what another wrote: take one out, or make them two-way`;
    report.problem(["rules", last, "from"], { message });
  }
}

function relation(a: Region, b: Region): string {
  if (!holds(b, a)) return "holds";
  return holds(a, b) ? "is the same as" : "lies inside";
}

function textOf(drafts: readonly RuleDraft[], index: number, at?: number): string {
  const fields = drafts.find((draft) => draft.index === index)?.fields;
  const location = at === undefined ? fields?.from : fields?.to?.[at];
  return location ? formatLocation(location) : "";
}
