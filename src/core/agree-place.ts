import { contentState } from "./content.ts";
import { isOnDetour } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import type { Meeting } from "./meeting.ts";
import { alias, isOneName, sameName } from "./names.ts";
import { exportOf } from "./native.ts";
import { type Link, otherSide, type Side } from "./plan.ts";
import type { Drafting, Writers } from "./planning.ts";
import type { Removals } from "./removal.ts";
import { ancestry } from "./scope.ts";
import { isMoved } from "./standing.ts";

/** A step that moves one side of a unit. */
export interface Moved {
  readonly side: Side;
  readonly step: string;
}

/**
 * Where a pair is to be, when both items are there: the step by which one side is moved, for later steps to
 * wait for; null when both places stand.
 *
 * - One was moved: the other follows. Both were: the place of `from` stands. Under `mirror` it always does.
 * - None was, but the two names have nothing to do with each other: that of `from` stands. A base that was kept
 *   wrongly leaves no name behind.
 * - Two places that lie inside each other: the move at `to` is undone.
 * - Two items that want one name: that of `from` has it, the other takes a conflict's name at both sides; or
 *   goes back to the place at `from`, when its content is in conflict too.
 */
export interface PlaceAgreement {
  agree(link: Link, from: Entry, to: Entry): Moved | null;
  /** Whether the item of `side` is to go where the other one is; tells without planning it. */
  follows(side: Side, link: Link, from: Entry, to: Entry): boolean;
}

/** Whose place stands; `neither`: both do, but for a passing name. */
type Leader = Side | "neither";

export function createPlaceAgreement(
  drafting: Drafting,
  writers: Writers,
  removals: Removals,
  { namesakes }: Meeting,
): PlaceAgreement {
  const { rule, view, scope, decide } = drafting;
  const isMirror = rule.mode === "mirror";

  function agree(link: Link, from: Entry, to: Entry): Moved | null {
    switch (leader(link, from, to)) {
      case "neither":
        return isOnDetour(from) && isOnDetour(to) ? comeHome(link, from, to) : null;
      case "from": {
        if (isMirror || isAway(link, from, to)) return follow("to", from, link, to);
        const areMoved = isMoved(from, link.from) && isMoved(to, link.to);
        return areMoved && isSamePlace(from, to) ? null : followFrom(link, from, to);
      }
      case "to":
        if (isAway(link, from, to)) return follow("from", to, link, from);
        return isCircle(from, to) && staysCircle(from, to)
          ? follow("to", from, link, to)
          : followTo(link, from, to);
    }
  }

  function leader(link: Link, from: Entry, to: Entry): Leader {
    const fromMoved = isMoved(from, link.from);
    const toMoved = isMoved(to, link.to);
    const isAstray = from.parent !== null && drafting.pairOf("from", from.parent) !== to.parent;
    const isElsewhere = fromMoved || toMoved || isAstray || isAway(link, from, to);
    if (!isElsewhere && areNamesakes(from, to)) return "neither";
    if (!isMirror && isOnDetour(from) && isOnDetour(to)) return "neither";
    if (isMirror || isOnDetour(to) || isOnDetour(link.to)) return "from";
    if (isOnDetour(from) || isOnDetour(link.from)) return "to";
    if (!toMoved || fromMoved) return "from";
    // A file that is about to be set aside for its content is not to get two conflict's names.
    const isInConflict = isEdited("from", link, from) && isEdited("to", link, to);
    return isInConflict && isTaken(link, to) ? "from" : "to";
  }

  /** Whether an end has, or had, a passing name: that is our own, and nobody's wish. */
  const isAway = (link: Link, from: Entry, to: Entry): boolean =>
    [from, to, link.from, link.to].some(isOnDetour);

  function comeHome(link: Link, from: Entry, to: Entry): Moved | null {
    const step = writers.from.bringHome(link, from, true);
    return step === null ? follow("to", from, link, to) : { side: "from", step };
  }

  /** Whether two places still contradict each other when it is decided where that folder of `to` will be. */
  function staysCircle(from: Entry, to: Entry): boolean {
    // Who goes into this one at `to` has to know that it may leave.
    writers.to.reserve(to.id);
    const folder = holderOf(to);
    if (folder && folder !== view.to.root.folder) decide({ side: "to", item: folder });
    const isStill = isCircle(from, to);
    if (!isStill) writers.to.release(to.id);
    return isStill;
  }

  function follow(side: Side, item: Entry, link: Link, target: Entry, name?: string): Moved | null {
    const step = writers[side].follow(item, link, target, name);
    return step === null ? null : { side, step };
  }

  /** `from` takes the place that `to` gave; where somebody of `from` has the name, it is theirs. */
  function followTo(link: Link, from: Entry, to: Entry): Moved | null {
    if (!isTaken(link, to)) return follow("from", to, link, from);
    const given = writers.to.giveWay(link, to, "the name is another's on the other side");
    const name = alias(given.name, view.from.names);
    const moved = follow("from", to, link, from, name);
    if (moved) given.after.push(moved.step);
    return moved ?? { side: "to", step: given.step };
  }

  const isEdited = (side: Side, link: Link, item: Entry): boolean =>
    item.kind === "file" && contentState(item, { ...link, ...link[side] }) !== "unchanged";

  /** `to` takes the place that `from` gave; a folder of `to` that comes back to `from` keeps its name. */
  function followFrom(link: Link, from: Entry, to: Entry): Moved | null {
    if (!isFolderBack(from)) return follow("to", from, link, to);
    const given = writers.from.giveWay(link, from, "a folder of the other side keeps the name");
    const moved = follow("to", from, link, to, alias(given.name, view.to.names));
    if (moved) given.after.push(moved.step);
    return moved ?? { side: "from", step: given.step };
  }

  function isFolderBack(from: Entry): boolean {
    if (view.from.names.duplicates || view.to.names.duplicates) return false;
    return namesakes("from", from, from.name).some((other) => {
      const link = other.kind === "folder" ? view.linkOf("to", other.id) : null;
      return link !== null && !scope.present("from", link) && outlives("to", link, other);
    });
  }

  /** Whether an item outlives its other end. */
  const outlives = (side: Side, link: Link, item: Entry): boolean =>
    item.kind === "folder"
      ? removals.isStaying(side, link, item)
      : removals.isKept(side, link, item);

  function isSamePlace(from: Entry, to: Entry): boolean {
    const isSameFolder = from.parent !== null && drafting.pairOf("from", from.parent) === to.parent;
    return isSameFolder && to.name === alias(nameOf(from), view.to.names);
  }

  /** Whether the place that `to` gave a folder lies inside that very folder at `from`. */
  function isCircle(from: Entry, to: Entry): boolean {
    const holder = from.kind === "folder" ? holderOf(to) : null;
    const folder = holder && drafting.pairOf("to", holder);
    return folder !== null && writers.from.willHold(from.id, folder);
  }

  /** The nearest folder above an item of `to` that `from` has too: what lies between is made in that. */
  function holderOf(to: Entry): ItemId | null {
    const [, ...folders] = ancestry(view.to.tree, to.id);
    const isAtFrom = (folder: ItemId) => {
      const other = drafting.pairOf("to", folder);
      return other !== null && view.from.tree.get(other) !== null;
    };
    return folders.find(isAtFrom) ?? null;
  }

  /** Whether an item of `from` that stays has the name that `to` gave, and `to` can't hold both. */
  function isTaken(link: Link, to: Entry): boolean {
    const folder = to.parent && drafting.pairOf("to", to.parent);
    const { names, tree } = view.from;
    if (!folder || names.duplicates || view.to.names.duplicates) return false;
    return tree
      .named(folder, to.name)
      .some(
        (other) =>
          other.id !== link.from.id &&
          sameName(other.name, to.name, names) &&
          sameName(other.name, to.name, view.to.names) &&
          isStaying(other),
      );
  }

  function isStaying(from: Entry): boolean {
    const link = view.linkOf("from", from.id);
    if (!link) return scope.standing("from", from).type === "in";
    const to = scope.present("to", link);
    if (!to) return outlives("from", link, from);
    return isMoved(from, link.from) || !isMoved(to, link.to);
  }

  /** Whether both may go by the names that they have. What lives only in its service goes by more than that. */
  function areNamesakes(from: Entry, to: Entry): boolean {
    if (from.kind === "native" || to.kind === "native") return true;
    const named = (side: Side, { name }: Entry) => ({ name, rules: view[side].names });
    return isOneName(named("from", from), named("to", to));
  }

  const nameOf = (item: Entry) => {
    const exportAs = exportOf(item, rule);
    return exportAs ? `${item.name}.${exportAs}` : item.name;
  };

  return {
    agree,
    follows(side, link, from, to) {
      const leading = leader(link, from, to);
      return leading === otherSide(side) && (leading === "from" || !isCircle(from, to));
    },
  };
}
