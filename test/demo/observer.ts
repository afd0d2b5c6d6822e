import { type Change, changesBetween } from "./changes.ts";
import { type CloudKey, cloudKeys, type Item, type SampleCloud } from "./sample-cloud.ts";
import { rule } from "./setup.ts";

/** Both clouds, as they are now. */
export type Clouds = Readonly<Record<CloudKey, SampleCloud>>;

/** A change, and for one that reached Google Drive the time since the same was first seen in Dropbox. */
export type Observed = Change & { readonly afterMs: number | null };

export interface CloudNews {
  readonly cloud: CloudKey;
  readonly items: readonly Item[];
  /** Empty when only a modified time became another. */
  readonly changes: readonly Observed[];
}

/** Looks at both clouds now and then, as a person would, and tells what became different. */
export interface Observer {
  /** As of the last look. */
  items(cloud: CloudKey): readonly Item[];
  /** Calls back with each change from now on; the function that it gives ends that. */
  follow(listener: (news: CloudNews) => void): () => void;
  /** Looks now instead of at the next tick. */
  look(): void;
  stop(): void;
}

/** Begins to look, every `everyMs`. */
export function observe(clouds: Clouds, everyMs: number): Observer {
  const seen: Record<CloudKey, readonly Item[]> = {
    dropbox: clouds.dropbox.items(),
    drive: clouds.drive.items(),
  };
  const listeners = new Set<(news: CloudNews) => void>();
  const timed = createStopwatch();

  function look(): void {
    for (const cloud of cloudKeys) {
      const before = seen[cloud];
      const items = clouds[cloud].items();
      if (JSON.stringify(before) === JSON.stringify(items)) continue;
      seen[cloud] = items;
      const changes = changesBetween(before, items).map((change) => timed(cloud, change));
      for (const listener of listeners) listener({ cloud, items, changes });
    }
  }

  const timer = setInterval(look, everyMs);
  return {
    items: (cloud) => seen[cloud],
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    look,
    stop: () => clearInterval(timer),
  };
}

/** The path below the rule's folder in this cloud; null when it lies elsewhere. */
export function pathInRule(cloud: CloudKey, path: string): string | null {
  const folder = cloud === "dropbox" ? rule.from : rule.to;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

/** Measures from a change in Dropbox to the moment when Drive holds the same at the same path. */
function createStopwatch(): (cloud: CloudKey, change: Change) => Observed {
  const begun = new Map<string, number>();
  return (cloud, change) => {
    const path = pathInRule(cloud, change.item.path);
    if (path === null || change.type === "removed") return { ...change, afterMs: null };
    const key = JSON.stringify([path, change.item.contentHash]);
    const startedMs = begun.get(key);
    if (cloud === "dropbox") begun.set(key, performance.now());
    else begun.delete(key);
    const arrived = cloud === "drive" && startedMs !== undefined;
    return { ...change, afterMs: arrived ? performance.now() - startedMs : null };
  };
}
