import type { watch as nodeWatch } from "node:fs";
import { join } from "node:path";
import type { ChangePage } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import { rootId } from "./item.ts";
import type { Known } from "./known.ts";
import { createWatchers } from "./watchers.ts";

/** How the file system's events say when to scan; what happened they are never asked. */
export interface Events {
  /** The pages of a scan; what happens from its beginning on is news. */
  around(pages: AsyncIterable<ChangePage>): AsyncGenerator<ChangePage>;
  /** See `Provider.waitForChange`. `unexpected`, once, when the system grants no events: then it is for scanning. */
  wait(signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/** How often to scan where there are no events. */
const scanMs = 30_000;
/** Who saves a file does several things to it: news are told when it is quiet, or after a second. */
const quietMs = 100;
const mostQuiets = 10;
/** Scanning a large folder that changes all the time, as by our own writes, takes a fifth of the time. */
const restShare = 4;

export function createEvents(
  root: string,
  known: Known,
  clock: Clock,
  watch: typeof nodeWatch,
): Events {
  let isNews = false;
  let isArranged = false;
  let isRefused = false;
  let restUntilMs = 0;
  let ring = () => {};
  const watchers = createWatchers(watch, (isStale) => {
    isNews = true;
    if (isStale) isArranged = false;
    ring();
  });

  /** Paths of the root and of all folders that are known below it. */
  function folders(): Set<string> {
    const found = new Set<string>([root]);
    const rest = [{ id: rootId, path: root }];
    for (let next = rest.pop(); next; next = rest.pop()) {
      for (const { id, name, kind } of known.children(next.id)) {
        if (kind !== "folder") continue;
        const path = join(next.path, name);
        found.add(path);
        rest.push({ id, path });
      }
    }
    return found;
  }

  /** Whether anything may have happened where nobody watched. */
  async function arrange(): Promise<boolean> {
    isArranged = true;
    try {
      return await watchers.keep(folders());
    } catch (cause) {
      isRefused = true;
      watchers.close();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ProviderError(
        "unexpected",
        `local: ${root} is scanned every 30 s, as the system tells of no more changes: ${reason} (on Linux raise fs.inotify.max_user_watches)`,
        { cause },
      );
    }
  }

  async function untilNews(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    ring = resolve;
    if (isNews) resolve();
    await promise.finally(() => signal.removeEventListener("abort", stop));
  }

  async function untilQuiet(signal: AbortSignal): Promise<void> {
    for (let quiets = 0; isNews && quiets < mostQuiets; quiets++) {
      isNews = false;
      await clock.sleep(quietMs, signal);
    }
    await clock.sleep(Math.min(scanMs, Math.max(0, restUntilMs - clock.now())), signal);
  }

  return {
    async *around(pages) {
      isNews = false;
      const startedMs = clock.now();
      for await (const page of pages) {
        const { changes, unreadable = [] } = page;
        const tellsFolders = changes.some(
          (each) => each.type === "gone" || each.entry.kind === "folder",
        );
        if (tellsFolders || unreadable.length > 0) isArranged = false;
        yield page;
      }
      const endedMs = clock.now();
      restUntilMs = endedMs + restShare * (endedMs - startedMs);
    },
    async wait(signal) {
      signal.throwIfAborted();
      if (isRefused) {
        await clock.sleep(scanMs, signal);
        return false;
      }
      if (!isArranged && (await arrange())) return true;
      await untilNews(signal);
      await untilQuiet(signal);
      return true;
    },
    close: () => watchers.close(),
  };
}
