import type { Limits } from "./context.ts";
import { GraphError } from "./errors.ts";

/** Refuses calls above the limit, until the time that it told them to wait has passed. */
export interface Throttle {
  /** @throws GraphError 429 */
  take(): void;
}

const minuteMs = 60_000;

/** Counts by the minute; refused calls count too (SharePoint docs: "Avoid getting throttled"). */
export function createThrottle(limits: Limits, now: () => number): Throttle {
  let minute = 0;
  let taken = 0;
  let closedUntil = 0;
  return {
    take() {
      const current = Math.floor(now() / minuteMs);
      if (current !== minute) taken = 0;
      minute = current;
      taken += 1;
      const over = limits.requestsPerMinute !== null && taken > limits.requestsPerMinute;
      if (over) closedUntil = now() + (limits.retryAfterSeconds ?? 0) * 1000;
      if (over || now() < closedUntil) throw throttled(limits);
    },
  };
}

function throttled({ retryAfterSeconds, throttledAs }: Limits): GraphError {
  const headers = retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) };
  if (throttledAs === "503") {
    return new GraphError(503, "serviceNotAvailable", "The service is not available.", { headers });
  }
  if (throttledAs === "403") {
    const details = { inner: "throttledRequest", headers };
    return new GraphError(403, "accessDenied", "The request has been throttled.", details);
  }
  return new GraphError(429, "activityLimitReached", "The request has been throttled.", {
    inner: "throttledRequest",
    headers,
  });
}
