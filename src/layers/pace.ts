import { isProviderError } from "../core/error.ts";
import type { Clock, Provider } from "../core/provider.ts";
import { around, type Method } from "./around.ts";

/** Reads, writes and all else queue apart: a write waits for its own read, never for another write. */
type Lane = "read" | "write" | "other";

export interface PaceOptions {
  /** How many requests a lane may have in flight at first, and at most. */
  readonly startWidth: number;
  readonly maxWidth: number;
}

export const paceDefaults: PaceOptions = { startWidth: 8, maxWidth: 64 };

/** How fast an account may be asked; one for all rules that use the account. */
export interface Pace {
  /** Runs when the lane has room; `hold` keeps the room until the returned function is called. */
  run<T>(lane: Lane, work: () => Promise<T>): Promise<T>;
  enter(lane: Lane): Promise<() => void>;
  /** Tells how a request ended; the lane's width follows. */
  report(lane: Lane, error: unknown): void;
  /** For `status`: requests that each lane allows at once now. */
  readonly widths: Readonly<Record<Lane, number>>;
}

const slowestIntervalMs = 30_000;

/**
 * Finds how many requests at once, and how many a second, an account allows: every success widens the
 * lane a little, every throttling halves it (once for all requests that were in flight together). A lane
 * that is throttled at width 1 spaces its requests instead. A `Retry-After` stops the whole account.
 */
export function createPace(clock: Clock, options: PaceOptions = paceDefaults): Pace {
  let pausedUntilMs = 0;
  const lanes = { read: lane(), write: lane(), other: lane() };

  function lane() {
    return {
      width: options.startWidth,
      inFlight: 0,
      waiting: [] as (() => void)[],
      intervalMs: 0,
      nextStartMs: 0,
      lastCutMs: Number.NEGATIVE_INFINITY,
    };
  }

  const hasRoom = (name: Lane) => lanes[name].inFlight < Math.floor(lanes[name].width);

  function wake(name: Lane): void {
    while (hasRoom(name)) {
      const next = lanes[name].waiting.shift();
      if (!next) return;
      lanes[name].inFlight++;
      next();
    }
  }

  /** Requests start one interval apart, and none while the account rests. */
  async function waitForTurn(name: Lane): Promise<void> {
    const own = lanes[name];
    for (;;) {
      const startMs = Math.max(pausedUntilMs, own.nextStartMs);
      if (startMs <= clock.now()) break;
      await clock.sleep(startMs - clock.now());
    }
    own.nextStartMs = clock.now() + own.intervalMs;
  }

  async function enter(name: Lane): Promise<() => void> {
    if (hasRoom(name)) lanes[name].inFlight++;
    else await new Promise<void>((resolve) => lanes[name].waiting.push(resolve));
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      lanes[name].inFlight--;
      wake(name);
    };
    try {
      await waitForTurn(name);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  function report(name: Lane, error: unknown): void {
    const own = lanes[name];
    if (!isProviderError(error, "rate-limited")) {
      if (error === null) {
        own.width = Math.min(options.maxWidth, own.width + 1 / own.width);
        own.intervalMs = own.intervalMs < 5 ? 0 : own.intervalMs * 0.9;
        wake(name);
      }
      return;
    }
    const nowMs = clock.now();
    if (error.retryAfterMs) pausedUntilMs = Math.max(pausedUntilMs, nowMs + error.retryAfterMs);
    // Requests that were in flight together are refused together: that is one sign, not many.
    if (nowMs - own.lastCutMs < 500) return;
    own.lastCutMs = nowMs;
    if (own.width >= 2) own.width /= 2;
    else own.intervalMs = Math.min(slowestIntervalMs, Math.max(100, own.intervalMs * 2));
  }

  return {
    enter,
    report,
    async run(name, work) {
      const leave = await enter(name);
      try {
        const result = await work();
        report(name, null);
        return result;
      } catch (error) {
        report(name, error);
        throw error;
      } finally {
        leave();
      }
    },
    get widths() {
      return { read: lanes.read.width, write: lanes.write.width, other: lanes.other.width };
    },
  };
}

/** Every request of the provider waits its turn; a read keeps its room until the stream has ended. */
export function withPace(provider: Provider, pace: Pace): Provider {
  const laneOf = (method: Method): Lane =>
    method === "write" || method === "createFolder" ? "write" : "other";
  return {
    ...around(provider, (method, run) =>
      // Waiting for news is not work: it must neither wait for a turn nor take one.
      method === "waitForChange" ? run() : pace.run(laneOf(method), run),
    ),
    async read(id, options) {
      const leave = await pace.enter("read");
      try {
        return heldUntilEnd(await provider.read(id, options), (error) => {
          pace.report("read", error);
          leave();
        });
      } catch (error) {
        pace.report("read", error);
        leave();
        throw error;
      }
    },
  };
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
