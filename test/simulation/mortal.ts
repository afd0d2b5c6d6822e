import type { Side } from "../../src/core/plan.ts";
import type { Provider } from "../../src/core/provider.ts";
import { around } from "../../src/layers/around.ts";
import type { Store } from "../../src/store/open.ts";
import { fragile } from "./fragile.ts";

/** Thrown by the state where it fails, and from then on, once its process is dead. */
export class StateFailure extends Error {
  override readonly name = "StateFailure";
}

/** One process's hold on state and clouds: every access is a moment, and at one of them it ends. */
export interface Mortal {
  readonly store: Store;
  wrap(provider: Provider, side: Side): Provider;
  /** Resolves when it died. */
  readonly death: Promise<"killed">;
  /** Accesses so far. */
  moments(): number;
}

/**
 * A process that is killed at moment `diesAt`: before a commit, before the effect of a request, or between
 * its effect and its answer. What is under way then never comes back; the state takes nothing more.
 */
export function createMortal(store: Store, diesAt: number): Mortal {
  const { promise: death, resolve } = Promise.withResolvers<"killed">();
  let moments = 0;
  let dead = false;
  const isOver = (): boolean => {
    dead ||= moments++ === diesAt;
    if (dead) resolve("killed");
    return dead;
  };
  const never = new Promise<never>(() => {});
  return {
    death,
    moments: () => moments,
    store: fragile(store, () => {
      if (isOver()) throw new StateFailure("the process is dead");
    }),
    wrap: (provider) =>
      around(provider, async (_, run) => {
        if (isOver()) return never;
        const answer = await run();
        return isOver() ? never : answer;
      }),
  };
}
