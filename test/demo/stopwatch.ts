import type { Change } from "./changes.ts";
import type { CloudKey } from "./sample-cloud.ts";
import { homes } from "./setup.ts";

/** Measures how long what somebody does in one cloud takes to be in the others. */
export interface Stopwatch {
  /** A change that was just seen: the time since the same was first seen elsewhere; null: it begins here. */
  seen(cloud: CloudKey, change: Change): number | null;
  /** The time since the latest change at a path below the rules' folders; null: there was none. */
  since(path: string): number | null;
}

interface Begun {
  readonly startedMs: number;
  /** Null for folders. */
  readonly contentHash: string | null;
  /** Where it is by now. */
  readonly there: Set<CloudKey>;
}

/** `nowMs`: a clock that never goes back. */
export function createStopwatch(nowMs: () => number): Stopwatch {
  const begun = new Map<string, Begun>();
  return {
    seen(cloud, change) {
      const path = pathInRules(cloud, change.item.path);
      if (path === null) return null;
      if (change.type === "removed") {
        begun.delete(path);
        return null;
      }
      const { contentHash } = change.item;
      const known = begun.get(path);
      if (known && known.contentHash === contentHash && !known.there.has(cloud)) {
        known.there.add(cloud);
        return nowMs() - known.startedMs;
      }
      // Nothing goes out from Google Drive.
      if (cloud === "drive") return null;
      begun.set(path, { startedMs: nowMs(), contentHash, there: new Set([cloud]) });
      return null;
    },
    since(path) {
      const known = begun.get(path);
      return known ? nowMs() - known.startedMs : null;
    },
  };
}

/** The path below the rules' folder in this cloud; null when it lies elsewhere. */
export function pathInRules(cloud: CloudKey, path: string): string | null {
  const folder = homes[cloud];
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}
