/**
 * What a generator makes of something open, as a stream: nothing is read before it is asked for. A generator that
 * nothing was asked of ends without having begun, so that its `finally` runs not: `close` is called after it, whenever
 * nobody reads on. (`ReadableStream.from` would leave open what it reads from.)
 */
export function streamOf(
  chunks: AsyncGenerator<Uint8Array>,
  close: () => void | Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return(undefined);
        await close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Closes a stream that may be closed, or in the hands of who closes it, already. What it says of that concerns nobody. */
export async function closeStream(stream: ReadableStream<Uint8Array>): Promise<void> {
  if (!stream.locked) await stream.cancel().catch(() => undefined);
}
