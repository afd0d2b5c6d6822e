import { type Change, changesBetween } from "./changes.ts";
import { type CloudKey, cloudKeys, type Item, type SampleCloud } from "./sample-cloud.ts";
import { createStopwatch } from "./stopwatch.ts";

/** All clouds, as they are now. */
export type Clouds = Readonly<Record<CloudKey, SampleCloud>>;

/** A change, and for one that came from another cloud the time since the same was first seen there. */
export type Observed = Change & { readonly afterMs: number | null };

export interface CloudNews {
  readonly cloud: CloudKey;
  readonly items: readonly Item[];
  /** Calls of this cloud that Syncline has answered so far. */
  readonly calls: number;
  /** Empty when only a modified time or the calls became others. */
  readonly changes: readonly Observed[];
}

/** Looks at all clouds now and then, as a person would, and tells what became different. */
export interface Observer {
  /** As of the last look. */
  items(cloud: CloudKey): readonly Item[];
  calls(cloud: CloudKey): number;
  /** Milliseconds since somebody made the latest change at a path below the rules' folders; null: nobody did. */
  since(path: string): number | null;
  /** Calls back with each change from now on; the function that it gives ends that. */
  follow(listener: (news: CloudNews) => void): () => void;
  /** Looks now instead of at the next tick. */
  look(): void;
  stop(): void;
}

/** Begins to look, every `everyMs`. */
export function observe(clouds: Clouds, everyMs: number): Observer {
  const lookAt = (cloud: CloudKey) => ({
    items: clouds[cloud].items(),
    calls: answeredCalls(clouds[cloud]),
  });
  const seen = {
    dropbox: lookAt("dropbox"),
    drive: lookAt("drive"),
    onedrive: lookAt("onedrive"),
  };
  const listeners = new Set<(news: CloudNews) => void>();
  const stopwatch = createStopwatch(() => performance.now());

  function look(): void {
    for (const cloud of cloudKeys) {
      const before = seen[cloud];
      const now = lookAt(cloud);
      if (JSON.stringify(before) === JSON.stringify(now)) continue;
      seen[cloud] = now;
      const changes = changesBetween(before.items, now.items).map((change) => ({
        ...change,
        afterMs: stopwatch.seen(cloud, change),
      }));
      for (const listener of listeners) listener({ cloud, ...now, changes });
    }
  }

  const timer = setInterval(look, everyMs);
  return {
    items: (cloud) => seen[cloud].items,
    calls: (cloud) => seen[cloud].calls,
    since: stopwatch.since,
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    look,
    stop: () => clearInterval(timer),
  };
}

function answeredCalls({ server }: SampleCloud): number {
  return server.caller.attempts.filter((status) => status !== null && status < 300).length;
}
