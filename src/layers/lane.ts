import { isProviderError, ProviderError } from "../core/error.ts";
import type { Clock } from "../core/provider.ts";

export interface LaneOptions {
  /** How many requests may be in flight at first, and at most. */
  readonly startWidth: number;
  readonly maxWidth: number;
  /** While a service asks for a longer rest than this, requests are refused instead of kept waiting. */
  readonly maxPauseMs: number;
}

/** Requests of one kind, as many at once and as far apart as the service allows. */
export interface Lane {
  /** Room for one request, first come first served; `rate-limited` while the account rests for long. */
  enter(signal?: AbortSignal): Promise<Leave>;
  /** How many requests may be in flight now. */
  readonly width: number;
}

/** Gives the room back; told what ended the request: its error, or null. Only the first call counts. */
export type Leave = (error: unknown) => void;

/** The rest that a service asked for; all lanes of an account share one. */
export interface Rest {
  untilMs: number;
  askedBy: ProviderError | null;
}

interface Waiter {
  readonly start: () => void;
  readonly refuse: (error: unknown) => void;
}

const shortestIntervalMs = 100;
const longestIntervalMs = 30_000;
/** A lane is not cut more often: a service that is asked too much says so many times. */
const cutPauseMs = 500;
/** What a success adds while the limit was never met: a quarter more with every round trip. */
const boldStep = 0.25;
/** So many rounds of successes widen a lane by one that has met its limit before. */
const caution = 8;

/**
 * Until the limit is met successes widen the lane quickly, from then on carefully. Every throttling halves it: once for all requests that were in
 * flight together. When it is throttled at width 1 it spaces its requests instead, and widens again when
 * successes have worn the spacing off.
 */
export function createLane(clock: Clock, options: LaneOptions, rest: Rest): Lane {
  const waiting: Waiter[] = [];
  let width = options.startWidth;
  let inFlight = 0;
  let intervalMs = 0;
  let nextStartMs = 0;
  let lastCutMs = Number.NEGATIVE_INFINITY;
  let alarm: AbortController | null = null;

  /** Lets in whom there are room and time for; an alarm calls again when time alone is missing. */
  function pump(): void {
    while (waiting.length > 0 && inFlight < Math.floor(width)) {
      const nowMs = clock.now();
      const restMs = rest.untilMs - nowMs;
      if (rest.askedBy && restMs > options.maxPauseMs) return refuseAll(rest.askedBy, restMs);
      const waitMs = Math.max(restMs, nextStartMs - nowMs);
      if (waitMs > 0) return setAlarm(waitMs);
      inFlight++;
      nextStartMs = nowMs + Math.ceil(intervalMs);
      waiting.shift()?.start();
    }
  }

  function refuseAll({ message }: ProviderError, retryAfterMs: number): void {
    for (const { refuse } of waiting.splice(0)) {
      refuse(new ProviderError("rate-limited", message, { retryAfterMs }));
    }
  }

  /** What is waited for only moves away: an alarm may be early, never late. */
  function setAlarm(ms: number): void {
    if (alarm) return;
    alarm = new AbortController();
    const ring = () => {
      alarm = null;
      pump();
    };
    // It is aborted when nobody waits any longer, and nobody has to hear of that.
    clock.sleep(ms, alarm.signal).then(ring, () => {});
  }

  function giveUp(waiter: Waiter): void {
    waiting.splice(waiting.indexOf(waiter), 1);
    if (waiting.length > 0) return;
    alarm?.abort();
    alarm = null;
  }

  function leaving(): Leave {
    const startedMs = clock.now();
    let left = false;
    return (error) => {
      if (left) return;
      left = true;
      inFlight--;
      if (error === null) grow();
      else if (isProviderError(error, "rate-limited")) shrink(error, startedMs);
      pump();
    };
  }

  function grow(): void {
    const step = Number.isFinite(lastCutMs) ? 1 / (width * caution) : boldStep;
    if (intervalMs > 0) intervalMs = intervalMs < 5 ? 0 : intervalMs * 0.9;
    else width = Math.min(options.maxWidth, width + step);
  }

  function shrink(error: ProviderError, startedMs: number): void {
    const nowMs = clock.now();
    const untilMs = nowMs + (error.retryAfterMs ?? 0);
    if (untilMs > Math.max(nowMs, rest.untilMs)) Object.assign(rest, { untilMs, askedBy: error });
    // Requests that were in flight together are refused together: that is one sign, not many.
    if (startedMs <= lastCutMs || nowMs - lastCutMs < cutPauseMs) return;
    lastCutMs = nowMs;
    if (width >= 2) width /= 2;
    else {
      const doubledMs = Math.max(shortestIntervalMs, intervalMs * 2);
      intervalMs = Math.min(longestIntervalMs, doubledMs);
    }
  }

  return {
    get width() {
      return width;
    },
    enter: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          giveUp(waiter);
          reject(signal?.reason);
        };
        const waitNoLonger = () => signal?.removeEventListener("abort", stop);
        const waiter: Waiter = {
          start() {
            waitNoLonger();
            resolve(leaving());
          },
          refuse(error) {
            waitNoLonger();
            reject(error);
          },
        };
        signal?.addEventListener("abort", stop, { once: true });
        waiting.push(waiter);
        pump();
      }),
  };
}
