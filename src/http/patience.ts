import type { ProviderError } from "../core/error.ts";
import { isProviderError } from "../core/error.ts";
import type { Clock } from "../core/provider.ts";
import { backoffMs } from "./backoff.ts";

/** An upload is given up when so many requests in a row brought it no further. */
const patience = 5;
const firstPauseMs = 2_000;
const longestPauseMs = 64_000;
/** A longer wait that the service asks for is the caller's to decide. */
const longestObeyedMs = 300_000;

/** How long an upload that gets no further is tried. */
export interface Patience {
  /** Begins anew: it got further. */
  renew(): void;
  /** Waits after a request that failed so, as long as the service asks; throws after too many of them. */
  wait(error: ProviderError): Promise<void>;
}

export function createPatience(clock: Clock, signal: AbortSignal | undefined): Patience {
  let failures = 0;
  return {
    renew() {
      failures = 0;
    },
    async wait(error) {
      failures += 1;
      if (failures >= patience) throw error;
      // Full jitter, so that uploads that broke together do not come back together.
      const pauseMs = clock.random() * backoffMs(failures, firstPauseMs, longestPauseMs);
      await clock.sleep(error.retryAfterMs ?? pauseMs, signal);
    },
  };
}

/** Whether what failed so may still succeed, by asking again and waiting no longer than is sensible. */
export function canGoOn(error: unknown): error is ProviderError {
  const passing = isProviderError(error, "unavailable", "rate-limited");
  return passing && (error.retryAfterMs ?? 0) <= longestObeyedMs;
}
