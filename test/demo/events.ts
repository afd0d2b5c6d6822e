import type { Handler } from "hono";
import { streamSSE } from "hono/streaming";
import type { CloudNews, Clouds, Observer } from "./observer.ts";
import { cloudKeys } from "./sample-cloud.ts";
import type { Said, Syncline } from "./syncline.ts";

type Told = Exclude<Said, { event: "report" }>;

/** What a page that opens late still gets to see. */
const keptLines = 200;

/**
 * Server-sent events: `cloud` with all items of one cloud and what changed (each cloud once at the
 * beginning), `said` with each line of Syncline (the latest ones at the beginning).
 */
export function createEvents(clouds: Clouds, observer: Observer, syncline: Syncline): Handler {
  const lines: Told[] = [];
  syncline.follow((said) => {
    if (said.event === "report") return;
    lines.push(said);
    lines.splice(0, lines.length - keptLines);
  });

  return (c) =>
    streamSSE(c, async (stream) => {
      const send = (event: string, data: unknown) => {
        // A page that went away is no failure of ours: its stream ends, and with it the following.
        stream.writeSSE({ event, data: JSON.stringify(data) }).catch(() => {});
      };
      const show = (news: CloudNews) => {
        const { title, person } = clouds[news.cloud];
        send("cloud", { ...news, title, person });
      };
      for (const cloud of cloudKeys) show({ cloud, items: observer.items(cloud), changes: [] });
      for (const line of lines) send("said", line);
      const unfollow = [
        observer.follow(show),
        syncline.follow((said) => {
          if (said.event !== "report") send("said", said);
        }),
      ];
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      for (const end of unfollow) end();
    });
}
