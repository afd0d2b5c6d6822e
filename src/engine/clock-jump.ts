import type { Clock } from "../core/provider.ts";
import { ignoreAbort } from "./together.ts";

/** Says when the clock of this machine does not go on as time does. */

export interface ClockWatchOptions {
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Milliseconds since any instant, which no setting of the clock changes. */
  readonly elapsed: () => number;
  /** `byMs`: how far the clock is ahead of what it would show; below 0: behind. */
  readonly onJump: (byMs: number) => void;
}

/** How often it is looked. */
const lookMs = 30_000;
/** NTP moves a clock by less at a time, and this much harms nothing. */
const jumpMs = 60_000;

/** Until the signal ends it. */
export async function watchClock(
  { clock, elapsed, onJump }: ClockWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  let offsetMs = clock.now() - elapsed();
  while (!signal.aborted) {
    await clock.sleep(lookMs, signal).catch(ignoreAbort(signal));
    const nowMs = clock.now() - elapsed();
    const byMs = nowMs - offsetMs;
    if (Math.abs(byMs) >= jumpMs) onJump(byMs);
    offsetMs = nowMs;
  }
}
