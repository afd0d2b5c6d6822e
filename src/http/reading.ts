import { ProviderError } from "../core/error.ts";
import type { Source } from "../core/provider.ts";
import { untilAborted } from "./abort.ts";
import type { SourceCheck } from "./source-check.ts";

/** A source that is being read from an offset on, one piece ahead of what it gives out. */
export interface Reading {
  /** Of the next byte in the source. */
  readonly position: number;
  /** Whether all was taken: the source has ended, and as it announced. */
  readonly ended: boolean;
  /**
   * The next bytes, at most `limitBytes` and never none; null after the last. The last ones are given only when
   * the source has ended well behind them. Fails with the source's own error, as `unavailable` where it is no
   * `ProviderError`, with what the check says, or with the signal's reason.
   */
  take(limitBytes: number): Promise<Uint8Array | null>;
  /** Lets go of the source. */
  close(): Promise<void>;
}

interface ReadingOptions {
  /** Names the source in messages: `google-drive: the source of "a.txt"`. */
  readonly name: string;
  readonly check: SourceCheck;
  readonly signal: AbortSignal | undefined;
}

/** Opens the source at the first `take`. */
function createReading(source: Source, offset: number, options: ReadingOptions): Reading {
  const { name, check, signal } = options;
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  let isClosed = false;
  let position = offset;
  let readUpTo = offset;
  /** What is given out next; null: the source has ended. */
  let piece: Uint8Array | null = new Uint8Array(0);

  async function nextPiece(): Promise<Uint8Array | null> {
    for (;;) {
      const { done, value } = await fromSource(async () => {
        reader ??= (await source.open(offset)).getReader();
        return reader.read();
      });
      if (isClosed) throw new ProviderError("unavailable", `${name} is read no further`);
      if (done) {
        check.end(readUpTo);
        return null;
      }
      check.take(readUpTo, value);
      readUpTo += value.length;
      if (value.length > 0) return value;
    }
  }

  async function fromSource<T>(read: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await untilAborted(read(), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ProviderError) throw error;
      throw new ProviderError("unavailable", `${name} failed`, { cause: error });
    }
  }

  return {
    get position() {
      return position;
    },
    get ended() {
      return piece === null;
    },
    async take(limitBytes) {
      if (piece?.length === 0) piece = await nextPiece();
      if (piece === null) return null;
      const taken: Uint8Array = piece.subarray(0, limitBytes);
      piece = taken.length < piece.length ? piece.subarray(limitBytes) : await nextPiece();
      position += taken.length;
      return taken;
    },
    async close() {
      isClosed = true;
      // The stream may have failed already; its error was thrown by `take`.
      await reader?.cancel().catch(() => undefined);
    },
  };
}

/** The readings of one source, of which one is open at a time. */
export interface Readings {
  /** One that is at `offset`: what was taken before is dead then. */
  take(offset: number): Promise<Reading>;
  /** Gives one back that others may go on with. */
  give(reading: Reading): void;
  close(): Promise<void>;
}

export function createReadings(source: Source, options: ReadingOptions): Readings {
  let open: Reading | null = null;
  let isFree = false;
  return {
    async take(offset) {
      if (open === null || !isFree || open.position !== offset) {
        await open?.close();
        open = createReading(source, offset, options);
      }
      isFree = false;
      return open;
    },
    give(reading) {
      isFree = reading === open;
    },
    close: async () => open?.close(),
  };
}
