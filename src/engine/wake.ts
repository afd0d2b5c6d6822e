import type { EngineAccount } from "./context.ts";

/**
 * The one road in: whatever learns that an account may have news (a call of its service, a long poll, an
 * event of the file system) rings the account's bell, and whoever follows its feed reads it.
 */
export interface Bell {
  /** How often it was rung so far. */
  readonly rings: number;
  /** There may be news. Costs next to nothing and never waits: many rings before a reading are one. */
  ring(): void;
  /** Resolves once it was rung more than `heard` times. Rejects with the signal's reason. */
  after(heard: number, signal: AbortSignal): Promise<void>;
}

const bells = new WeakMap<EngineAccount, Bell>();

/** The bell of an open account. */
export function bellOf(account: EngineAccount): Bell {
  const bell = bells.get(account) ?? createBell();
  bells.set(account, bell);
  return bell;
}

/** Rings are counted, not kept: a reading names those that were before it, and misses none after. */
export function createBell(): Bell {
  let rings = 0;
  const waiting = new Set<() => void>();
  return {
    get rings() {
      return rings;
    },
    ring() {
      rings += 1;
      for (const wake of waiting) wake();
      waiting.clear();
    },
    async after(heard, signal) {
      signal.throwIfAborted();
      if (rings > heard) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      waiting.add(resolve);
      try {
        await promise;
      } finally {
        waiting.delete(resolve);
        signal.removeEventListener("abort", stop);
      }
    },
  };
}
