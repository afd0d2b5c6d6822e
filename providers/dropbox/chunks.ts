import type { Source } from "../../src/core/provider.ts";
import { untilAborted } from "./abort.ts";

/** A source cut into equal pieces. */
export interface Chunks {
  /**
   * The next `chunkBytes`, or fewer at the end; valid until the next call. `isLast`: the source has ended.
   * Errors of the source are passed on as they are.
   */
  next(): Promise<{ readonly bytes: Uint8Array; readonly isLast: boolean }>;
  /** Lets the source go, ended or not. */
  close(): Promise<void>;
}

/** A multiple of the 4 MiB of content_hash, and what the memory of one upload comes to. */
export const chunkBytes = 8 * 1024 * 1024;

/** Opens the source at `offset`. Holds one chunk and the piece of the stream that follows it. */
export async function openChunks(
  source: Source,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<Chunks> {
  const reader = (await untilAborted(source.open(offset), signal)).getReader();
  const chunk = Buffer.allocUnsafe(
    Math.min(chunkBytes, Math.max(1, (source.sizeBytes ?? chunkBytes) - offset)),
  );
  let rest: Uint8Array | null = new Uint8Array();

  /** Makes sure that `rest` holds bytes, or is null at the end. */
  const pull = async () => {
    while (rest !== null && rest.length === 0) {
      const { done, value } = await untilAborted(reader.read(), signal);
      rest = done ? null : value;
    }
    return rest;
  };
  return {
    async next() {
      let filled = 0;
      for (;;) {
        const piece = await pull();
        if (piece === null) return { bytes: chunk.subarray(0, filled), isLast: true };
        if (filled === chunk.length) return { bytes: chunk, isLast: false };
        const taken = piece.subarray(0, chunk.length - filled);
        chunk.set(taken, filled);
        filled += taken.length;
        rest = piece.subarray(taken.length);
      }
    },
    async close() {
      // What a source says to being left, or said before, changes nothing for what was read.
      await reader.cancel().catch(() => undefined);
    },
  };
}
