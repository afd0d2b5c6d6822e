import { pause } from "../kit/network.ts";

/** The lock of a namespace: writes take it one by one, or so many at a time. */
export interface WriteLock {
  /** Does the work, or throws what `refusal` makes when too many are at it. */
  hold<T>(refusal: () => Error, work: () => T): Promise<T>;
}

/** Reads its limits at each use. */
export function createWriteLock(limits: {
  concurrentWrites: number | null;
  writeMs: number;
}): WriteLock {
  const never = new AbortController().signal;
  let holders = 0;
  return {
    async hold(refusal, work) {
      if (limits.concurrentWrites !== null && holders >= limits.concurrentWrites) throw refusal();
      holders += 1;
      try {
        await pause(limits.writeMs, never);
        return work();
      } finally {
        holders -= 1;
      }
    },
  };
}
