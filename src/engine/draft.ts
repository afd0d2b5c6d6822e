import { setImmediate as yielded } from "node:timers/promises";
import { createMatcher } from "../core/match.ts";
import type { Rule } from "../core/rule.ts";
import { resolveFolder } from "../core/scope.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { jobsOf, type ReadOptions, readFeedOf } from "./job.ts";
import { mergeReports } from "./merge.ts";
import { planJob } from "./preview.ts";
import type { Report } from "./report.ts";

/** What a rule would be about that nobody has made yet. */
export interface DraftPreview {
  readonly matching: Matching;
  /** What its first run would do; null where that is too much to be told while somebody types. */
  readonly first: Report | null;
}

export interface Matching {
  readonly files: number;
  readonly bytes: number;
  /** Paths of some of them. */
  readonly some: readonly string[];
  /** Files that its filters leave out. */
  readonly others: number;
}

/** With more items than this at one side a first run is not planned for a look. */
const mostItems = 20_000;
const fewPaths = 100;

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
  const accounts = new Set([from, ...rule.to.map(({ account }) => open(account))]);
  await Promise.all([...accounts].map((account) => readFeedOf(account, context, signal)));
  const matching = await matchingOf(rule, from, context);
  const isLarge = [...accounts].some(({ tree }) => tree.count() > mostItems);
  return { matching, first: isLarge ? null : firstRun(rule, open, context) };
}

/** Others get their turn in between: an account may hold a million items. */
async function matchingOf(
  rule: Rule,
  { id, tree, provider }: EngineAccount,
  { store, clock }: EngineContext,
): Promise<Matching> {
  const matcher = createMatcher(rule);
  const nowMs = clock.now();
  const found = { files: 0, bytes: 0, some: [] as string[], others: 0 };
  const { root } = store.accounts.get(id);
  const folder = root && resolveFolder(tree, root, rule.from.path, provider.traits.names);
  if (!folder || folder.missing.length > 0) return found;
  const folders = [{ at: folder.folder, path: [] as readonly string[] }];
  for (let next = folders.pop(); next; next = folders.pop()) {
    await yielded();
    for (const entry of tree.children(next.at)) {
      const path = [...next.path, entry.name];
      if (entry.kind === "folder") {
        if (matcher.folder(path) !== "out") folders.push({ at: entry.id, path });
        continue;
      }
      if (!matcher.file(path, entry, nowMs).in) {
        found.others += 1;
        continue;
      }
      found.files += 1;
      found.bytes += entry.sizeBytes ?? 0;
      if (found.some.length < fewPaths) found.some.push(path.join("/"));
    }
  }
  return found;
}

function firstRun(
  rule: Rule,
  open: (name: string) => EngineAccount,
  context: EngineContext,
): Report {
  const { store } = context;
  const reports = store.rehearse(() =>
    jobsOf(rule, open, store).map((job) => planJob(job, context)),
  );
  return mergeReports(rule.name, reports);
}
