import type { Behaviour } from "./behaviour.ts";
import { DriveError } from "./errors.ts";

/** Watches over how much a user asks for; see `RateLimits`. */
export interface Limiter {
  /** Counts a request. @throws DriveError when it is over a limit; it then had no effect. */
  take(request: { readonly units: number; readonly creates: boolean }): void;
}

/** One bucket that refills evenly: its size is what may come at once. */
interface Bucket {
  level: number;
  at: number;
}

/** Every limit allows a burst of what it gives in its period. */
export function createLimiter(behaviour: Behaviour, now: () => number): Limiter {
  const buckets = { requests: bucket(), creates: bucket(), units: bucket() };

  /** Whether so much is left. Only taken together, so that a refused request costs nothing. */
  function has(target: Bucket, limit: number | null, periodMs: number, amount: number): boolean {
    if (limit === null) return true;
    const passed = now() - target.at;
    target.level = Math.max(0, target.level - (passed * limit) / periodMs);
    target.at = now();
    return target.level + amount <= limit;
  }

  return {
    take({ units, creates }) {
      const { limits } = behaviour;
      const created = creates ? 1 : 0;
      const fits = [
        has(buckets.requests, limits.requestsPerSecond, 1000, 1),
        has(buckets.creates, limits.createsPerSecond, 1000, created),
        has(buckets.units, limits.unitsPerMinute, 60_000, units),
      ];
      if (fits.includes(false)) throw limitExceeded(behaviour);
      buckets.requests.level += 1;
      buckets.creates.level += created;
      buckets.units.level += units;
    },
  };
}

function bucket(): Bucket {
  return { level: 0, at: 0 };
}

function limitExceeded({ limits }: Behaviour): DriveError {
  const { status, reason } = limits.answer;
  const message =
    reason === "userRateLimitExceeded" ? "User Rate Limit Exceeded" : "Rate Limit Exceeded";
  return new DriveError(status, reason, message, { retryAfterSeconds: limits.retryAfterSeconds });
}
