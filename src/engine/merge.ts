import type { Outcome } from "../store/runs.ts";
import type { Report } from "./report.ts";
import type { VerifyReport } from "./verify.ts";

/** A rule's destinations are brought in step one by one; scripts get one object a rule. */

const worstFirst: readonly Outcome[] = ["failed", "held", "changes", "in-step"];

export function mergeReports(rule: string, reports: readonly Report[]): Report {
  const outcome = worstFirst.find((each) => reports.some((report) => report.outcome === each));
  const totals = reports.map((report) => report.totals);
  return {
    rule,
    outcome: outcome ?? "in-step",
    steps: reports.flatMap(({ steps }) => steps),
    totals: {
      files: sum(totals.map(({ files }) => files)),
      bytes: sum(totals.map(({ bytes }) => bytes)),
      uploads: sum(totals.map(({ uploads }) => uploads)),
      downloads: sum(totals.map(({ downloads }) => downloads)),
      apiCalls: sumByKey(totals.map(({ apiCalls }) => apiCalls)),
    },
    conflicts: reports.flatMap(({ conflicts }) => conflicts),
    errors: reports.flatMap(({ errors }) => errors),
  };
}

export function mergeVerifyReports(rule: string, reports: readonly VerifyReport[]): VerifyReport {
  return {
    rule,
    agrees: reports.every(({ agrees }) => agrees),
    compared: sum(reports.map(({ compared }) => compared)),
    byHash: sum(reports.map(({ byHash }) => byHash)),
    byRead: sum(reports.map(({ byRead }) => byRead)),
    unproven: sum(reports.map(({ unproven }) => unproven)),
    differences: reports.flatMap(({ differences }) => differences),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function sumByKey(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const each of counts) {
    for (const [key, value] of Object.entries(each)) total[key] = (total[key] ?? 0) + value;
  }
  return total;
}
