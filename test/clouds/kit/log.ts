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
  /** What a handler threw: a mistake in the stand-in, or a client that went away. */
  readonly error: string | null;
}

/** What was asked of a stand-in. */
export interface RequestLog {
  /** The latest requests, oldest first; bounded. */
  readonly requests: readonly RequestRecord[];
  /** Requests that arrived since the start or `resetCounts`, of one route or (default) all; not bounded. */
  count(route?: string | RegExp): number;
  resetCounts(): void;
}

const kept = 10_000;

/** Keeps what was asked of a stand-in. */
export function createRequestLog(): RequestLog & {
  arrive(route: string): void;
  add(record: RequestRecord): void;
} {
  const requests: RequestRecord[] = [];
  const counts = new Map<string, number>();
  return {
    requests,
    count(route = /^/) {
      let sum = 0;
      for (const [name, count] of counts) if (isRoute(route, name)) sum += count;
      return sum;
    },
    resetCounts() {
      counts.clear();
      requests.length = 0;
    },
    arrive(route) {
      counts.set(route, (counts.get(route) ?? 0) + 1);
    },
    add(record) {
      requests.push(record);
      if (requests.length > kept) requests.splice(0, kept / 10);
    },
  };
}
