import { createContentAgreement } from "./agree-content.ts";
import { createPlaceAgreement } from "./agree-place.ts";
import { createBringer } from "./bring.ts";
import type { Entry, ItemId } from "./entry.ts";
import { createMeeting } from "./meeting.ts";
import {
  type ItemRef,
  idsOf,
  type Link,
  otherSide,
  refKey,
  type Side,
  sides,
  unitOf,
} from "./plan.ts";
import type { Drafting, Mode, Writers } from "./planning.ts";
import { createRemovals } from "./removal.ts";
import { ancestry } from "./scope.ts";
import { isMoved } from "./standing.ts";

/**
 * `mirror` and `two-way`: both sides shall hold the same.
 *
 * Under `two-way` each side's change against the base goes to the other side. Both changed:
 * - an edit beats a removal, a move beats a removal, with all below a moved folder;
 * - two places: that of `from` stands; no bytes move;
 * - two contents: equal bytes are adopted, else the rule's `conflict` decides, and no bytes are lost.
 * Under `mirror` the same is seen with the eyes of `from` alone: whatever differs at `to` gives way to it.
 *
 * Nothing is removed but what the other side's own tree says is gone, or, under `mirror`, never had.
 */
export function createReconciler(drafting: Drafting, writers: Writers): Mode {
  const { rule, view, scope, decide } = drafting;
  const isMirror = rule.mode === "mirror";
  const isPlaceless = rule.include.length === 0 && rule.exclude.length === 0;
  const removals = createRemovals(drafting, writers, (...pair) => places.follows(...pair));
  /** Units that are being decided, with those who wait for them. */
  const waiting = new Map<string, (() => void)[]>();
  /** Units that are decided when it is done what this plan makes of a folder that holds them. */
  const carried = new Set<string>();
  const meeting = createMeeting(drafting);
  const { namesakes, expand } = meeting;
  const places = createPlaceAgreement(drafting, writers, removals, meeting);
  const content = createContentAgreement(drafting, writers);
  const { bring, isBrought, yielded } = createBringer(
    drafting,
    writers,
    removals,
    meeting,
    content,
  );

  function decideBoth(link: Link, from: Entry, to: Entry): void {
    const unit = unitOf(link);
    const standing = scope.standing("from", from);
    const target = scope.standing("to", to);
    if (drafting.rests(unit, from, standing)) return;
    if (drafting.rests({ side: "to", item: to.id }, to, target)) return;
    if (standing.type === "frozen" || target.type === "frozen") return;
    if (link.kind === "folder" && !isPlaceless) {
      // What the globs say of all below it may have changed with its path.
      if (isMoved(from, link.from)) expand("from", from);
      if (isMoved(to, link.to)) expand("to", to);
    }
    const moved = places.agree(link, from, to);
    if (link.kind === "folder") {
      if (!moved) content.refresh(link, from, to, link);
    } else {
      content.agree(link, from, to, moved);
    }
  }

  /** One end is gone, the other one is there. */
  function decideHalf(link: Link, side: Side, item: Entry): void {
    const gone = otherSide(side);
    if (isCarried(gone, link[gone].id)) return void carried.add(refKey(unitOf(link)));
    const standing = scope.standing(side, item);
    if (drafting.rests({ side, item: item.id }, item, standing)) return;
    if (standing.type !== "in") return;
    const conclude = (): void => {
      // What is below may be known only by this folder's own news.
      const isLeft = () => rule.deletes === "keep" || removals.isCovered(side, item.id);
      const decided = view.decisionOf(unitOf(link), idsOf(link));
      // A version that was kept and is out of scope since then is no wish that the other one goes.
      const decision = decided === gone ? null : decided;
      const stays = isMirror ? side === "from" : removals.isKept(side, link, item);
      const isBack = stays && link.kind === "folder" && !decision && !isMirror;
      if (isBack) removals.release(side, item.id);
      if (writers[side].places.isMet(item.id)) {
        if (item.kind === "folder" && !isLeft()) expand(side, item);
        return;
      }
      if (!decision && !stays) {
        if (!removals.remove(side, link, item)) return void carried.add(refKey(unitOf(link)));
      } else if (comesHome(side, item)) return;
      else bring(side, item, standing.path);
      if (item.kind === "folder" && !isLeft()) expand(side, item);
    };
    // Under `mirror` what `from` has comes back to its place, whoever took that.
    const heirs = isMirror && side === "from" ? [] : heirsOf(link, side, item);
    for (const heir of heirs) decide(heir);
    const resting = heirs.map(drafting.restsUntil).find((until) => until !== null);
    if (resting != null) return defer(unitOf(link), resting);
    whenDecided(heirs, conclude);
  }

  /** New items of one kind with one that lost its counterpart, in the place of that: they go on with it. */
  function heirsOf(link: Link, side: Side, item: Entry): ItemRef[] {
    const gone = otherSide(side);
    const isInPlace = !isMoved(item, link[side]);
    return [...new Set([item.name, ...(isInPlace ? [link[gone].name] : [])])]
      .flatMap((name) => namesakes(side, item, name))
      .filter(({ kind }) => (kind === "folder") === (item.kind === "folder"))
      .map(({ id }) => ({ side: gone, item: id }))
      .filter((ref) => view.linkOf(ref.side, ref.item) === null);
  }

  /** Under way: each waits for nobody that waits for it, and those who wait are told. */
  function whenDecided(refs: readonly ItemRef[], conclude: () => void): void {
    const first = refs.map(keyOf).find((key) => waiting.has(key));
    if (first === undefined) conclude();
    else waiting.get(first)?.push(() => whenDecided(refs, conclude));
  }

  function keyOf({ side, item }: ItemRef): string {
    const link = view.linkOf(side, item);
    return refKey(link ? unitOf(link) : { side, item });
  }

  /** Whether what has no counterpart first takes the name that a swap took from it; a mirror's source is not touched. */
  function comesHome(side: Side, item: Entry): boolean {
    if (isMirror && side === "from") return false;
    const link = view.linkOf(side, item.id);
    return writers[side].comeHome(link ? unitOf(link) : { side, item: item.id }, item);
  }

  function defer(unit: ItemRef, dueAtMs: number): void {
    const because = "an item of the same name waits on the other side";
    drafting.out().deferred.push({ ...unit, dueAtMs, because });
  }

  function decideNew(side: Side, item: Entry): void {
    const ref = { side, item: item.id };
    const standing = scope.standing(side, item);
    if (standing.type === "out") return;
    // `from` is asked first, so that what meets there meets once.
    const rivals = side === "to" ? rivalsOf(item) : [];
    for (const rival of rivals) decide(rival);
    if (writers[side].places.isMet(item.id)) return;
    const resting = rivals
      .filter((rival) => view.linkOf(rival.side, rival.item) === null)
      .map(drafting.restsUntil)
      .find((until) => until !== null);
    if (resting != null) return defer(ref, resting);
    if (drafting.rests(ref, item, standing) || standing.type === "frozen") return;
    whenDecided(rivals, () => {
      if (writers[side].places.isMet(item.id)) return;
      const isExtra = isMirror && side === "to" && view.decisionOf(ref) !== "to";
      if (!isExtra && comesHome(side, item)) return;
      if (!isExtra) return bring(side, item, standing.path);
      removals.removeExtra(item);
      if (item.kind === "folder" && !removals.isCovered(side, item.id)) expand(side, item);
    });
  }

  /** Items of `from` that may have to do with a new one of `to`. */
  function rivalsOf(item: Entry): ItemRef[] {
    return namesakes("to", item, item.name)
      .filter((other) => {
        const link = view.linkOf("from", other.id);
        const isHalf = link !== null && scope.present("to", link) === null;
        // One that lost its counterpart comes back to its place; else the new item deals with it.
        if (!isMirror) return !isHalf;
        return (link === null || isHalf) && (other.kind === "folder") === (item.kind === "folder");
      })
      .map(({ id }) => ({ side: "from", item: id }));
  }

  /**
   * Whether an item is only out of scope with a folder that is to go where its counterpart is, or to be
   * followed there: what the filters say of it then is not known yet.
   */
  function isCarried(side: Side, item: ItemId): boolean {
    if (isPlaceless || view[side].tree.get(item) === null) return false;
    const [, ...folders] = ancestry(view[side].tree, item);
    return folders.some((folder) => {
      const link = view.linkOf(side, folder);
      return (
        link !== null &&
        sides.every((end) => scope.present(end, link) !== null) &&
        sides.some((end) => {
          const found = view[end].tree.get(link[end].id);
          return found !== null && isMoved(found, link[end]);
        })
      );
    });
  }

  const isLeaving = (side: Side, { id }: Entry) => writers[side].leaving.has(id);

  function sameKind(item: Entry, occupant: Entry, own: ItemId | null): boolean {
    return own === null && (item.kind === "folder") === (occupant.kind === "folder");
  }

  /**
   * Whether what stands in an item's way waits for a person together with another item, which keeps its name then:
   * two would take it from each other without end.
   */
  function waitsWithOther(side: Side, item: Entry, occupant: Entry): boolean {
    const rival = view.rivalOf(side, occupant.id);
    if (rival === null || rival === item.id) return false;
    decide({ side: otherSide(side), item: rival });
    const isTheirs = writers[otherSide(side)].places.isMet(rival);
    return isTheirs || writers[side].places.isMet(occupant.id);
  }

  /** Whether an item lies in a new folder that takes another name: with that it is looked at again. */
  function isInAside(side: Side, item: ItemId): boolean {
    const [, ...folders] = ancestry(view[side].tree, item);
    for (const folder of folders) {
      if (writers[side].isComingHome(folder)) return true;
      // A folder with a counterpart holds its own, wherever it goes.
      if (view.linkOf(side, folder)) return false;
      if (writers[side].leaving.has(folder)) return true;
    }
    return false;
  }

  /**
   * Both ends are gone: what is in a folder that left the scope at both sides has left it, too. One that went only with
   * a folder waits until it is decided what becomes of that: if it came back, nobody would tell of what it holds.
   */
  function leave(link: Link): void {
    const waits = rule.deletes !== "keep" && sides.some((side) => isWithHalf(side, link[side].id));
    if (waits) return void carried.add(refKey(unitOf(link)));
    drafting.out().ended.push(link);
    for (const side of link.kind === "folder" ? sides : []) {
      const folder = view[side].tree.get(link[side].id);
      if (folder) expand(side, folder);
    }
  }

  /** Whether an item is out of scope with a folder that is still there at the other side. */
  function isWithHalf(side: Side, item: ItemId): boolean {
    const [, ...folders] = ancestry(view[side].tree, item);
    return folders.some((folder) => {
      const link = view.linkOf(side, folder);
      return link && !scope.present(side, link) && scope.present(otherSide(side), link);
    });
  }

  function decideUnit(unit: ItemRef, link: Link | null): void {
    const ends = link ? sides.map((side) => ({ side, item: link[side].id })) : [unit];
    if (!isMirror && ends.some(({ side, item }) => isInAside(side, item))) {
      return void carried.add(refKey(unit));
    }
    if (!link) {
      const item = view[unit.side].tree.get(unit.item);
      if (item) decideNew(unit.side, item);
      return;
    }
    const from = scope.present("from", link);
    const to = scope.present("to", link);
    if (from && to) decideBoth(link, from, to);
    else if (from) decideHalf(link, "from", from);
    else if (to) decideHalf(link, "to", to);
    else leave(link);
  }

  return {
    holders: ["from", "to"],
    decide(unit, link) {
      const key = refKey(unit);
      waiting.set(key, []);
      decideUnit(unit, link);
      const waiters = waiting.get(key) ?? [];
      waiting.delete(key);
      for (const go of waiters) go();
    },
    awaits: ({ side, item }) => carried.has(keyOf({ side, item })) || scope.isAway(side, item),
    vacates(side, occupant, link) {
      decide(link ? unitOf(link) : { side, item: occupant.id });
      return writers[side].leaving.get(occupant.id) ?? null;
    },
    yields(side, folder, occupant, link) {
      if (isMirror || folder.kind !== "folder" || occupant.kind === "folder") return null;
      if (view[otherSide(side)].names.duplicates) return null;
      if (link && scope.present(otherSide(side), link)) return null;
      decide(link ? unitOf(link) : { side, item: occupant.id });
      return yielded(side, occupant.id);
    },
    isWanted: (side, link) => scope.present(otherSide(side), link) !== null,
    inherits: (side, item, occupant, own) =>
      occupant.kind !== "native" &&
      !isLeaving(side, occupant) &&
      scope.standing(side, occupant).type !== "out" &&
      !isBrought(side, occupant.id) &&
      sameKind(item, occupant, own) &&
      !waitsWithOther(side, item, occupant),
    meets(side, item, occupant, own) {
      if (occupant.kind === "native" || isLeaving(side, occupant)) return false;
      if (scope.standing(side, occupant).type !== "in") return false;
      if (view.linkOf(side, occupant.id) === null && isBrought(side, occupant.id)) return false;
      if (waitsWithOther(side, item, occupant)) return false;
      if (sameKind(item, occupant, own)) return true;
      if (isMirror || side === "from") return false;
      return own !== null || item.kind === "folder";
    },
  };
}
