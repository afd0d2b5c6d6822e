import { byCodeUnit } from "./folder.ts";

/** A child in a scan, which walks folders before those in them, all by name. */
export interface Position {
  /** Names from the root to the folder. */
  readonly folder: readonly string[];
  readonly name: string;
}

/** How far a scan is. Folders whose identity was not clear at first are walked after all others. */
export type Progress = "start" | Position | "end";

/** Whether a scan that is so far has passed the position. */
export function hasPassed(progress: Progress, { folder, name }: Position): boolean {
  if (progress === "start") return false;
  if (progress === "end") return true;
  const order = compareFolders(folder, progress.folder) || byCodeUnit(name, progress.name);
  return order <= 0;
}

function compareFolders(a: readonly string[], b: readonly string[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = byCodeUnit(a[i] ?? "", b[i] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
