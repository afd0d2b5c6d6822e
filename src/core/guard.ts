import type { Rule } from "./rule.ts";

/** What a run is about to take away, or to overwrite. */
export interface Loss {
  /** Files, each once; a folder that holds none counts as one. */
  readonly count: number;
  /** Those of them that both sides had. */
  readonly linked: number;
}

/** What a guard measures that by. */
export interface GuardFacts {
  /** Files that both sides had before the run. */
  readonly linkedFiles: number;
  /** Whether no run has been completed since the rule was new, or was made another one. */
  readonly isFirst: boolean;
}

/**
 * Why removals wait for a person; null: they may go on. Renames and moves are none, since a plan knows items
 * by their ids.
 *
 * - The first run of a mirror removes nothing unasked.
 * - Everything that both sides had is never removed at one stroke.
 * - Otherwise more than `guard.deletes` percent of the linked files, from `minimumFiles` on.
 */
export function holdRemovals(
  { mode, guard }: Rule,
  { count, linked }: Loss,
  { linkedFiles, isFirst }: GuardFacts,
): string | null {
  if (count === 0 || mode === "move" || mode === "copy") return null;
  if (mode === "mirror" && isFirst) {
    const what = count === 1 ? "1 item" : `${count} items`;
    return `the first run of a mirror: ${what} would be removed`;
  }
  if (guard.deletesPercent === null) return null;
  const what = `${count} of ${linkedFiles} files would be removed`;
  if (linkedFiles >= 2 && linked >= linkedFiles) return `all files would be removed: ${what}`;
  return exceeds(count, guard.deletesPercent, guard.minimumFiles, linkedFiles)
    ? `${what}, more than "guard: deletes: ${guard.deletesPercent}%"`
    : null;
}

/** Why overwrites wait for a person; null: they may go on. */
export function holdOverwrites(
  { guard }: Rule,
  { count }: Loss,
  { linkedFiles }: GuardFacts,
): string | null {
  if (guard.changesPercent === null) return null;
  return exceeds(count, guard.changesPercent, guard.minimumFiles, linkedFiles)
    ? `${count} of ${linkedFiles} files would be overwritten, more than "guard: changes: ${guard.changesPercent}%"`
    : null;
}

const exceeds = (count: number, percent: number, minimum: number, of: number) =>
  count >= minimum && count * 100 > percent * of;
