import type { DriveItem } from "./item.ts";

interface Write {
  readonly at: number;
  readonly id: string;
  readonly before: DriveItem | undefined;
}

/**
 * Remembers recent writes so that a listing can show the drive as it was a while ago (Drive listings lag
 * behind writes; a get by id does not).
 */
export interface Lag {
  noteWrite(write: Write): void;
  /** Items that were different at `instant`, as they were then; undefined: did not exist. */
  since(instant: number): ReadonlyMap<string, DriveItem | undefined>;
}

/** `lagMs` is asked at each write: without lag nothing is remembered. */
export function createLag(lagMs: () => number): Lag {
  const writes: Write[] = [];
  return {
    noteWrite(write) {
      const oldest = write.at - lagMs();
      const young = writes.findIndex((former) => former.at > oldest);
      writes.splice(0, young < 0 ? writes.length : young);
      if (lagMs() > 0) writes.push(write);
    },
    since(instant) {
      const before = new Map<string, DriveItem | undefined>();
      for (const write of writes) {
        if (write.at > instant && !before.has(write.id)) before.set(write.id, write.before);
      }
      return before;
    },
  };
}
