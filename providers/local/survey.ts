import type { Change, ItemId } from "../../src/core/entry.ts";
import type { Known } from "./known.ts";
import type { Places } from "./places.ts";
import type { Progress } from "./position.ts";
import { type ScanOptions, scan, type Unreadable } from "./scan.ts";

/** One thing that a survey found out, and how far it was then. */
export interface Finding {
  readonly progress: Progress;
  /** Null: what was found has to be known before the survey goes on, as that compares with it. */
  readonly news: Change | Unreadable | null;
}

/** More are needed only where something is removed or moved during each of them. */
const mostScans = 3;

/**
 * Tells how the disk differs from what is known, removals last. A scan can miss what is moved while it
 * runs, so an item is gone when two scans, one after the other, did not find it; where nothing is missing,
 * one scan is all. What only the last one missed is left for the next survey. While listing nothing is
 * told as gone: what a listing does not name is in doubt.
 */
export async function* survey(
  places: Places,
  known: Known,
  { root, listed }: ScanOptions,
): AsyncGenerator<Finding> {
  let before: ReadonlySet<ItemId> = new Set();
  for (let count = 1; ; count++) {
    const progress = count === 1 ? listed : listed && "end";
    const { missing, unreadable } = yield* scan(places, known, { root, listed: progress });
    const isVague =
      missing.some((id) => !before.has(id)) || unreadable.some(({ isVanished }) => isVanished);
    if (!isVague || count === mostScans) {
      for (const news of unreadable) yield { progress: "end", news };
      const gone = listed === null ? missing.filter((id) => before.has(id)) : [];
      for (const id of gone) yield { progress: "end", news: { type: "gone", id } };
      return;
    }
    yield { progress: "end", news: null };
    before = new Set(missing);
  }
}
