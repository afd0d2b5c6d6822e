import type { ItemId } from "../core/entry.ts";
import type { Provider, ReadOptions, Spare } from "../core/provider.ts";
import { streamOf } from "../http/stream.ts";

export interface RangedRead {
  readonly provider: Provider;
  readonly id: ItemId;
  /** Of the revision that is read. */
  readonly sizeBytes: number;
  readonly spare: Spare;
  /** Parts under way at once, the one that is handed out included. */
  readonly width: number;
  readonly options: Pick<ReadOptions, "revision" | "signal">;
}

/** What one request asks for, and what a part that is fetched ahead holds. */
const rangeBytes = 4 * 1024 * 1024;
/** What is handed out at a time of a part that was fetched ahead. */
const pieceBytes = 64 * 1024;

interface Part {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Gives its memory back, and lets go of what is still to come. */
  end(): void;
}

/**
 * The bytes from `offset` to the end, in order, of a service that gives each connection only so much: while one part
 * is handed out the next ones are fetched, as far as there is spare memory. Fails as `Provider.read` does.
 */
export async function readRanges(
  { provider, id, sizeBytes, spare, width, options }: RangedRead,
  offset: number,
): Promise<ReadableStream<Uint8Array>> {
  const parts: Part[] = [];
  const free: Uint8Array[] = [];
  let next = offset;

  function ask(): Promise<ReadableStream<Uint8Array>> {
    const lengthBytes = Math.min(rangeBytes, sizeBytes - next);
    const asked = provider.read(id, { ...options, offset: next, lengthBytes });
    next += rangeBytes;
    return asked;
  }

  /** Needs no memory of its own. */
  function fetchNow(): Promise<ReadableStream<Uint8Array>> {
    const stream = ask();
    const letGo = () => void stream.then((left) => left.cancel()).catch(() => undefined);
    parts.push({ pieces: piecesOf(stream), end: letGo });
    return stream;
  }

  function fetchAhead(release: () => void): void {
    const buffer = free.pop() ?? new Uint8Array(rangeBytes);
    const filling = fill(ask(), buffer);
    const end = () => {
      filling.end();
      free.push(buffer);
      release();
    };
    parts.push({ pieces: filling.pieces, end });
  }

  function fetchOn(): void {
    if (parts.length === 0 && next < sizeBytes) void fetchNow();
    while (next < sizeBytes && parts.length < width) {
      const release = spare.tryTake(rangeBytes);
      if (!release) return;
      fetchAhead(release);
    }
  }

  async function* inOrder(): AsyncGenerator<Uint8Array> {
    try {
      for (fetchOn(); parts[0]; fetchOn()) {
        yield* parts[0].pieces;
        parts.shift()?.end();
      }
    } finally {
      endAll();
    }
  }

  function endAll(): void {
    for (const part of parts.splice(0)) part.end();
  }

  if (next < sizeBytes) {
    const first = fetchNow();
    fetchOn();
    await first.catch((error: unknown) => {
      endAll();
      throw error;
    });
  }
  return streamOf(inOrder(), endAll);
}

async function* piecesOf(stream: Promise<ReadableStream<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await stream;
}

/**
 * Takes in all that comes before anybody asks for it. In one buffer that is used again: what came piece by piece and
 * was kept would grow old before it is dropped, and make the collector look at everything. Whoever gets a piece has a
 * copy, as the buffer is another part's once this one is over.
 */
function fill(asked: Promise<ReadableStream<Uint8Array>>, buffer: Uint8Array) {
  let filled = 0;
  let outcome: { readonly failure: unknown } | "under way" | "whole" = "under way";
  let isLeft = false;
  let wake = () => {};
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  async function takeIn(): Promise<void> {
    reader = (await asked).getReader();
    for (;;) {
      if (isLeft) return reader.cancel();
      const { done, value } = await reader.read();
      if (done || isLeft) return;
      buffer.set(value, filled);
      filled += value.length;
      wake();
    }
  }

  takeIn()
    .then(() => {
      outcome = "whole";
    })
    .catch((failure: unknown) => {
      outcome = { failure };
    })
    .finally(() => wake());

  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; ) {
      if (at < filled) {
        const piece = buffer.slice(at, Math.min(filled, at + pieceBytes));
        at += piece.length;
        yield piece;
      } else if (outcome === "whole") return;
      else if (outcome !== "under way") throw outcome.failure;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  return {
    pieces: pieces(),
    end() {
      isLeft = true;
      reader?.cancel().catch(() => undefined);
    },
  };
}
