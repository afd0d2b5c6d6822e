import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../core/provider.ts";

/** The real time, and real chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal && { signal });
    } catch {
      // The timer's own error would hide why it was ended.
      signal?.throwIfAborted();
    }
  },
  random: () => Math.random(),
};
