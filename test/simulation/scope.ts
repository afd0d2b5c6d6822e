import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import { createDestination } from "../../src/core/destination.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { createMatcher } from "../../src/core/match.ts";
import type { Side } from "../../src/core/plan.ts";
import { byAge } from "../../src/core/scope.ts";
import type { Script } from "./script.ts";

/** Where people work: the rule's two locations. */
export const base: Readonly<Record<Side, string>> = { from: "/in", to: "/out" };

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
  const destination = createDestination(rule.as);
  const scope = new Map<ItemId, Scoped>();
  for (const [id, { entry, path }] of inScope(cloud, base.from, rule, nowMs, through)) {
    if (entry.kind === "folder") scope.set(id, { entry, path });
    else {
      const placed = destination({ path, ...entry });
      if ("path" in placed) scope.set(id, { entry, path: placed.path });
    }
  }
  return scope;
}

/** The files and folders below a location that a rule looks at, with their paths there. */
export function inScope(
  cloud: MemoryCloud,
  location: string,
  rule: Pick<Script["rule"], "include" | "exclude" | "as">,
  nowMs: number,
  through = false,
): Map<ItemId, Scoped> {
  const matcher = createMatcher({ ...rule, where: {} });
  const scope = new Map<ItemId, Scoped>();
  for (const { path, entry } of entriesBelow(cloud, location)) {
    if (entry.kind === "folder") {
      const verdict = matcher.folder(path);
      if (verdict === "in" || (through && verdict === "through"))
        scope.set(entry.id, { entry, path });
    } else if (matcher.file(path, entry, nowMs).in) scope.set(entry.id, { entry, path });
  }
  return scope;
}

/** Where two folders share the location's name, the oldest is meant. */
function entriesBelow(cloud: MemoryCloud, location: string): Scoped[] {
  const all = cloud.entries();
  const [root] = all
    .filter(({ path, entry }) => path === location && entry.kind === "folder")
    .map(({ entry }) => entry)
    .sort(byAge);
  const inside = new Set(root && [root.id]);
  return all.flatMap(({ path, entry }) => {
    if (!entry.parent || !inside.has(entry.parent)) return [];
    inside.add(entry.id);
    return [{ entry, path: path.split("/").slice(2) }];
  });
}

/**
 * What a rule may touch at a side: what its filters let in; where it only ever adds, all below the
 * destination's folder, since copies stay copies wherever people put them.
 */
export function touchable(
  cloud: MemoryCloud,
  side: Side,
  script: Pick<Script, "rule" | "mode">,
  nowMs: number,
) {
  const { mode, rule } = script;
  const isFiltered = side === "from" || mode === "two-way" || mode === "mirror";
  const filters = isFiltered ? { ...rule, as: null } : { include: [], exclude: [], as: null };
  return inScope(cloud, base[side], filters, nowMs);
}
