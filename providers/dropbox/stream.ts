/** How a body is watched while it is read. */
export interface Measure {
  /** How many bytes there must be. */
  readonly sizeBytes: number;
  /** How long a reader waits for the next bytes before `onSilence`, which has to end the body. */
  readonly silenceMs: number;
  onSilence(): void;
  /** What the reader gets for an error of the body. */
  asThrown(error: unknown): unknown;
  /** What the reader gets for a body of another size. */
  wrongSize(words: string): Error;
}

/** The same bytes, pulled one piece at a time; errors unless exactly `sizeBytes` come. */
export function measured(
  body: ReadableStream<Uint8Array>,
  measure: Measure,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let received = 0;
  const next = async () => {
    const timer = setTimeout(measure.onSilence, measure.silenceMs);
    try {
      return await reader.read();
    } catch (error) {
      throw measure.asThrown(error);
    } finally {
      clearTimeout(timer);
    }
  };
  const judge = () => {
    if (received === measure.sizeBytes) return;
    throw measure.wrongSize(`${received} of ${measure.sizeBytes} bytes came`);
  };
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done) {
          judge();
          controller.close();
          return;
        }
        received += value.length;
        if (received > measure.sizeBytes) {
          await reader.cancel();
          judge();
        }
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
