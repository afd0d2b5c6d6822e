import type { Event } from "./api.ts";
import { type Line, pause } from "./call.ts";
import { errorOf, SynclineError } from "./error.ts";

/** The server says that it is there every 20 s: a line that is silent for longer is lost. */
const silenceMs = 60_000;
const firstMs = 250;
const mostMs = 30_000;

/**
 * What happens, as it happens, until the signal is aborted or the loop is left. A connection that is lost is made anew,
 * however long that takes: each begins with `hello`, and what happened between two is not told. `SynclineError` where
 * the first can't be made, or the server refuses one.
 */
export async function* listen(line: Line, signal: AbortSignal | null): AsyncGenerator<Event, void> {
  let isFirst = true;
  let lost = 0;
  while (!signal?.aborted) {
    const end = new AbortController();
    const both = signal ? AbortSignal.any([signal, end.signal]) : end.signal;
    try {
      const answer = await line.open("events", both);
      if (!answer.ok) throw await errorOf(answer);
      isFirst = false;
      lost = 0;
      yield* messages(answer, () => end.abort(new Error("the line is silent")));
    } catch (error) {
      if (signal?.aborted) return;
      if (isFirst || isRefused(error)) throw error;
    } finally {
      end.abort();
    }
    await pause(Math.min(mostMs, firstMs * 2 ** lost), signal).catch(() => {});
    lost += 1;
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof SynclineError && [400, 401, 403, 404].includes(error.status ?? 0);

/** Messages of a stream of server-sent events. */
async function* messages(answer: Response, onSilence: () => void): AsyncGenerator<Event, void> {
  const decoder = new TextDecoder();
  let text = "";
  let timer = setTimeout(onSilence, silenceMs);
  try {
    for await (const chunk of answer.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceMs);
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (event !== undefined && data !== undefined) {
          yield { event, data: JSON.parse(data) } as Event;
        }
      }
    }
  } finally {
    clearTimeout(timer);
  }
}
