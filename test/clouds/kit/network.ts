import { setTimeout as sleep } from "node:timers/promises";

/** How far away and how thin the line is; may be changed while running, for requests from then on. */
export interface Network {
  /** Added to every request, half before its effect and half before the answer's first byte. */
  latencyMs: number;
  /** Per connection and direction; null: as fast as the machine. */
  uploadBytesPerSecond: number | null;
  downloadBytesPerSecond: number | null;
}

const tickMs = 10;

/** Waits in real time; returns at once for nothing to wait for, and early when aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  // An aborted wait is no failure here: whoever reads or writes next finds the connection closed.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Keeps bytes at a rate. One for each connection and direction. */
export function createPacer(): {
  /** Pieces small enough, and waits long enough, that the rate holds. */
  pass(
    bytes: Uint8Array,
    bytesPerSecond: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array>;
} {
  let freeAt = 0;
  return {
    async *pass(bytes, bytesPerSecond, signal) {
      if (bytesPerSecond === null) return yield bytes;
      const pieceBytes = Math.max(1, Math.floor((bytesPerSecond * tickMs) / 1000));
      for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
        const piece = bytes.subarray(at, at + pieceBytes);
        const now = performance.now();
        freeAt = Math.max(freeAt, now) + (piece.byteLength / bytesPerSecond) * 1000;
        await pause(freeAt - now, signal);
        yield piece;
      }
    },
  };
}
