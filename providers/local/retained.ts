import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import { hasCode } from "./failure.ts";
import type { Found } from "./item.ts";
import type { Places } from "./places.ts";
import { findAt, statsAt } from "./places.ts";
import { type KeptRecord, keptName, recordsOf, timeIn } from "./record.ts";

/** Below the root: what was replaced or removed, and nothing that is synced. */
export const retainedName = ".syncline";

const dayMs = 24 * 60 * 60 * 1000;
const retentionMs = 30 * dayMs;
const shelves = ["trash", "versions"] as const;
type Shelf = (typeof shelves)[number];

/**
 * Keeps what is replaced or removed for 30 days, as `.syncline/<shelf>/<time>_<id>/<path>`, with a record
 * beside that folder (`writeRecord`).
 */
export interface Retained {
  /** A free spot for the item that is at these names from the root; the folders of its path are there. */
  spotFor(shelf: Shelf, id: ItemId, names: readonly string[]): Promise<Spot>;
  /** What is kept of the item, the newest first. */
  find(shelf: Shelf, id: ItemId): Promise<readonly Kept[]>;
}

interface Spot {
  /** Its record stands beside it. */
  readonly folder: string;
  readonly path: string;
}

/** Something that is still in its spot. */
interface Kept extends Spot {
  readonly found: Found;
  readonly record: KeptRecord;
}

/** Prunes what is too old with the first spot and then once a day. */
export function createRetained(places: Places, clock: Clock): Retained {
  const base = join(places.root, retainedName);
  let prunedAt = Number.NEGATIVE_INFINITY;
  return {
    spotFor: async (shelf, id, names) => {
      const now = clock.now();
      if (now - prunedAt >= dayMs) {
        prunedAt = now;
        await prune(base, now - retentionMs);
      }
      const folder = await freshFolder(base, shelf, (n) => keptName(now, id, n));
      const path = join(folder, ...names);
      await mkdir(dirname(path), { recursive: true });
      return { folder, path };
    },
    find: async (shelf, id) => {
      if (!(await isReal(base, shelf))) return [];
      const kept: Kept[] = [];
      for (const { folder, record } of await recordsOf(join(base, shelf), id)) {
        const path = join(folder, ...record.names);
        const found = (await isReal(folder, ...record.names.slice(0, -1))) && (await findAt(path));
        if (found) kept.push({ folder, path, found, record });
      }
      return kept;
    },
  };
}

/** A folder made just now: what is below it is ours alone. */
async function freshFolder(base: string, shelf: Shelf, nameOf: (n: number) => string) {
  await realFolder(base);
  await realFolder(join(base, shelf));
  for (let n = 1; ; n++) {
    const folder = join(base, shelf, nameOf(n));
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
  if (await isReal(path)) return;
  throw new ProviderError("forbidden", `local: ${path} is no folder, so nothing can be kept there`);
}

async function prune(base: string, olderThan: number) {
  for (const shelf of shelves) {
    if (!(await isReal(base, shelf))) continue;
    const folder = join(base, shelf);
    for (const name of await readdir(folder)) {
      const keptAt = timeIn(name);
      if (keptAt === null || keptAt >= olderThan) continue;
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Whether the path is a folder, and each of the names below it leads to one: no symlink is followed. */
async function isReal(path: string, ...names: readonly string[]): Promise<boolean> {
  let at = path;
  for (const name of ["", ...names]) {
    at = join(at, name);
    if (!(await statsAt(at))?.isDirectory()) return false;
  }
  return true;
}
