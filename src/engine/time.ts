import { Cron } from "croner";
import type { Clock } from "../core/provider.ts";
import type { Trigger } from "../core/rule.ts";

/**
 * No wait is longer without a look at the clock: time passes unseen while the machine is suspended, the clock
 * may be set, and a timer of more than 2^31 ms goes off at once.
 */
const pieceMs = 60_000;

/** Waits until the clock shows an instant; false when it was set back meanwhile. Rejects with the signal's reason. */
export async function reached(clock: Clock, atMs: number, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  for (let nowMs = clock.now(); nowMs < atMs; ) {
    const beforeMs = nowMs;
    await clock.sleep(Math.min(atMs - beforeMs, pieceMs), signal);
    nowMs = clock.now();
    if (nowMs < beforeMs) return false;
  }
  return true;
}

/**
 * When time alone wakes a rule next after an instant; null: never. `timeZone` as IANA names it, null for the
 * machine's. Where daylight saving skips a time, the line comes once, as late as it would have without the
 * change; where it repeats one, a line that names the hour comes once.
 */
export function nextTime(trigger: Trigger, timeZone: string | null, afterMs: number): Date | null {
  if (trigger.type === "every") return new Date(afterMs + trigger.everyMs);
  if (trigger.type !== "cron") return null;
  return cronOf(trigger.line, timeZone).nextRun(new Date(afterMs));
}

/** The next times of a cron line, fewer where it ends before; none of what waits for something else than the clock. */
export function nextTimes(
  trigger: Trigger,
  timeZone: string | null,
  afterMs: number,
  count: number,
): Date[] {
  if (trigger.type !== "cron") return [];
  return cronOf(trigger.line, timeZone).nextRuns(count, new Date(afterMs));
}

const cronOf = (line: string, timeZone: string | null): Cron =>
  new Cron(line, timeZone === null ? {} : { timezone: timeZone });
