import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/core/error.ts";
import type { LaneOptions, Leave } from "../../src/layers/lane.ts";
import { createPace, type Pace } from "../../src/layers/pace.ts";
import { rejection } from "../contract/harness.ts";
import { createManualClock, settled } from "./clock.ts";

const options: LaneOptions = { startWidth: 4, maxWidth: 8, maxPauseMs: 60_000 };
const throttled = (retryAfterMs?: number) =>
  new ProviderError("rate-limited", "memory: write: too many requests", {
    retryAfterMs: retryAfterMs ?? null,
  });

/** Requests by number: which have started, in which order, and how to end one. */
function bench(over: Partial<LaneOptions> = {}) {
  const clock = createManualClock();
  const pace = createPace(clock, { ...options, ...over });
  const started: number[] = [];
  const startedAtMs: number[] = [];
  const leaves = new Map<number, Leave>();
  const rejected = new Map<number, unknown>();
  let count = 0;

  return {
    clock,
    pace,
    started,
    startedAtMs,
    rejected,
    /** Asks for `n` requests more. */
    async ask(n: number, lane: "read" | "write" | "other" = "other", signal?: AbortSignal) {
      for (let i = 0; i < n; i++) {
        const request = count++;
        pace.enter(lane, signal).then(
          (leave) => {
            started.push(request);
            startedAtMs.push(clock.now());
            leaves.set(request, leave);
          },
          (error: unknown) => rejected.set(request, error),
        );
      }
      await settled();
    },
    async end(request: number, error: unknown = null) {
      const leave = leaves.get(request);
      if (!leave) throw new Error(`request ${request} has not started`);
      leaves.delete(request);
      leave(error);
      await settled();
    },
    inFlight: () => leaves.size,
    oldest: () => [...leaves.keys()][0],
  };
}

describe("room in a lane", () => {
  it("goes to the first who asked, and then in the order of asking", async () => {
    const { ask, end, started } = bench();
    await ask(7);
    expect(started).toEqual([0, 1, 2, 3]);
    await end(2, new Error("any"));
    await end(0, new Error("any"));
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("is counted once, however often a request says that it ended", async () => {
    const { clock } = bench();
    const pace = createPace(clock, { ...options, startWidth: 1 });
    const leave = await pace.enter("other");
    leave(new Error("any"));
    leave(new Error("any"));
    await pace.enter("other");
    let third = false;
    void pace.enter("other").then(() => {
      third = true;
    });
    await settled();
    expect(third).toBe(false);
  });

  it("is one lane's own: a full one holds up no other", async () => {
    const { ask, started } = bench({ startWidth: 1 });
    await ask(2, "write");
    await ask(2, "read");
    await ask(2, "other");
    expect(started).toEqual([0, 2, 4]);
  });
});

describe("the width of a lane", () => {
  it("grows with successes up to the most, and lets in as many", async () => {
    const { ask, end, pace, started, oldest, inFlight } = bench({ startWidth: 2 });
    await ask(200);
    expect(inFlight()).toBe(2);
    for (let i = 0; i < 100; i++) await end(oldest() ?? -1);
    expect(pace.widths.other).toBe(8);
    expect(inFlight()).toBe(8);
    expect(started).toEqual(Array.from({ length: 108 }, (_, i) => i));
  });

  it("stays as it is when a request fails for a reason of its own", async () => {
    const { ask, end, pace } = bench();
    await ask(2);
    await end(0, new ProviderError("not-found", "memory: stat: gone"));
    await end(1, new ProviderError("unavailable", "memory: stat: no answer"));
    expect(pace.widths).toEqual({ read: 4, write: 4, other: 4 });
  });

  it("halves once for all that were in flight together, however late they are refused", async () => {
    const { ask, end, pace, clock } = bench({ startWidth: 8 });
    await ask(8);
    await end(0, throttled());
    await clock.pass(10);
    await end(1, throttled());
    await clock.pass(20_000);
    for (const request of [2, 3, 4, 5, 6, 7]) await end(request, throttled());
    expect(pace.widths.other).toBe(4);
  });

  it("halves again when one is refused that started after", async () => {
    const { ask, end, pace, clock } = bench({ startWidth: 8 });
    await ask(1);
    await end(0, throttled());
    await clock.pass(1_000);
    await ask(1);
    await clock.pass(1);
    await end(1, throttled());
    expect(pace.widths.other).toBe(2);
  });

  it("halves in the lane that was throttled alone", async () => {
    const { ask, end, pace } = bench();
    await ask(1, "write");
    await end(0, throttled());
    expect(pace.widths).toEqual({ read: 4, write: 2, other: 4 });
  });

  it("lets nobody in after a cut until fewer are in flight than it allows", async () => {
    const { ask, end, started } = bench({ startWidth: 4 });
    await ask(10);
    await end(0, throttled());
    await end(1, new Error("any"));
    expect(started).toHaveLength(4);
    await end(2, new Error("any"));
    expect(started).toHaveLength(5);
  });

  it.each([1, 2, 3, 4, 5])("is never exceeded by those that start: course %i", async (seed) => {
    const chance = numbers(seed);
    const { ask, end, pace, clock, started, inFlight, oldest } = bench({ maxPauseMs: 1e9 });
    for (let turn = 0; turn < 400; turn++) {
      const before = started.length;
      const draw = chance();
      if (draw < 0.4) await ask(1 + Math.floor(chance() * 3));
      else if (draw < 0.6) await clock.pass(Math.floor(chance() * 2_000));
      else if (inFlight() > 0) {
        const failed = chance() < 0.3 ? throttled(chance() < 0.3 ? 5_000 : undefined) : null;
        await end(oldest() ?? -1, failed);
      }
      if (started.length > before) {
        expect(inFlight()).toBeLessThanOrEqual(Math.floor(pace.widths.other));
      }
    }
    expect(started).toEqual(started.toSorted((a, b) => a - b));
    expect(started.length).toBeGreaterThan(30);
  });
});

describe("spacing", () => {
  /** A lane at width 1 whose first request was just refused. */
  async function spaced() {
    const it = bench({ startWidth: 1 });
    await it.ask(1);
    await it.end(0, throttled());
    return it;
  }

  it("keeps starts apart when a lane of width 1 is throttled, in the order of asking", async () => {
    const { ask, end, clock, started, startedAtMs } = await spaced();
    const zeroMs = startedAtMs[0] ?? 0;
    await ask(3);
    for (const request of [1, 2, 3]) {
      await clock.pass(150);
      await end(request, new Error("any"));
    }
    expect(started).toEqual([0, 1, 2, 3]);
    expect(startedAtMs.slice(1).map((ms) => ms - zeroMs)).toEqual([0, 150, 300]);
  });

  it("doubles with each throttling, up to half a minute", async () => {
    const { ask, end, clock, startedAtMs } = await spaced();
    for (let request = 1; request <= 12; request++) {
      await ask(1);
      await clock.pass(31_000);
      await end(request, throttled());
      await clock.pass(600);
    }
    await ask(2);
    await clock.pass(40_000);
    await end(13, new Error("any"));
    await clock.pass(40_000);
    const [one = 0, two = 0] = startedAtMs.slice(-2);
    expect(two - one).toBe(40_000);
    await end(14, new Error("any"));
    await ask(1);
    await end(15, new Error("any"));
    await ask(1);
    await clock.pass(29_999);
    expect(startedAtMs).toHaveLength(16);
    await clock.pass(1);
    expect(startedAtMs).toHaveLength(17);
  });

  it("wears off with successes before the lane grows wider", async () => {
    const { ask, end, clock, pace, startedAtMs } = await spaced();
    let request = 0;
    const succeed = async () => {
      await ask(1);
      await clock.pass(200);
      await end(++request);
    };
    for (let i = 0; i < 10; i++) await succeed();
    expect(pace.widths.other).toBe(1);
    for (let i = 0; i < 40; i++) await succeed();
    expect(pace.widths.other).toBeGreaterThan(2);
    await ask(2);
    expect(startedAtMs.at(-1)).toBe(startedAtMs.at(-2));
  });

  it.each([
    { perSecond: 0.2, burst: 1 },
    { perSecond: 1, burst: 1 },
    { perSecond: 4, burst: 10 },
    { perSecond: 20, burst: 5 },
  ])(
    "finds what a service of $perSecond requests a second allows",
    async ({ perSecond, burst }) => {
      const clock = createManualClock();
      const pace = createPace(clock);
      const service = createBucket(clock.now, perSecond, burst);
      const seconds = 400 / perSecond;
      const stop = keepAsking(pace, clock, service, 40);
      await clock.pass(seconds * 1_000);
      stop();
      // Of what the service would have given, most is used; of what is asked, most is given.
      expect(service.served / (seconds * perSecond)).toBeGreaterThan(0.6);
      expect(service.refused / (service.served + service.refused)).toBeLessThan(0.35);
    },
  );
});

describe("a service that asks for a rest", () => {
  it("gets it from every lane, and then serves those who waited, in order", async () => {
    const { ask, end, clock, started } = bench();
    await ask(1, "write");
    await end(0, throttled(30_000));
    await ask(2, "read");
    await ask(2, "other");
    await ask(1, "write");
    await clock.pass(29_999);
    expect(started).toEqual([0]);
    await clock.pass(1);
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("rests as long as the longest wish that it spoke", async () => {
    const { ask, end, clock, started } = bench();
    await ask(2);
    await end(0, throttled(30_000));
    await end(1, throttled(1_000));
    await ask(1);
    await clock.pass(29_999);
    expect(started).toHaveLength(2);
    await clock.pass(1);
    expect(started).toHaveLength(3);
  });

  it("rests on when it asks for more while others wait for the end", async () => {
    const { ask, end, clock, started } = bench();
    await ask(2);
    await end(0, throttled(10_000));
    await ask(1);
    await clock.pass(5_000);
    await end(1, throttled(20_000));
    await clock.pass(19_999);
    expect(started).toHaveLength(2);
    await clock.pass(1);
    expect(started).toHaveLength(3);
  });

  it("serves those who came before it grew before those who came after", async () => {
    const { ask, end, clock, started } = bench();
    await ask(2);
    await end(0, throttled(10_000));
    await ask(1);
    await clock.pass(5_000);
    await end(1, throttled(20_000));
    await ask(1);
    await clock.pass(20_000);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  it("keeps nobody waiting for a rest that is too long: they are told how long it is", async () => {
    const { ask, end, clock, started, rejected } = bench({ startWidth: 1 });
    await ask(4);
    await end(0, throttled(3_600_000));
    expect([...rejected.keys()]).toEqual([1, 2, 3]);
    await clock.pass(600_000);
    await ask(1, "read");
    expect(rejected.get(4)).toMatchObject({
      failure: "rate-limited",
      retryAfterMs: 3_000_000,
      message: "memory: write: too many requests",
    });
    await clock.pass(2_950_000);
    await ask(1);
    await clock.pass(50_000);
    expect(started).toEqual([0, 5]);
  });
});

describe("somebody who waits no longer", () => {
  it("leaves the queue without a hole", async () => {
    const { ask, end, started, rejected, inFlight } = bench({ startWidth: 1 });
    const impatient = new AbortController();
    await ask(1);
    await ask(2, "other", impatient.signal);
    await ask(2);
    impatient.abort(new Error("enough"));
    await settled();
    expect([...rejected.keys()]).toEqual([1, 2]);
    expect(rejected.get(1)).toBe(impatient.signal.reason);
    await end(0, new Error("any"));
    expect(started).toEqual([0, 3]);
    await end(3, new Error("any"));
    expect(started).toEqual([0, 3, 4]);
    expect(inFlight()).toBe(1);
  });

  it("gives the room back when it was waiting for its turn", async () => {
    const { ask, end, clock, started, rejected } = bench({ startWidth: 1 });
    const impatient = new AbortController();
    await ask(1);
    await end(0, throttled(10_000));
    await ask(1, "other", impatient.signal);
    await ask(1);
    impatient.abort(new Error("enough"));
    await settled();
    expect(rejected.get(1)).toBe(impatient.signal.reason);
    await clock.pass(10_000);
    expect(started).toEqual([0, 2]);
  });

  it("takes no room when it came too late", async () => {
    const { ask, started, rejected } = bench({ startWidth: 1 });
    await ask(1, "other", AbortSignal.abort(new Error("enough")));
    await ask(1);
    expect([...rejected.keys()]).toEqual([0]);
    expect(started).toEqual([1]);
  });

  it("is forgotten by the signal once it has started", async () => {
    const { ask, end, started, rejected } = bench({ startWidth: 1 });
    const signal = new AbortController();
    await ask(3, "other", signal.signal);
    await end(0, new Error("any"));
    signal.abort(new Error("enough"));
    await settled();
    expect([...rejected.keys()]).toEqual([2]);
    await end(1, new Error("any"));
    await ask(1);
    expect(started).toEqual([0, 1, 3]);
  });
});

describe("run", () => {
  it("gives the result, or the error, and the room back", async () => {
    const pace = createPace(createManualClock(), { ...options, startWidth: 1 });
    expect(await pace.run("other", async () => 5)).toBe(5);
    const broken = new Error("broken");
    expect(await rejection(pace.run("other", () => Promise.reject(broken)))).toBe(broken);
    expect(await pace.run("other", async () => 6)).toBe(6);
  });
});

/** A linear congruential generator: the same numbers for a seed, 0 <= x < 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A service that serves so many a second, and as many as `burst` at once. */
function createBucket(now: () => number, perSecond: number, burst: number) {
  let tokens = burst;
  let lastMs = now();
  const bucket = {
    served: 0,
    refused: 0,
    ask() {
      tokens = Math.min(burst, tokens + ((now() - lastMs) / 1_000) * perSecond);
      lastMs = now();
      if (tokens < 1) {
        bucket.refused++;
        throw throttled();
      }
      tokens--;
      bucket.served++;
    },
  };
  return bucket;
}

/** As many as `n` clients that each ask again at once, whatever the answer was. */
function keepAsking(
  pace: Pace,
  clock: ReturnType<typeof createManualClock>,
  service: ReturnType<typeof createBucket>,
  n: number,
): () => void {
  let going = true;
  const client = async () => {
    while (going) {
      await pace
        .run("other", async () => {
          await clock.sleep(50);
          service.ask();
        })
        .catch((error: unknown) => {
          if (!(error instanceof ProviderError)) throw error;
        });
    }
  };
  for (let i = 0; i < n; i++) void client();
  return () => {
    going = false;
  };
}
