import type { Rule } from "../core/rule.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { jobsOf, noSource, type ReadOptions, readFeedOf } from "./job.ts";
import { mergeReports } from "./merge.ts";
import { planJob } from "./preview.ts";
import type { Report } from "./report.ts";
import { type Matching, survey } from "./survey.ts";
import { plannedFacts, plannedWarnings, surveyWarnings, type Warning } from "./warnings.ts";

/** What a rule would be about that nobody has made yet. */
export interface DraftPreview {
  readonly matching: Matching;
  /** What its first run would do; null where that is too much to be told while somebody types. */
  readonly first: Report | null;
  readonly warnings: readonly Warning[];
}

/** With more items than this at one side a first run is not planned for a look. */
const mostItems = 20_000;

/**
 * Looks at a rule as if it were there: reads both feeds, plans, and takes back all that this has written down.
 * `RuleError` where it could not run. A rule that has run under this name goes on from what it has done.
 */
export async function previewDraft(
  rule: Rule,
  open: (name: string) => EngineAccount,
  context: EngineContext,
  { signal }: ReadOptions,
): Promise<DraftPreview> {
  const from = open(rule.from.account);
  const targets = new Set(rule.to.map(({ account }) => open(account)));
  const accounts = [...new Set([from, ...targets])];
  await Promise.all(accounts.map((account) => readFeedOf(account, context, signal)));

  const limitOf = (name: string) => open(name).provider.traits.maxFileBytes;
  async function look(location: Rule["from"], to: readonly EngineAccount[]) {
    const at = { account: open(location.account), location };
    const seen = await survey(rule, at, to, context, signal);
    return seen && { ...seen, warnings: surveyWarnings(rule, location.account, seen, limitOf) };
  }

  const source = await look(rule.from, [...targets]);
  if (!source) throw noSource(rule);
  const others = [];
  for (const location of rule.mode === "two-way" ? rule.to : []) {
    others.push(await look(location, [from]));
  }
  const isLarge = accounts.some(({ tree }) => tree.count() > mostItems);
  // What is encrypted there is known once the rule is.
  const first = isLarge || rule.encryption ? null : firstRun(rule, open, context);
  return {
    matching: source.matching,
    first: first?.report ?? null,
    warnings: [source, ...others, first].flatMap((each) => each?.warnings ?? []),
  };
}

function firstRun(rule: Rule, open: (name: string) => EngineAccount, context: EngineContext) {
  const { store } = context;
  const runs = store.rehearse(() =>
    jobsOf(rule, open, store).map((job) => {
      const { planned, ...report } = planJob(job, context);
      const facts = plannedFacts(job.destination.location, planned, report.outcome === "held", {
        isLinked: ({ unit }) => store.links.of(job.destination.id, unit.side, unit.item) !== null,
        isNative: ({ unit: { side, item } }) => job[side].tree.get(item)?.kind === "native",
      });
      return { report, warnings: plannedWarnings(rule, facts) };
    }),
  );
  return {
    report: mergeReports(
      rule.name,
      runs.map(({ report }) => report),
    ),
    warnings: runs.flatMap(({ warnings }) => warnings),
  };
}
