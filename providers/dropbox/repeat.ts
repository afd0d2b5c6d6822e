import { isProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import { backoffMs } from "../../src/http/backoff.ts";

/** How often one request is sent again before what it is for is given up. */
export const maxRepeats = 5;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/** Whose time it is, and who may end the waiting. */
interface Patience {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does the work, and after a failure that passes again, up to five times, as far apart as Dropbox asks. Only for
 * what does no harm when it was done already.
 */
export async function repeating<Result>(
  { clock, signal }: Patience,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let repeats = 1; ; repeats++) {
    try {
      return await work();
    } catch (error) {
      const passes = isProviderError(error) && error.retryable;
      if (!passes || repeats > maxRepeats) throw error;
      await clock.sleep(pauseMs(clock, error, repeats), signal);
    }
  }
}

/** How long to wait before the repeat of this number, the first being 1. */
export function pauseMs(clock: Clock, error: unknown, repeats: number): number {
  const asked = isProviderError(error) ? error.retryAfterMs : null;
  const growing = backoffMs(repeats, firstPauseMs, longestPauseMs);
  return asked ?? growing * (0.5 + clock.random() / 2);
}
