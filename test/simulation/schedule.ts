import { setImmediate } from "node:timers";
import type { Side } from "../../src/core/plan.ts";
import type { Provider } from "../../src/core/provider.ts";
import { around, type Method } from "../../src/layers/around.ts";
import type { Chance } from "./chance.ts";

/** One process of the engine, as its clouds see it: its requests and answers, one at a time. */
export interface Schedule {
  /** The provider, each request, answer and chunk of which waits for its turn. */
  slow(provider: Provider, side: Side): Provider;
  /** From now on nothing comes back to the process: it goes no further, as if it had been killed. */
  kill(): void;
}

export interface Watcher {
  /** Before each request, answer and chunk; may kill. */
  onTurn(): void;
  onRequest(side: Side, method: Method): void;
  /** `error` null when the request did what it should. */
  onAnswer(side: Side, method: Method, error: Error | null): void;
  /** Nothing waits for a turn any more, and the process has not been killed: it has ended, or it hangs. */
  onStandstill(): void;
}

/** How many turns of the event loop bring everything to rest that a request sets off. */
const restingLoops = 40;

/**
 * Lets requests and answers through in an order that chance decides. The next goes only when all code
 * that the last one set off has come to rest, so that one seed makes one story.
 */
export function createSchedule(chance: Chance, watcher: Watcher): Schedule {
  const waiting: (() => void)[] = [];
  let alive = true;
  let planned = false;
  let turns = 0;

  function next(): void {
    planned = false;
    turns++;
    if (alive) watcher.onTurn();
    if (!alive) return;
    const [go] = waiting.splice(chance.number(waiting.length), 1);
    go?.();
    if (waiting.length > 0) plan();
    else rest(restingLoops, turns);
  }

  function plan(): void {
    if (planned || !alive) return;
    planned = true;
    setImmediate(next);
  }

  function rest(loops: number, since: number): void {
    if (planned || !alive || turns !== since) return;
    if (loops === 0) watcher.onStandstill();
    else setImmediate(() => rest(loops - 1, since));
  }

  function turn(): Promise<void> {
    return new Promise((go) => {
      waiting.push(go);
      plan();
    });
  }

  async function request<T>(side: Side, method: Method, run: () => Promise<T>) {
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

  const inTurns = (stream: ReadableStream<Uint8Array>) =>
    stream.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        async transform(chunk, controller) {
          await turn();
          controller.enqueue(chunk);
        },
      }),
    );

  return {
    slow(provider, side) {
      const slowed = around(provider, (method, run) => request(side, method, run));
      return {
        ...slowed,
        read: async (id, options) => inTurns(await slowed.read(id, options)),
      };
    },
    kill() {
      alive = false;
      waiting.length = 0;
    },
  };
}
