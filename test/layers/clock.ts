import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../src/core/provider.ts";

export interface ManualClock extends Clock {
  /** Waits that were asked for and are not over, by when they end. */
  readonly sleeping: readonly number[];
  /** Every wait that was ever asked for, in milliseconds. */
  readonly slept: readonly number[];
  /** Lets time pass: sleepers wake one by one as their time comes, each seeing what the one before did. */
  pass(ms: number): Promise<void>;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock that stands still unless told to pass, so that who waits for whom is really tried. */
export function createManualClock(random: () => number = () => 0.5): ManualClock {
  let nowMs = 1_000_000;
  let sleepers: Sleeper[] = [];
  const slept: number[] = [];

  return {
    slept,
    get sleeping() {
      return sleepers.map(({ atMs }) => atMs);
    },
    now: () => nowMs,
    random,
    sleep(ms, signal) {
      slept.push(ms);
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        const sleeper = { atMs: nowMs + ms, wake };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", stop, { once: true });
      });
    },
    async pass(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await settled();
        // The sort is stable: of those due at one instant, who slept first wakes first.
        const [next] = sleepers.toSorted((a, b) => a.atMs - b.atMs);
        if (!next || next.atMs > endMs) break;
        sleepers = sleepers.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
      nowMs = endMs;
    },
  };
}

/** All that can happen without time passing has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await nextTurn();
}
