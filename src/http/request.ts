/** Bytes of a known length, for the body of a request; opened again where the request is made again. */
export interface Outgoing {
  readonly lengthBytes: number;
  open(): ReadableStream<Uint8Array>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes are sent as they come, and not in pieces with a length each. */
  readonly body?: string | Outgoing;
  readonly redirect?: "follow" | "manual";
  readonly signal: AbortSignal | undefined;
  /** How long the service may take to answer, or to take the next bytes. What the bytes wait for does not count. */
  readonly withinMs: number;
}

/** The answer once its headers are there; its body may take as long as it moves. Rejects as `fetch` does. */
export async function answerTo(send: typeof fetch, request: HttpRequest): Promise<Response> {
  const { method, url, headers, body, redirect, signal, withinMs } = request;
  const late = createAlarm(withinMs);
  try {
    return await send(url, {
      method,
      ...(redirect && { redirect }),
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      ...(typeof body === "object"
        ? {
            // With a length of ours `fetch` sends the bytes of a stream as they are.
            headers: { ...headers, "content-length": String(body.lengthBytes) },
            body: body.lengthBytes === 0 ? new Uint8Array(0) : timed(body.open(), late),
            duplex: "half",
          }
        : { headers, ...(body !== undefined && { body }) }),
    });
  } finally {
    late.end();
  }
}

interface Alarm {
  readonly signal: AbortSignal;
  /** Counts from now on. */
  start(): void;
  pause(): void;
  /** Never rings any more. */
  end(): void;
}

function createAlarm(withinMs: number): Alarm {
  const controller = new AbortController();
  const ring = () => controller.abort(new Error("no answer in time"));
  let timer = setTimeout(ring, withinMs);
  let isOver = false;
  return {
    signal: controller.signal,
    start() {
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(ring, withinMs);
    },
    pause: () => clearTimeout(timer),
    end() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/** The same bytes; time counts while the line has to take them, and not while they are waited for. */
function timed(body: ReadableStream<Uint8Array>, late: Alarm): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        late.pause();
        const { done, value } = await reader.read();
        late.start();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Lets go of an answer whose body may be long; an error of it no longer matters. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
