import type { Handler } from "hono";
import { streamSSE } from "hono/streaming";
import type { CloudNews, Clouds, Observer } from "./observer.ts";
import { type CloudKey, cloudKeys } from "./sample-cloud.ts";
import { rules } from "./setup.ts";
import type { Said, Syncline } from "./syncline.ts";

/** A line of Syncline as the page shows it. */
type Told = Exclude<Said, { event: "report" | "listening" }> & {
  /** Where its step was done; null where it names no step. */
  readonly cloud: CloudKey | null;
  /** From the change that it answers to the moment when it was said, which is after it was proven; null: unknown. */
  readonly afterMs: number | null;
};

/** What a page that opens late still gets to see. */
const keptLines = 200;

/**
 * Server-sent events: `cloud` with all items of one cloud and what changed (each cloud once at the
 * beginning), `said` with each line of Syncline (the latest ones at the beginning).
 */
export function createEvents(clouds: Clouds, observer: Observer, syncline: Syncline): Handler {
  const lines: Told[] = [];
  const listeners = new Set<(line: Told) => void>();
  syncline.follow((said) => {
    if (said.event === "report" || said.event === "listening") return;
    const line = { ...said, ...whereAndWhen(said, observer) };
    lines.push(line);
    lines.splice(0, lines.length - keptLines);
    for (const listener of listeners) listener(line);
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
      for (const cloud of cloudKeys) {
        show({ cloud, items: observer.items(cloud), calls: observer.calls(cloud), changes: [] });
      }
      for (const line of lines) send("said", line);
      const tell = (line: Told) => send("said", line);
      listeners.add(tell);
      const unfollow = observer.follow(show);
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      listeners.delete(tell);
      unfollow();
    });
}

function whereAndWhen(said: Said, observer: Observer): Pick<Told, "cloud" | "afterMs"> {
  if (said.event !== "done" && said.event !== "failed") return { cloud: null, afterMs: null };
  const rule = rules.find(({ name }) => name === said.rule);
  const afterMs = said.event === "done" ? observer.since(said.path) : null;
  return { cloud: rule?.[said.side] ?? null, afterMs };
}
