import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { refusalOf, type Who } from "./access.ts";
import type { Env } from "./guard.ts";
import type { Hub } from "./hub.ts";

/** So often a page hears that we are there, and we look whether it may still listen. */
const beatMs = 20_000;

export interface EventsOptions {
  readonly hub: Hub;
  /** Who asks, as of now: a session may have been ended since. */
  readonly who: (context: Context<Env>) => Promise<Who>;
}

/** Server-sent events: what happens as it happens, until the page goes or may no longer hear it. */
export function eventsOf({ hub, who }: EventsOptions) {
  return (context: Context<Env>): Response => {
    // Proxies are not to gather it into portions of their own.
    context.header("x-accel-buffering", "no");
    return streamSSE(context, async (stream) => {
      const listener = hub.listen();
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      try {
        while (!stream.aborted) {
          const beat = AbortSignal.any([gone.signal, AbortSignal.timeout(beatMs)]);
          const told = await listener.next(beat);
          if (told.length === 0 && !gone.signal.aborted) {
            if (refusalOf(await who(context), { role: "viewer", scope: "read" })) return;
            await stream.write(": still here\n\n");
          }
          for (const { event, data } of told) {
            await stream.writeSSE({ event, data: JSON.stringify(data) });
          }
        }
      } finally {
        listener.end();
      }
    });
  };
}
