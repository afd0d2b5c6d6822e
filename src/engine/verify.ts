import { type Content, compareContent } from "../core/content.ts";
import { type Entry, type ItemId, namesOf } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { createMatcher } from "../core/match.ts";
import { exportOf } from "../core/native.ts";
import type { Link, PlanView, Side } from "../core/plan.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import { readFeeds, viewOf } from "./job.ts";
import { limiterOf } from "./limit.ts";
import { readContent } from "./source.ts";

/** How far both sides of a rule agree; the document of `verify --json`. */
export interface VerifyReport {
  readonly rule: string;
  /** Every file in scope was compared, and each pair was proven to be the same bytes. */
  readonly agrees: boolean;
  /** Files in scope that both sides have. */
  readonly compared: number;
  /** Proven by hashes that the services report, or that were learned when the bytes went through. */
  readonly byHash: number;
  /** Proven by reading now. */
  readonly byRead: number;
  /** Neither proven nor known to differ. */
  readonly unproven: number;
  readonly differences: readonly Difference[];
}

export interface Difference {
  /** Relative to the rule's folder. */
  readonly path: string;
  /**
   * `missing`: the destination has none. `extra`: only the destination has it, under `mirror` and `two-way`.
   * `content`: other bytes. `unreadable`: it could not be read.
   */
  readonly kind: "missing" | "extra" | "content" | "unreadable";
}

export interface VerifyOptions {
  /** Of the files that no hash covers, which part is read: 0 none, 1 all. Each time it is others that chance picks. */
  readonly read: number;
  readonly signal: AbortSignal;
}

/**
 * Compares every file in the rule's scope with its counterpart, after reading both feeds; transfers
 * nothing. What a reading learns is remembered, so that it is read once. A provider's failure to read one
 * file is a difference, any other is thrown.
 */
export async function verifyJob(
  job: Job,
  context: EngineContext,
  options: VerifyOptions,
): Promise<VerifyReport> {
  await readFeeds(job, context, options);
  const view = viewOf(job, context);
  const counts = { compared: 0, byHash: 0, byRead: 0, unproven: 0 };
  const differences: Difference[] = [];
  const nowMs = context.clock.now();
  for (const { file, path } of filesInScope(job, view, "from", nowMs)) {
    options.signal.throwIfAborted();
    const link = view.linkOf("from", file.id);
    const target = link && view.to.tree.get(link.to.id);
    if (!link || !target) {
      differences.push({ path, kind: "missing" });
      continue;
    }
    counts.compared++;
    const known = comparePair(file, target, link);
    const verdict =
      known !== "unknown" || context.clock.random() >= options.read
        ? known
        : await readPair(job, context, options, file, target);
    if (verdict === "same") counts[known === "unknown" ? "byRead" : "byHash"]++;
    else if (verdict === "unknown") counts.unproven++;
    else differences.push({ path, kind: verdict === "different" ? "content" : "unreadable" });
  }
  for (const path of extras(job, view, nowMs)) differences.push({ path, kind: "extra" });
  const agrees = differences.length === 0 && counts.unproven === 0;
  return { rule: job.rule.name, agrees, ...counts, differences };
}

/** Files that only the destination has, where the rule says that both sides hold the same. */
function* extras(job: Job, view: PlanView, nowMs: number): Generator<string> {
  const { mode } = job.rule;
  if ((mode !== "mirror" && mode !== "two-way") || view.to.root.missing.length > 0) return;
  for (const { file, path } of filesInScope(job, view, "to", nowMs)) {
    const link = view.linkOf("to", file.id);
    if (!link || !view.from.tree.get(link.from.id)) yield path;
  }
}

function* filesInScope(
  { rule }: Job,
  view: PlanView,
  side: Side,
  nowMs: number,
): Generator<{ file: Entry; path: string }> {
  const matcher = createMatcher(rule);
  const walk = function* (
    folder: ItemId,
    above: readonly string[],
  ): Generator<{ file: Entry; path: string }> {
    for (const entry of view[side].tree.children(folder)) {
      const path = [...above, entry.name];
      if (entry.kind === "folder") {
        if (matcher.folder(path) !== "out") yield* walk(entry.id, path);
      } else if (entry.kind === "file" || exportOf(entry, rule)) {
        if (matcher.file(path, entry, nowMs).in) yield { file: entry, path: path.join("/") };
      }
    }
  };
  yield* walk(view[side].root.folder, []);
}

/**
 * The link knows what both held when they agreed: that counts for a side that is still at that revision.
 * One that an undo left knows nothing: both are what they are.
 */
function comparePair(file: Entry, target: Entry, link: Link): "same" | "different" | "unknown" {
  const then = (entry: Entry, revision: string | null): Content =>
    entry.revision === revision && entry.revision !== null
      ? {
          sizeBytes: link.sizeBytes ?? entry.sizeBytes,
          // What a service has put into a file of itself is no difference.
          hashes: { ...entry.hashes, ...link.hashes },
        }
      : entry;
  if (file.kind === "native") {
    if (file.revision !== link.from.revision) return "different";
    return compareContent(link, target);
  }
  if (target.kind === "native") {
    if (target.revision !== link.to.revision) return "different";
    return compareContent(link, file);
  }
  return compareContent(then(file, link.from.revision), then(target, link.to.revision));
}

async function readPair(
  { from, to, rule }: Job,
  { clock, spare }: EngineContext,
  { signal }: VerifyOptions,
  file: Entry,
  target: Entry,
): Promise<"same" | "different" | "unknown" | "unreadable"> {
  let [a, b]: [Content, Content] = [file, target];
  const others = [from, to].map(({ provider }) => provider.traits.hashes);
  for (const { hashes } of [file, target]) others.push(namesOf(hashes));
  const read = async (account: EngineAccount, entry: Entry): Promise<Content> => {
    const content = await readContent(account.provider, entry, {
      clock,
      signal,
      spare,
      limiter: limiterOf(rule, clock),
      others,
    });
    account.tree.learn(entry.id, entry.revision, content.hashes);
    return content;
  };
  try {
    if (file.kind === "file") a = await read(from, file);
    if (compareContent(a, b) === "unknown") b = await read(to, target);
    return compareContent(a, b);
  } catch (error) {
    signal.throwIfAborted();
    if (isProviderError(error, "unauthorized", "unavailable", "rate-limited")) throw error;
    if (isProviderError(error)) return "unreadable";
    throw error;
  }
}
