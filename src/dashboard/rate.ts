/** How fast a file goes, from what was told of it lately. */

export interface Sample {
  readonly atMs: number;
  readonly sentBytes: number;
}

/** What is older says nothing of now. */
const windowMs = 8_000;
/** Less than that says nothing of a rate. */
const leastMs = 750;

/** With one sample more; bytes that are sent again begin anew. */
export function sampled(former: readonly Sample[], now: Sample): readonly Sample[] {
  const last = former.at(-1);
  if (last && now.sentBytes < last.sentBytes) return [now];
  const recent = former.filter(({ atMs }) => now.atMs - atMs <= windowMs);
  // One from before a long stillness is what tells of it.
  return [...(recent.length === 0 && last ? [last] : recent), now];
}

/** Bytes a second; null: too little was told yet. It falls while nothing is told. */
export function rateOf(samples: readonly Sample[], nowMs: number): number | null {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last) return null;
  const tookMs = Math.max(last.atMs, nowMs - 1_000) - first.atMs;
  return tookMs < leastMs ? null : ((last.sentBytes - first.sentBytes) / tookMs) * 1_000;
}
