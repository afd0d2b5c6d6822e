import type { DestinationRow } from "../store/destinations.ts";
import type { Store } from "../store/open.ts";

/** How far behind a rule is, and how fast it follows. */
export interface Freshness {
  /** When the oldest change was seen that is due and not brought yet; null: there is none. */
  readonly oldestChangeAt: Date | null;
  /**
   * From when a file's change was seen to its verified copy, over the newest thousand of the last seven days;
   * null: there were none.
   */
  readonly toCopy: {
    readonly copies: number;
    readonly medianMs: number;
    readonly percentile95Ms: number;
  } | null;
}

const weekMs = 7 * 86_400_000;
const mostCopies = 1_000;

export function freshnessOf(
  rule: string,
  destinations: readonly DestinationRow[],
  { freshness }: Store,
  nowMs: number,
): Freshness {
  const waiting = destinations.flatMap(({ id }) => freshness.oldestWaiting(id, nowMs) ?? []);
  const [oldestChangeAt = null] = waiting.sort((a, b) => a.getTime() - b.getTime());
  const took = freshness.copyTimes(rule, new Date(nowMs - weekMs), mostCopies);
  const sorted = took.sort((a, b) => a - b);
  const medianMs = quantile(sorted, 0.5);
  const percentile95Ms = quantile(sorted, 0.95);
  const hasCopies = medianMs !== undefined && percentile95Ms !== undefined;
  const toCopy = hasCopies ? { copies: sorted.length, medianMs, percentile95Ms } : null;
  return { oldestChangeAt, toCopy };
}

/** The value that so large a part of all does not exceed. */
function quantile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}
