import type { FSWatcher, watch as nodeWatch } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { hasCode } from "./failure.ts";
import { isPart } from "./part.ts";
import { retainedName } from "./retained.ts";

/** The system's events of single folders: one inotify watch each on Linux, whatever they hold. */
export interface Watchers {
  /**
   * Watches exactly these folders; whether any of them was not watched before. Rejects with the system's error
   * when it grants no more watches; a folder that is not there any more is left out.
   */
  keep(folders: ReadonlySet<string>): Promise<boolean>;
  close(): void;
}

/** Others get their turn after so many. */
const batch = 500;

/** `onEvent` hears of every event but those of our own parts; `isStale`: a watched folder is another one now. */
export function createWatchers(
  watch: typeof nodeWatch,
  onEvent: (isStale: boolean) => void,
): Watchers {
  const watchers = new Map<string, FSWatcher>();

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  /** A watch follows its folder wherever that goes, and is none of the one that takes its place. */
  function dropTree(top: string): void {
    for (const folder of watchers.keys()) {
      if (folder === top || folder.startsWith(`${top}/`)) drop(folder);
    }
  }

  function add(folder: string): boolean {
    try {
      const watcher = watch(folder, { persistent: false }, (type, name) => {
        if (name === retainedName || (name !== null && isPart(name))) return;
        const child = name === null ? null : join(folder, name);
        const isStale = type === "rename" && child !== null && watchers.has(child);
        if (isStale) dropTree(child);
        onEvent(isStale);
      });
      watcher.on("error", () => {
        drop(folder);
        onEvent(true);
      });
      watchers.set(folder, watcher);
      return true;
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "EACCES"].some((code) => hasCode(error, code))) return false;
      throw error;
    }
  }

  return {
    async keep(folders) {
      for (const folder of watchers.keys()) if (!folders.has(folder)) drop(folder);
      let added = 0;
      for (const folder of folders) {
        if (!watchers.has(folder) && add(folder) && ++added % batch === 0) await nextTurn();
      }
      return added > 0;
    },
    close() {
      for (const folder of watchers.keys()) drop(folder);
    },
  };
}
