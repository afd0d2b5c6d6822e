import { AsyncLocalStorage } from "node:async_hooks";

/** For which run something is done, be it many calls below: what is logged meanwhile says so. */

export interface RunFacts {
  readonly rule: string;
  /** Its number in the log of runs; null: none was begun yet. */
  readonly run: number | null;
}

const current = new AsyncLocalStorage<() => RunFacts>();

/** `facts`: asked whenever something is logged meanwhile. */
export const duringRun = <T>(facts: () => RunFacts, work: () => T): T => current.run(facts, work);

/** Null: what goes on belongs to no run. */
export const currentRun = (): RunFacts | null => current.getStore()?.() ?? null;
