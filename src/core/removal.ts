import type { PlaceAgreement } from "./agree-place.ts";
import { contentState } from "./content.ts";
import { isOnDetour } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import { nativeReason } from "./native.ts";
import { type ItemRef, type Link, otherSide, refKey, type Side, unitOf } from "./plan.ts";
import type { Drafting, Writers } from "./planning.ts";
import { isMoved } from "./standing.ts";

/** What goes to the trash because the other side no longer has it, and what stays all the same. */
export interface Removals {
  /** Whether an item whose other end is gone outlives it: edited, moved, or below a folder that was moved. */
  isKept(side: Side, link: Link, item: Entry): boolean;
  /** Whether a folder whose other end is gone stays, because of itself or of what it holds. */
  isStaying(side: Side, link: Link, folder: Entry): boolean;
  /**
   * Ends the links of what is below a folder that comes back whole: what it holds is new to the other side
   * then, also for a run that finds the folder there and the rest not yet.
   */
  release(side: Side, folder: ItemId): void;
  /** Whether an item goes with a folder that holds it. */
  isCovered(side: Side, item: ItemId): boolean;
  /**
   * Removes a linked item, or brings a folder back as a shell for what has to stay in it. False: that is decided
   * when it is done what this plan makes of what is to leave it.
   */
  remove(side: Side, link: Link, item: Entry): boolean;
  /** Removes an item that a mirror's source does not have. */
  removeExtra(item: Entry): void;
}

/**
 * A folder goes as one request when all that it holds was judged to go, or leaves it before; what the rule
 * does not look at, what lives only in its service, and what somebody has changed keep it.
 */
export function createRemovals(
  drafting: Drafting,
  writers: Writers,
  follows: PlaceAgreement["follows"],
): Removals {
  const { rule, view, scope, decide } = drafting;
  const isMirror = rule.mode === "mirror";
  const covered: Record<Side, Set<ItemId>> = { from: new Set(), to: new Set() };
  /** Folders whose content is being judged: whether something leaves one may depend on whether that goes. */
  const judging = new Set<string>();
  const isPresent = (side: Side, link: Link) => scope.present(side, link) !== null;

  function isKept(side: Side, link: Link, item: Entry): boolean {
    const isEdited =
      link.kind !== "folder" && contentState(item, { ...link, ...link[side] }) !== "unchanged";
    // A folder that is not there tells nothing of what was in it.
    const isUntold = view[otherSide(side)].root.missing.length > 0;
    // A passing name is our own, and nobody's wish.
    const isWished = isMoved(item, link[side]) && !isOnDetour(item);
    return isUntold || isEdited || isWished || isRescued(side, item.parent);
  }

  /** Whether a folder whose other end is gone was moved, or lies below one that was; new ones between are no matter. */
  function isRescued(side: Side, folder: ItemId | null): boolean {
    const item = folder && view[side].tree.get(folder);
    if (!item) return false;
    const link = view.linkOf(side, item.id);
    if (link && isPresent(otherSide(side), link)) return false;
    const isWished = link !== null && isMoved(item, link[side]) && !isOnDetour(item);
    return isWished || isRescued(side, item.parent);
  }

  /** All that goes with a folder; null when something keeps it. */
  function judge(side: Side, folder: Entry): Judged | null {
    const key = refKey({ side, item: folder.id });
    judging.add(key);
    const judged = judgeAll(side, folder);
    judging.delete(key);
    return judged;
  }

  function judgeAll(side: Side, folder: Entry): Judged | null {
    const holds = [folder.id];
    const leavers: ItemId[] = [];
    let files = 0;
    for (const child of view[side].tree.children(folder.id)) {
      if (child.kind === "native" || scope.standing(side, child).type !== "in") return null;
      const link = view.linkOf(side, child.id);
      const unit: ItemRef = link ? unitOf(link) : { side, item: child.id };
      if (view.decisionOf(unit) !== null) return null;
      const other = link && scope.present(otherSide(side), link);
      if (link && other) {
        if (!leaves(side, link, child, other)) return null;
        leavers.push(child.id);
        continue;
      }
      if (!isMirror && (!link || isKept(side, link, child))) return null;
      const below =
        child.kind === "folder" ? judge(side, child) : { holds: [child.id], files: 1, leavers: [] };
      if (!below) return null;
      for (const id of below.holds) holds.push(id);
      leavers.push(...below.leavers);
      files += below.files;
    }
    return { holds, files, leavers };
  }

  /** Whether an item follows its other end out of a folder that has none. */
  function leaves(side: Side, link: Link, item: Entry, other: Entry): boolean {
    if (scope.standing(otherSide(side), other).type !== "in") return false;
    return side === "from" ? follows(side, link, item, other) : follows(side, link, other, item);
  }

  /** `later`: what is to leave it is decided when it is done what this plan makes of a folder that holds that. */
  function trash(side: Side, unit: ItemRef, item: Entry, why: string): "done" | "kept" | "later" {
    const writer = writers[side];
    // Set before judging: what leaves it may want its name.
    const id = writer.reserve(item.id);
    const removal =
      item.kind === "folder" ? judge(side, item) : { holds: [item.id], files: 1, leavers: [] };
    if (!removal) {
      writer.release(item.id);
      return "kept";
    }
    for (const held of removal.holds) covered[side].add(held);
    for (const leaver of removal.leavers) decide({ side, item: leaver });
    if (removal.leavers.some((leaver) => drafting.mode().awaits({ side, item: leaver }))) {
      writer.release(item.id);
      for (const held of removal.holds) covered[side].delete(held);
      return "later";
    }
    const after = writer.trash(id, unit, item, removal, why);
    // One that is being decided just now has no step yet.
    drafting.atEnd(() => {
      after.push(...removal.leavers.flatMap((leaver) => writer.leaving.get(leaver) ?? []));
    });
    return "done";
  }

  function release(side: Side, folder: ItemId): void {
    for (const child of view[side].tree.children(folder)) {
      const link = view.linkOf(side, child.id);
      // What has its counterpart holds its own.
      if (link && isPresent(otherSide(side), link)) continue;
      if (link) drafting.out().ended.push(link);
      if (child.kind === "folder") release(side, child.id);
    }
  }

  /** A folder that is kept goes on as one of its side alone, with all folders in it: then none waits for another. */
  function releaseFolders(side: Side, folder: ItemId): void {
    for (const child of view[side].tree.children(folder)) {
      if (child.kind !== "folder") continue;
      endHalf(side, child);
      releaseFolders(side, child.id);
    }
  }

  function endHalf(side: Side, item: Entry): void {
    const link = view.linkOf(side, item.id);
    if (link && !isPresent(otherSide(side), link)) drafting.out().ended.push(link);
  }

  return {
    isKept,
    release,
    isStaying(side, link, folder) {
      if (isKept(side, link, folder)) return true;
      return !judging.has(refKey({ side, item: folder.id })) && judge(side, folder) === null;
    },
    isCovered: (side, item) => covered[side].has(item),
    remove(side, link, item) {
      if (covered[side].has(item.id)) return true;
      const writer = writers[otherSide(side)];
      if (rule.deletes === "keep") {
        writers[side].bringHome(link, item);
        if (item.kind === "folder") releaseFolders(side, item.id);
        drafting.out().ended.push(link);
        return true;
      }
      if (item.kind === "native") {
        writer.skip(item, scope.pathOf(side, item.id) ?? [], nativeReason(item, rule));
        return true;
      }
      const trashed = trash(side, unitOf(link), item, "it was removed on the other side");
      if (trashed !== "kept") return trashed === "done";
      if (isMirror) {
        writers[side].bringHome(link, item);
        drafting.out().ended.push(link);
      } else if (!writers[side].comeHome(unitOf(link), item)) writer.counterpart(item.id);
      return true;
    },
    removeExtra(item) {
      if (covered.to.has(item.id)) return;
      if (rule.deletes === "keep") {
        return void writers.to.comeHome({ side: "to", item: item.id }, item);
      }
      if (item.kind === "native") {
        return writers.from.skip(item, scope.pathOf("to", item.id) ?? [], nativeReason(item, rule));
      }
      trash("to", { side: "to", item: item.id }, item, "the source does not have it");
    },
  };
}

/** All that goes with a folder, and what has to leave it first. */
interface Judged {
  readonly holds: readonly ItemId[];
  readonly files: number;
  readonly leavers: readonly ItemId[];
}
