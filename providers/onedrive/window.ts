import { ProviderError } from "../../src/core/error.ts";
import type { Source } from "../../src/core/provider.ts";
import { createQuickXor } from "../../src/core/quick-xor.ts";

/**
 * The part of a source that is being sent: read once, kept until the service has taken it, and read
 * again only when the service goes back behind it. Checks the source against what it announces.
 */
export interface SourceWindow {
  /** Position in the source of the first byte held. */
  readonly start: number;
  /** What is held; valid until the next `fill` or `release`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether `bytes` reaches the end of the source. */
  readonly ended: boolean;
  /** The quickXorHash of all that was read; of the whole source once it has ended. */
  quickXor(): string;
  /**
   * Reads until `limitBytes` are held or the source ends. `corrupt` when the source has another size or
   * hash than it announced; the source's own error otherwise, wrapped as `unavailable`.
   */
  fill(limitBytes: number): Promise<void>;
  /** Everything before `position` is taken; goes back to it when it lies before `start`. */
  release(position: number): Promise<void>;
  /** Lets go of the source. */
  close(): Promise<void>;
}

/** Opens nothing before the first `fill`. `label` names the source in messages. */
export function createWindow(source: Source, label: string, signal?: AbortSignal): SourceWindow {
  const announced = createAnnouncement(source, label);
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  let buffer = new Uint8Array(0);
  let start = 0;
  let length = 0;
  let ended = false;
  /** Read but not yet held: how the end is known before the last byte is sent. */
  let rest: Uint8Array = new Uint8Array(0);

  async function close() {
    const closing = reader;
    reader = null;
    rest = new Uint8Array(0);
    // The stream may have failed already; its error was thrown by `fill`.
    await closing?.cancel().catch(() => undefined);
  }

  async function readOn() {
    while (rest.length === 0 && !ended) {
      const { done, value } = await fromSource(label, signal, async () => {
        reader ??= (await source.open(start + length)).getReader();
        return reader.read();
      });
      if (done) announced.checkEnd(start + length);
      ended = done;
      rest = value ?? rest;
      announced.take(start + length, rest);
    }
  }

  return {
    get start() {
      return start;
    },
    get bytes() {
      return buffer.subarray(0, length);
    },
    get ended() {
      return ended;
    },
    quickXor: announced.quickXor,
    close,

    async fill(limitBytes) {
      buffer = grown(buffer, length, Math.min(limitBytes, source.sizeBytes ?? limitBytes));
      for (;;) {
        await readOn();
        const taken = rest.subarray(0, Math.max(0, buffer.length - length));
        if (taken.length === 0) return;
        buffer.set(taken, length);
        length += taken.length;
        rest = rest.subarray(taken.length);
      }
    },

    async release(position) {
      if (position < start) {
        await close();
        [start, length, ended] = [position, 0, false];
        return;
      }
      const taken = position - start;
      buffer.copyWithin(0, taken, length);
      [start, length] = [position, length - taken];
    },
  };
}

/** The size of a source that does not announce one, by reading it to its end. */
export async function measure(
  source: Source,
  label: string,
  signal?: AbortSignal,
): Promise<number> {
  const reader = (await fromSource(label, signal, () => source.open())).getReader();
  try {
    for (let sizeBytes = 0; ; ) {
      const { done, value } = await fromSource(label, signal, () => reader.read());
      if (done) return sizeBytes;
      sizeBytes += value.length;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Sees every byte once, however often parts are read again. */
function createAnnouncement({ sizeBytes, hashes }: Source, label: string) {
  const hash = createQuickXor();
  let seen = 0;

  return {
    quickXor: () => hash.digest(),
    /** `bytes` begin at `position`. */
    take(position: number, bytes: Uint8Array) {
      const fresh = bytes.subarray(Math.max(0, seen - position));
      if (fresh.length === 0) return;
      hash.update(fresh);
      seen += fresh.length;
      if (sizeBytes !== null && seen > sizeBytes) {
        throw corrupt(`has more than the announced ${sizeBytes} bytes`);
      }
    },
    checkEnd(position: number) {
      if (sizeBytes !== null && position !== sizeBytes) {
        throw corrupt(`has ${position} bytes, announced were ${sizeBytes}`);
      }
      if (hashes.quickXor !== undefined && hash.digest() !== hashes.quickXor) {
        throw corrupt("has another quickXorHash than announced");
      }
    },
  };

  function corrupt(words: string) {
    return new ProviderError("corrupt", `onedrive: the source of ${label} ${words}`);
  }
}

async function fromSource<T>(
  label: string,
  signal: AbortSignal | undefined,
  read: () => Promise<T>,
): Promise<T> {
  try {
    signal?.throwIfAborted();
    return signal ? await orAborted(read(), signal) : await read();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ProviderError) throw error;
    throw new ProviderError("unavailable", `onedrive: the source of ${label} failed`, {
      cause: error,
    });
  }
}

function grown(buffer: Uint8Array<ArrayBuffer>, used: number, sizeBytes: number) {
  if (buffer.length >= sizeBytes) return buffer;
  const larger = new Uint8Array(sizeBytes);
  larger.set(buffer.subarray(0, used));
  return larger;
}

/** A source that hangs must not keep an aborted upload. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", stop));
}
