import type { Side } from "../../src/core/plan.ts";
import type { Report } from "../../src/engine/report.ts";
import { runJob } from "../../src/engine/run.ts";
import { type Bill, billOf, doneBy } from "./costs.ts";
import type { Rules } from "./rules.ts";
import type { Stage } from "./stage.ts";

/** What one run of all rules came to. */
export interface Finding {
  readonly outcome: Report["outcome"];
  /** By the calls that were made. */
  readonly bill: Bill;
  /** By the steps that were told. */
  readonly told: Omit<Bill, "readings">;
  readonly steps: readonly string[];
  readonly conflicts: readonly string[];
  readonly errors: readonly string[];
}

/** A run of one rule, and the accounts that its sides are. */
interface Ended {
  readonly report: Report;
  readonly accounts: Readonly<Record<Side, string>>;
}

/** Runs every rule once, one after the other, each with all of its destinations. */
export async function runAll(rules: Rules, stage: Stage): Promise<Finding> {
  const start = stage.calls.length;
  const ended: Ended[] = [];
  const { context, jobsOf, apiCalls } = stage.engine();
  for (const job of rules.all().flatMap(jobsOf)) {
    const { signal } = new AbortController();
    const options = { trigger: "manual", respectQuiet: false, apiCalls, signal };
    const report = await runJob(job, context, options);
    ended.push({ report, accounts: { from: job.from.name, to: job.to.name } });
  }
  return findingOf(ended, stage, billOf(stage.calls.slice(start), stage));
}

function findingOf(ended: readonly Ended[], { accounts }: Stage, bill: Bill): Finding {
  const reports = ended.map(({ report }) => report);
  const worst = (["failed", "held"] as const).find((rank) =>
    reports.some(({ outcome }) => outcome === rank),
  );
  const doneAt = (account: string) =>
    doneBy(
      ended.flatMap(({ report, accounts: its }) =>
        report.steps.filter(({ side }) => its[side] === account),
      ),
    );
  return {
    outcome: worst ?? "in-step",
    bill,
    told: { from: doneAt(accounts.from), to: doneAt(accounts.to) },
    steps: reports
      .flatMap(({ steps }) => steps.filter((step) => step.do !== "skip"))
      .map((step) => `${step.do} ${step.side} ${step.path}`),
    conflicts: reports.flatMap(({ conflicts }) => conflicts.map(({ path }) => path)).sort(),
    errors: reports.flatMap(({ errors }) => errors.map(({ message }) => message)),
  };
}
