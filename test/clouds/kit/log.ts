import { isRoute } from "./faults.ts";

/** One request that a stand-in has ended with. */
export interface RequestRecord {
  readonly method: string;
  readonly route: string;
  /** Null when the connection ended without an answer. */
  readonly status: number | null;
  /** Bytes of the bodies, as far as they were read and sent. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly at: Date;
  /** From its arrival to the end of its answer, in real time. */
  readonly tookMs: number;
  /** What a handler threw: a mistake in the stand-in, or a client that went away. */
  readonly error: string | null;
}

/** All requests of one route. */
export interface RouteUse {
  /** That arrived. */
  readonly count: number;
  /** That were answered with another status than 2xx or 3xx, or not at all. */
  readonly refused: number;
  /** What those that ended took together. */
  readonly tookMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What was asked of a stand-in. */
export interface RequestLog {
  /** The latest requests, oldest first; bounded. */
  readonly requests: readonly RequestRecord[];
  /** Requests that arrived since the start or `resetCounts`, of one route or (default) all; not bounded. */
  count(route?: string | RegExp): number;
  /** By route, what it was asked for since the start or `resetCounts`; not bounded. */
  uses(): ReadonlyMap<string, RouteUse>;
  resetCounts(): void;
}

const kept = 10_000;
const unused: RouteUse = { count: 0, refused: 0, tookMs: 0, bytesIn: 0, bytesOut: 0 };

/** Keeps what was asked of a stand-in. */
export function createRequestLog(): RequestLog & {
  arrive(route: string): void;
  add(record: RequestRecord): void;
} {
  const requests: RequestRecord[] = [];
  const uses = new Map<string, RouteUse>();
  const useOf = (route: string) => uses.get(route) ?? unused;
  return {
    requests,
    count(route = /^/) {
      let sum = 0;
      for (const [name, { count }] of uses) if (isRoute(route, name)) sum += count;
      return sum;
    },
    uses: () => new Map(uses),
    resetCounts() {
      uses.clear();
      requests.length = 0;
    },
    arrive(route) {
      const use = useOf(route);
      uses.set(route, { ...use, count: use.count + 1 });
    },
    add(record) {
      requests.push(record);
      if (requests.length > kept) requests.splice(0, kept / 10);
      const use = useOf(record.route);
      uses.set(record.route, {
        count: use.count,
        refused: use.refused + (isAnswered(record) ? 0 : 1),
        tookMs: use.tookMs + record.tookMs,
        bytesIn: use.bytesIn + record.bytesIn,
        bytesOut: use.bytesOut + record.bytesOut,
      });
    },
  };
}

function isAnswered({ status }: RequestRecord): boolean {
  return status !== null && status < 400;
}
