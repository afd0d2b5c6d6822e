import type { Source } from "../../src/core/provider.ts";
import { untilAborted } from "../../src/http/abort.ts";

/** A source cut into equal pieces. */
export interface Chunks {
  /**
   * The next bytes, as many as `buffer` takes, or fewer at the end. `isLast`: the source has ended. Errors of the
   * source are passed on as they are.
   */
  next(buffer: Uint8Array): Promise<Chunk>;
  /** Lets the source go, ended or not. */
  close(): Promise<void>;
}

/** A piece of a source, in the buffer that it was read into. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** Concurrent sessions take multiples of 4 MiB (Dropbox docs: /files/upload_session/start). */
export const chunkBytes = 4 * 1024 * 1024;

/** Room for one chunk, or for the whole source where that is smaller. */
export function bufferFor({ sizeBytes }: Source): Buffer {
  return Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, sizeBytes ?? chunkBytes)));
}

/** Opens the source at `offset`. Holds the piece of the stream that follows the last chunk. */
export async function openChunks(
  source: Source,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<Chunks> {
  const reader = (await untilAborted(source.open(offset), signal)).getReader();
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
    async next(buffer) {
      let filled = 0;
      for (;;) {
        const piece = await pull();
        if (piece === null) return { bytes: buffer.subarray(0, filled), isLast: true };
        if (filled === buffer.length) return { bytes: buffer, isLast: false };
        const taken = piece.subarray(0, buffer.length - filled);
        buffer.set(taken, filled);
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
