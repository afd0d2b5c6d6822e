import { setTimeout as sleep } from "node:timers/promises";

/** How far away, how thin and how wide the line is; may be changed while running, for requests from then on. */
export interface Network {
  /** Added to every request, half before its effect and half before the answer's first byte. */
  latencyMs: number;
  /** Per connection and direction; null: as fast as the machine. */
  uploadBytesPerSecond: number | null;
  downloadBytesPerSecond: number | null;
  /** So many requests are served at once, further ones wait; null: any number. */
  requestsAtOnce: number | null;
}

const tickMs = 10;
/** Shorter waits than a timer can keep are left to the next piece. */
const shortestWaitMs = 3;
/** How much of what timers and a slow client cost a body may catch up on. */
const slackMs = 100;

/** Waits in real time; returns at once for nothing to wait for, and early when aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  // An aborted wait is no failure here: whoever reads or writes next finds the connection closed.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Keeps bytes at a rate: over a whole body never more than it, and no less for timers that ring late. */
export interface Pacer {
  /** A body begins: no time that has passed can be made up for any more. */
  begin(): void;
  /** Pieces small enough, and waits long enough, that the rate holds. */
  pass(
    bytes: Uint8Array,
    bytesPerSecond: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array>;
}

/** One for each connection and direction. */
export function createPacer(): Pacer {
  let freeAt = 0;
  return {
    begin() {
      freeAt = Math.max(freeAt, performance.now());
    },
    async *pass(bytes, bytesPerSecond, signal) {
      if (bytesPerSecond === null) return yield bytes;
      const pieceBytes = Math.max(1, Math.floor((bytesPerSecond * tickMs) / 1000));
      for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
        const piece = bytes.subarray(at, at + pieceBytes);
        const now = performance.now();
        freeAt = Math.max(freeAt, now - slackMs) + (piece.byteLength / bytesPerSecond) * 1000;
        if (freeAt - now >= shortestWaitMs) await pause(freeAt - now, signal);
        yield piece;
      }
    },
  };
}

/** Room for `network.requestsAtOnce` requests, first come first served; gives back what ends one. */
export function createRoom(network: Pick<Network, "requestsAtOnce">): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const pump = () => {
    while (waiting.length > 0 && inside < (network.requestsAtOnce ?? Infinity)) {
      inside += 1;
      waiting.shift()?.();
    }
  };
  return async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    pump();
    await promise;
    return () => {
      inside -= 1;
      pump();
    };
  };
}
