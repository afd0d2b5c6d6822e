import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import { createDestination } from "../../src/core/destination.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { createMatcher } from "../../src/core/match.ts";
import type { Script } from "./script.ts";

/** What a source holds that belongs to the destination, and where to. */
export interface Scoped {
  readonly entry: Entry;
  /** Names from the destination's folder down, before any alias; null for folders that `as` ignores. */
  readonly path: readonly string[];
}

/**
 * The files and folders of `/in` that a rule wants at the destination, by id; with `through`, also the
 * folders that it wants only if they hold something.
 */
export function scopeOf(
  cloud: MemoryCloud,
  rule: Script["rule"],
  nowMs: number,
  through = false,
): Map<ItemId, Scoped> {
  const matcher = createMatcher({ ...rule, where: {} });
  const destination = createDestination(rule.as);
  const scope = new Map<ItemId, Scoped>();
  for (const { path: text, entry } of cloud.entries()) {
    if (!text.startsWith("/in/")) continue;
    const path = text.split("/").slice(2);
    if (entry.kind === "folder") {
      const verdict = matcher.folder(path);
      if (verdict === "in" || (through && verdict === "through"))
        scope.set(entry.id, { entry, path });
    } else if (matcher.file(path, entry, nowMs).in) {
      const placed = destination({ path, ...entry });
      if ("path" in placed) scope.set(entry.id, { entry, path: placed.path });
    }
  }
  return scope;
}
