import type { Clock, Provider, Source } from "../core/provider.ts";
import { around, type Method } from "./around.ts";
import { createLane, type LaneOptions, type Leave, type Rest } from "./lane.ts";
import { retryDefaults } from "./retry.ts";

/** Reads, writes and all else queue apart: a write waits for its own read, never for another write. */
type LaneName = "read" | "write" | "other";

/** Writes that share requests: so many are no load, and the fewer they are the less they share. */
const sharedWidth = 512;

const defaults: LaneOptions = {
  startWidth: 8,
  maxWidth: 64,
  maxPauseMs: retryDefaults.maxRetryAfterMs,
};

/** What makes items, as a write does: services count such requests apart. */
const creating: ReadonlySet<Method> = new Set(["copy", "fetchFrom", "createFolder", "restore"]);

/** How fast an account may be asked; one for all rules that use the account. */
export interface Pace {
  /** Runs when the lane has room. Waiting ends with `signal`. */
  run<T>(lane: LaneName | "shared", work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The same for a request that ends later than its answer: it keeps its room until it leaves. */
  enter(lane: LaneName | "shared", signal?: AbortSignal): Promise<Leave>;
  /** For `status`: requests that each lane allows at once now. */
  readonly widths: Readonly<Record<LaneName, number>>;
}

/**
 * Finds how many requests at once, and how many a second, an account allows, for each lane by itself. A
 * `Retry-After` stops the whole account.
 */
export function createPace(clock: Clock, options: LaneOptions = defaults): Pace {
  const rest: Rest = { untilMs: 0, askedBy: null };
  const lanes = {
    read: createLane(clock, options, rest),
    write: createLane(clock, options, rest),
    other: createLane(clock, options, rest),
    shared: createLane(clock, { ...options, startWidth: sharedWidth, maxWidth: sharedWidth }, rest),
  };
  return {
    enter: (name, signal) => lanes[name].enter(signal),
    async run(name, work, signal) {
      const leave = await lanes[name].enter(signal);
      try {
        const result = await work();
        leave(null);
        return result;
      } catch (error) {
        leave(error);
        throw error;
      }
    },
    get widths() {
      return { read: lanes.read.width, write: lanes.write.width, other: lanes.other.width };
    },
  };
}

/**
 * Every request of the provider waits its turn; a read keeps its room until the stream has ended. Waiting
 * ends with the request's own signal where it has one, else with `signal`.
 */
export function withPace(provider: Provider, pace: Pace, signal?: AbortSignal): Provider {
  const laneOf = (method: Method): LaneName => (creating.has(method) ? "write" : "other");
  return {
    ...around(provider, (method, run) =>
      // Waiting for news is not work: it must neither wait for a turn nor take one.
      method === "waitForChange" ? run() : pace.run(laneOf(method), run, signal),
    ),
    async read(id, options) {
      const leave = await pace.enter("read", options?.signal ?? signal);
      try {
        return heldUntilEnd(await provider.read(id, options), leave);
      } catch (error) {
        leave(error);
        throw error;
      }
    },
    write: (target, source, options) =>
      pace.run(
        isShared(provider, source) ? "shared" : "write",
        () => provider.write(target, source, options),
        options?.signal ?? signal,
      ),
  };
}

function isShared({ traits }: Provider, { sizeBytes }: Source): boolean {
  return sizeBytes !== null && sizeBytes <= (traits.sharedWriteBytes ?? -1);
}

/** The same bytes; `ended` is called once when they are over, broken (with the error) or unwanted. */
function heldUntilEnd(
  stream: ReadableStream<Uint8Array>,
  ended: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          ended(null);
          controller.close();
        } catch (error) {
          ended(error);
          controller.error(error);
        }
      },
      async cancel(reason) {
        ended(null);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
