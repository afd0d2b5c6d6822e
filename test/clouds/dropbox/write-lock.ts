import { pause } from "../kit/network.ts";

/** The lock of a namespace: writes take it one by one, or so many at a time. */
export interface WriteLock {
  /** Does the work, or throws what `refusal` makes when too many are at it for too long. */
  hold<T>(refusal: () => Error, work: () => T): Promise<T>;
}

/** Reads its limits at each use; who waits is served in turn. */
export function createWriteLock(limits: {
  concurrentWrites: number | null;
  writeMs: number;
  writeWaitMs: number;
}): WriteLock {
  const never = new AbortController().signal;
  const waiting: (() => void)[] = [];
  let holders = 0;

  function pump(): void {
    while (waiting.length > 0 && holders < (limits.concurrentWrites ?? Infinity)) {
      holders += 1;
      waiting.shift()?.();
    }
  }

  async function enter(refusal: () => Error): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.push(resolve);
    pump();
    if (!waiting.includes(resolve)) return;
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(resolve), 1);
      reject(refusal());
    }, limits.writeWaitMs);
    await promise.finally(() => clearTimeout(timer));
  }

  return {
    async hold(refusal, work) {
      await enter(refusal);
      try {
        await pause(limits.writeMs, never);
        return work();
      } finally {
        holders -= 1;
        pump();
      }
    },
  };
}
