import type { ItemId } from "../core/entry.ts";
import type { Provider, ReadOptions, Spare } from "../core/provider.ts";

export interface RangedRead {
  readonly provider: Provider;
  readonly id: ItemId;
  /** Of the revision that is read. */
  readonly sizeBytes: number;
  readonly spare: Spare;
  readonly options: Pick<ReadOptions, "revision" | "signal">;
}

/** What one request asks for, and what a part that is fetched ahead may hold. */
const rangeBytes = 4 * 1024 * 1024;
/** Parts under way at once, the one that is handed out included. */
const width = 7;

interface Part {
  readonly stream: Promise<ReadableStream<Uint8Array>>;
  readonly release: () => void;
}

/**
 * The bytes from `offset` to the end, in order, of a service that gives each connection only so much: while one part
 * is handed out the next ones are fetched, as far as there is spare memory. Fails as `Provider.read` does.
 */
export async function readRanges(
  { provider, id, sizeBytes, spare, options }: RangedRead,
  offset: number,
): Promise<ReadableStream<Uint8Array>> {
  const parts: Part[] = [];
  let next = offset;

  function fetchPart(release: () => void, isAhead: boolean): void {
    const lengthBytes = Math.min(rangeBytes, sizeBytes - next);
    const asked = provider.read(id, { ...options, offset: next, lengthBytes });
    const stream = isAhead ? asked.then(held) : asked;
    // Whoever comes to it hears of its failure.
    stream.catch(() => undefined);
    parts.push({ stream, release });
    next += rangeBytes;
  }

  /** At least the part that is wanted now, which needs no memory of its own. */
  function fetchOn(): void {
    if (parts.length === 0 && next < sizeBytes) fetchPart(() => undefined, false);
    while (next < sizeBytes && parts.length < width) {
      const release = spare.tryTake(rangeBytes);
      if (!release) return;
      fetchPart(release, true);
    }
  }

  async function* inOrder(): AsyncGenerator<Uint8Array> {
    try {
      for (fetchOn(); parts[0]; fetchOn()) {
        yield* await parts[0].stream;
        parts.shift()?.release();
      }
    } finally {
      for (const { stream, release } of parts) {
        release();
        // One that was handed out has ended already; to the others nobody listens any more.
        void stream.then((left) => left.cancel()).catch(() => undefined);
      }
    }
  }

  fetchOn();
  await parts[0]?.stream;
  return streamOf(inOrder());
}

/** As `ReadableStream.from`, which the types of browsers do not know: nothing is read before it is asked for. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Takes in all that comes, up to one part, before anybody asks for it. */
function held(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: rangeBytes }),
  );
}
