import { isOnDetour, nameBefore } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import { createMatcher, type FolderVerdict } from "./match.ts";
import { isOneName } from "./names.ts";
import { type Link, type LinkEnd, otherSide, type PlanView, type Side, sides } from "./plan.ts";
import type { Rule } from "./rule.ts";
import { ancestry, createPaths, deepest } from "./scope.ts";

/**
 * How an item stands in the rule's scope, at its own side:
 * - `in`: the rule looks at it.
 * - `out`: it is not below the rule's folder, or the globs leave out its path.
 * - `frozen`: the globs let it in, its size, age or depth does not: whatever is known of it stays as it is.
 */
export type Standing =
  | { readonly type: "in"; readonly path: readonly string[] }
  | { readonly type: "out"; readonly because: string | null }
  | { readonly type: "frozen"; readonly because: string; readonly eligibleAtMs?: number };

/** The rule's scope at both sides; remembers where folders are. */
export interface Scope {
  standing(side: Side, item: Entry): Standing;
  folder(path: readonly string[]): FolderVerdict;
  /** The item of a link's end, unless it is gone or out of scope. */
  present(side: Side, link: Link): Entry | null;
  /** The item of a link's end, unless it is gone or was taken out of the rule's folder. */
  inside(side: Side, link: Link): Entry | null;
  /** Whether an item lies in a folder that has a counterpart and was taken out of scope, so that both may come back. */
  isAway(side: Side, id: ItemId): boolean;
  /** Names from the rule's folder down; null when it is not below that. Empty for the folder itself. */
  pathOf(side: Side, id: ItemId): readonly string[] | null;
  /** Whether an item lies deeper than any rule looks; false also where it is not below the rule's folder. */
  isTooDeep(side: Side, id: ItemId): boolean;
  /** The trees or links are others now: what was remembered of them is asked for anew. */
  forget(): void;
}

export function createScope(rule: Rule, view: PlanView, nowMs: number): Scope {
  const matcher = createMatcher(rule);
  const paths = {
    from: createPaths(view.from.tree, view.from.root.folder),
    to: createPaths(view.to.tree, view.to.root.folder),
  };
  const away: Record<Side, Map<ItemId, boolean>> = { from: new Map(), to: new Map() };

  function pathOf(side: Side, id: ItemId): readonly string[] | null {
    return view[side].root.missing.length === 0 ? paths[side].of(id) : null;
  }

  const isTooDeep = (side: Side, id: ItemId): boolean => (pathOf(side, id)?.length ?? 0) > deepest;

  /** As `pathOf`, but for what a swap moved in passing: that is where the other side has it in scope, or had it. */
  function wantedPath(side: Side, item: Entry): readonly string[] | null {
    const path = pathOf(side, item.id);
    if (!path || path.length > deepest) return path;
    const depth = path.findLastIndex((name) => isOnDetour({ name }));
    if (depth < 0) return path;
    const away = [...ancestry(view[side].tree, item.id)][path.length - 1 - depth];
    const link = away === undefined ? null : view.linkOf(side, away);
    const below = path.slice(depth + 1);
    if (!link) {
      const former = nameBefore({ name: path[depth] ?? "" });
      return former === null ? path : [...path.slice(0, depth), former, ...below];
    }
    const { id, name } = link[otherSide(side)];
    const other = view[otherSide(side)].tree.get(id);
    const there = other && pathOf(otherSide(side), id);
    const isThere = there && standingAt(there, other).type !== "out";
    return isThere ? [...there, ...below] : [...path.slice(0, depth), name, ...below];
  }

  /**
   * The path of a linked item by the names that the other side has for what lies where it was agreed: an alias, or
   * another case, takes nothing out of scope. Null for what has no counterpart.
   */
  function agreedPath(side: Side, item: Entry): string[] | null {
    const { tree, root } = view[side];
    if (!view.linkOf(side, item.id)) return null;
    const path: string[] = [];
    for (const id of ancestry(tree, item.id)) {
      if (id === root.folder) return path.reverse();
      const entry = tree.get(id);
      const link = view.linkOf(side, id);
      const isAgreed = link && entry && !isMoved(entry, link[side]) && areNamesakes(link);
      const named = isAgreed ? link[otherSide(side)] : entry;
      // A passing name says nothing of where an item belongs.
      if (!named || isOnDetour(named)) return null;
      path.push(named.name);
    }
    return null;
  }

  const areNamesakes = ({ from, to }: Link): boolean =>
    isOneName({ name: from.name, rules: view.from.names }, { name: to.name, rules: view.to.names });

  function standing(side: Side, item: Entry): Standing {
    const path = wantedPath(side, item);
    if (!path || path.length === 0) return { type: "out", because: null };
    const found = standingAt(path, item);
    const agreed = found.type === "out" ? agreedPath(side, item) : null;
    return agreed && standingAt(agreed, item).type === "in" ? { type: "in", path } : found;
  }

  function standingAt(path: readonly string[], item: Entry): Standing {
    if (item.kind === "folder" && matcher.folder(path) !== "out") return { type: "in", path };
    const verdict = matcher.file(path, item, nowMs);
    if (verdict.in) return { type: "in", path };
    const { because, by, eligibleAtMs } = verdict;
    if (by === "path") return { type: "out", because };
    return { type: "frozen", because, ...(eligibleAtMs !== undefined && { eligibleAtMs }) };
  }

  function present(side: Side, link: Link): Entry | null {
    const item = view[side].tree.get(link[side].id);
    return item && standing(side, item).type !== "out" ? item : null;
  }

  return {
    standing,
    folder: matcher.folder,
    present,
    inside(side, link) {
      const { id } = link[side];
      return pathOf(side, id) === null ? null : view[side].tree.get(id);
    },
    isAway(side, id) {
      const known = away[side];
      const [, ...folders] = ancestry(view[side].tree, id);
      const nearest = folders.findIndex((folder) => known.has(folder));
      const above = folders[nearest];
      let isAway = above !== undefined && known.get(above) === true;
      for (const folder of folders.slice(0, above ? nearest : folders.length).reverse()) {
        const link = view.linkOf(side, folder);
        isAway ||= link !== null && present(side, link) === null;
        known.set(folder, isAway);
      }
      return isAway;
    },
    pathOf,
    isTooDeep,
    forget() {
      for (const side of sides) {
        paths[side].forget();
        away[side].clear();
      }
    },
  };
}

/** Whether an item is elsewhere than its link says. */
export const isMoved = (item: Entry, end: Pick<LinkEnd, "parent" | "name">): boolean =>
  item.parent !== end.parent || item.name !== end.name;
