import { setImmediate } from "node:timers";
import type { Provider } from "../../src/core/provider.ts";
import { around, type Method } from "../../src/layers/around.ts";
import type { Chance } from "./chance.ts";

/** One process of the engine, as its clouds see it: its requests and answers, one at a time. */
export interface Schedule {
  /** The provider, each request and each answer of which waits for its turn. */
  slow(provider: Provider, side: "from" | "to"): Provider;
  /** From now on nothing comes back to the process: it goes no further, as if it had been killed. */
  kill(): void;
}

export interface Watcher {
  /** Before each request and each answer; may kill. */
  onTurn(): void;
  onRequest(side: "from" | "to", method: Method): void;
  /** `error` null when the request did what it should. */
  onAnswer(side: "from" | "to", method: Method, error: Error | null): void;
}

/**
 * Lets requests and answers through in an order that chance decides. The next goes only when all code
 * that the last one set off has come to rest, so that one seed makes one story.
 */
export function createSchedule(chance: Chance, watcher: Watcher): Schedule {
  const waiting: (() => void)[] = [];
  let alive = true;
  let planned = false;

  function next(): void {
    planned = false;
    if (alive) watcher.onTurn();
    if (!alive) return;
    const [go] = waiting.splice(chance.number(waiting.length), 1);
    go?.();
    plan();
  }

  function plan(): void {
    if (planned || waiting.length === 0 || !alive) return;
    planned = true;
    setImmediate(next);
  }

  function turn(): Promise<void> {
    return new Promise((go) => {
      waiting.push(go);
      plan();
    });
  }

  async function request<T>(side: "from" | "to", method: Method, run: () => Promise<T>) {
    await turn();
    watcher.onRequest(side, method);
    try {
      const answer = await run();
      await turn();
      watcher.onAnswer(side, method, null);
      return answer;
    } catch (error) {
      await turn();
      watcher.onAnswer(side, method, error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  return {
    slow: (provider, side) => around(provider, (method, run) => request(side, method, run)),
    kill() {
      alive = false;
      waiting.length = 0;
    },
  };
}
