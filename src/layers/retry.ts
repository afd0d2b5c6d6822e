import type { ChangePage, Cursor, Entry, ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { CallOptions, Clock, Provider, Trashed } from "../core/provider.ts";
import { backoffMs } from "../http/backoff.ts";
import { around } from "./around.ts";

export interface RetryOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Wait before the second attempt; doubles with each further one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** A service that asks for a longer wait is not waited for: the failure is passed on, with its date. */
  readonly maxRetryAfterMs: number;
}

export const retryDefaults: RetryOptions = {
  attempts: 7,
  firstDelayMs: 500,
  maxDelayMs: 30_000,
  maxRetryAfterMs: 5 * 60_000,
};

/**
 * How long to wait before attempt `attempt` + 1; null: give up. Full jitter over the upper half, so that
 * many requests that failed together do not come back together.
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  random: () => number,
  options: RetryOptions,
): number | null {
  if (!isProviderError(error) || !error.retryable || attempt >= options.attempts) return null;
  if ((error.retryAfterMs ?? 0) > options.maxRetryAfterMs) return null;
  const growingMs = backoffMs(attempt, options.firstDelayMs, options.maxDelayMs);
  return Math.max(error.retryAfterMs ?? 0, growingMs * (0.5 + random() / 2));
}

/**
 * Repeats requests whose failure may pass. What may have had an effect before it failed is safe to repeat
 * because of the contract: creates name a reserved id or are refused at a taken place, replacements name
 * the revision they replace, trash and move say where things are to be. Waiting ends with the request's
 * own signal where it has one, else with `signal`.
 */
export function withRetry(
  provider: Provider,
  clock: Clock,
  options: RetryOptions = retryDefaults,
  signal?: AbortSignal,
): Provider {
  async function retry<T>(run: () => Promise<T>, ending = signal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        const delayMs = retryDelayMs(error, attempt, clock.random, options);
        if (delayMs === null || ending?.aborted) throw error;
        await clock.sleep(delayMs, ending);
      }
    }
  }

  /** A generator is dead after it threw: `open` gives one that goes on where it was. */
  async function* resuming<T>(open: () => AsyncIterable<T>): AsyncGenerator<T> {
    let iterator = open()[Symbol.asyncIterator]();
    const next = async () => {
      try {
        return await iterator.next();
      } catch (error) {
        iterator = open()[Symbol.asyncIterator]();
        throw error;
      }
    };
    try {
      for (;;) {
        const { done, value } = await retry(next);
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  /** Goes on behind the last page that was given out. */
  async function* changes(since: Cursor | null): AsyncGenerator<ChangePage> {
    let cursor = since;
    for await (const page of resuming(() => provider.changes(cursor))) {
      cursor = page.next;
      yield page;
    }
  }

  /** Begins again from the first child, and leaves out those that were given out already. */
  async function* list(folder: ItemId): AsyncGenerator<Entry> {
    const given = new Set<ItemId>();
    for await (const entry of resuming(() => provider.list(folder))) {
      if (given.has(entry.id)) continue;
      given.add(entry.id);
      yield entry;
    }
  }

  /**
   * The one effect whose repetition would fail: what an unanswered attempt has brought back is no longer
   * in the trash, and stands where it was.
   */
  async function restore(trashed: Trashed, options?: CallOptions): Promise<Entry> {
    let isRepeated = false;
    return retry(async () => {
      try {
        return await provider.restore(trashed, options);
      } catch (error) {
        if (!isRepeated || !isProviderError(error, "not-found")) throw error;
        const entry = await provider.stat(trashed.id);
        if (entry.parent !== trashed.at.parent || entry.name !== trashed.at.name) throw error;
        return entry;
      } finally {
        isRepeated = true;
      }
    });
  }

  const { waitForChange } = provider;
  return {
    ...around(provider, (_, run) => retry(run)),
    restore,
    changes,
    list,
    read: (id, options) => retry(() => provider.read(id, options), options?.signal),
    write: (target, source, options) =>
      retry(() => provider.write(target, source, options), options?.signal),
    ...(waitForChange && {
      waitForChange: (since, ending) => retry(() => waitForChange(since, ending), ending),
    }),
  };
}
