import type { Clock } from "../core/provider.ts";
import type { BandwidthLimit, Rule } from "../core/rule.ts";

/** Keeps the bytes of a rule to its `bandwidth`; all its transfers share one. */
export interface Limiter {
  /** Whether there is a limit now. */
  isOn(): boolean;
  /** Waits until so many more bytes may have passed. Rejects with the signal's reason. */
  pass(bytes: number, signal?: AbortSignal): Promise<void>;
}

/** What was not used of the time before is made up for only so far, so that a pause is not followed by a flood. */
const slackMs = 50;

const limiters = new WeakMap<Rule, Limiter>();

export function limiterOf(rule: Rule, clock: Clock): Limiter {
  const limiter = limiters.get(rule) ?? createLimiter(rule, clock);
  limiters.set(rule, limiter);
  return limiter;
}

export function createLimiter(
  { bandwidth, timeZone }: Pick<Rule, "bandwidth" | "timeZone">,
  clock: Clock,
): Limiter {
  const minuteNow = minuteIn(timeZone, clock);
  /** When all that has passed would have gone through at the limit. */
  let dueMs = Number.NEGATIVE_INFINITY;
  const rateNow = () => (bandwidth.length === 0 ? null : rateAt(bandwidth, minuteNow()));
  return {
    isOn: () => rateNow() !== null,
    async pass(bytes, signal) {
      const bytesPerSecond = rateNow();
      if (bytesPerSecond === null) return;
      const nowMs = clock.now();
      dueMs = Math.max(dueMs, nowMs - slackMs) + (bytes / bytesPerSecond) * 1000;
      const waitMs = Math.ceil(dueMs - nowMs);
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    },
  };
}

/** Bytes a second at a minute of the day; null: unlimited. Before the first entry that of the evening before holds. */
export function rateAt(bandwidth: readonly BandwidthLimit[], minute: number): number | null {
  const entry = bandwidth.findLast(({ atMinute }) => atMinute <= minute) ?? bandwidth.at(-1);
  return entry?.bytesPerSecond ?? null;
}

/** The minute of the day; asked for with every piece of a file, so that the calendar is looked at once a minute. */
function minuteIn(timeZone: string | null, clock: Clock): () => number {
  const format = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(timeZone !== null && { timeZone }),
  });
  let known = { at: Number.NaN, minute: 0 };
  return () => {
    const at = Math.floor(clock.now() / 60_000);
    if (at !== known.at) {
      const [hour = 0, minute = 0] = format
        .format(at * 60_000)
        .split(":")
        .map(Number);
      known = { at, minute: hour * 60 + minute };
    }
    return known.minute;
  };
}
