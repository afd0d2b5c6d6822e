import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import { hasCode } from "./failure.ts";
import type { Places } from "./places.ts";
import { statsAt } from "./places.ts";

/** Below the root: what was replaced or removed, and nothing that is synced. */
export const retainedName = ".syncline";

const dayMs = 24 * 60 * 60 * 1000;
const retentionMs = 30 * dayMs;
const shelves = ["trash", "versions"] as const;

/** Keeps what is replaced or removed for 30 days, as `.syncline/<shelf>/<time>/<path>`. */
export interface Retained {
  /** A free path for what is at these names from the root; its folder is there. */
  pathFor(shelf: (typeof shelves)[number], names: readonly string[]): Promise<string>;
}

/** Prunes what is too old with the first path and then once a day. */
export function createRetained(places: Places, clock: Clock): Retained {
  let prunedAt = Number.NEGATIVE_INFINITY;
  return {
    pathFor: async (shelf, names) => {
      const now = clock.now();
      if (now - prunedAt >= dayMs) {
        prunedAt = now;
        await prune(places.root, now - retentionMs);
      }
      const folder = await freshFolder(join(places.root, retainedName), shelf, now);
      const path = join(folder, ...names);
      await mkdir(dirname(path), { recursive: true });
      return path;
    },
  };
}

/** A folder named by the time, made just now: what is below it is ours alone. */
async function freshFolder(base: string, shelf: string, now: number): Promise<string> {
  await realFolder(base);
  await realFolder(join(base, shelf));
  const time = new Date(now).toISOString().replaceAll(":", "-");
  for (let n = 1; ; n++) {
    const folder = join(base, shelf, n === 1 ? time : `${time}_${n}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
}

async function realFolder(path: string) {
  try {
    await mkdir(path);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  if ((await statsAt(path))?.isDirectory()) return;
  throw new ProviderError("forbidden", `local: ${path} is no folder, so nothing can be kept there`);
}

async function prune(root: string, olderThan: number) {
  const base = join(root, retainedName);
  for (const shelf of shelves) {
    const folder = join(base, shelf);
    if (!(await isReal(base)) || !(await isReal(folder))) continue;
    for (const name of await readdir(folder)) {
      const keptAt = timeIn(name);
      if (keptAt !== null && keptAt < olderThan) await rm(join(folder, name), { recursive: true });
    }
  }
}

async function isReal(path: string): Promise<boolean> {
  return (await statsAt(path))?.isDirectory() ?? false;
}

/** The time in a name that `freshFolder` made; null for other names, which are left alone. */
function timeIn(name: string): number | null {
  const [, day, hours, minutes, seconds] =
    /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})Z(?:_\d+)?$/.exec(name) ?? [];
  const time = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? null : time;
}
