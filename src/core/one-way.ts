import { compareContent, contentState, isReadable } from "./content.ts";
import { isOnDetour } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import { exportOf, nativeReason, sameExport } from "./native.ts";
import { type ItemRef, idsOf, type Link, type Target, unitOf } from "./plan.ts";
import type { Drafting, Mode, Writers } from "./planning.ts";
import { isMoved } from "./standing.ts";

/**
 * `copy` and `move`: the destination gets what is new and changed, and follows renames and moves; what
 * people do there is left alone, and nothing is removed there.
 *
 * - What was taken away from the destination comes back only with new content.
 * - Under `move` a source file goes to the trash when every destination is linked to it at its very
 *   revision: never before its bytes were proven to be there.
 */
export function createOneWay(drafting: Drafting, { from, to }: Writers): Mode {
  const { rule, view, scope, decide } = drafting;
  const isPlaceless = rule.include.length === 0 && rule.exclude.length === 0 && rule.as === null;

  /** Whatever changes below a folder while it is out of scope is looked at when it comes back. */
  function leave(link: Link | null): void {
    const copy = link && scope.inside("to", link);
    // Its link ends with that. What the source still has goes before in the claim to a name.
    if (copy && isOnDetour(copy)) return drafting.atEnd(() => void to.bringHome(link, copy));
    const isGone = link && !view.from.tree.get(link.from.id);
    if (copy && isGone && link.from.parent === null) expandCopy(copy);
    // A copy that somebody restores after its source was gone too is theirs.
    if (isGone && (rule.mode === "move" || !view.to.tree.get(link.to.id)))
      drafting.out().ended.push(link);
    else if (link?.kind === "folder") markAway(link);
  }

  /** One end of a folder is out of scope: what both ends hold is looked at when it is back, without a parent until then. */
  function markAway(link: Link): void {
    if (link.from.parent === null) return;
    drafting.out().refreshed.push({ ...link, from: { ...link.from, parent: null } });
  }

  /** What lies in a folder of the destination that came back, or is nobody's, may still have to follow its source. */
  function expandCopy(folder: Entry): void {
    if (folder.kind === "folder") drafting.out().expand.push({ side: "to", item: folder.id });
  }

  function decideFolder(folder: Entry, path: readonly string[], link: Link | null): void {
    const isBack = link?.from.parent === null;
    // What is below a folder that appears, or whose path the filters look at, may enter the scope with it.
    if (!link || isBack || (!isPlaceless && isMoved(folder, link.from))) {
      drafting.out().expand.push({ side: "from", item: folder.id });
    }
    if (link) {
      const target = scope.inside("to", link);
      if (target && isBack) expandCopy(target);
      if (target) follow(folder, link, target);
      else if (view.to.tree.get(link.to.id)) markAway(link);
      else if (isMoved(folder, link.from)) stay(folder, link);
      if (!target || isMoved(target, link.to)) decideWaiting(folder);
    } else if (scope.folder(path) === "in" && rule.as === null) {
      to.counterpart(folder.id);
    }
  }

  /** What could not follow into a folder whose copy lay in its own may do so when a person has taken that away. */
  function decideWaiting(folder: Entry): void {
    for (const child of view.from.tree.children(folder.id)) {
      const link = child.kind === "folder" ? view.linkOf("from", child.id) : null;
      if (link && isAstray(child, link)) decide({ side: "from", item: child.id });
    }
  }

  function decideFile(file: Entry, path: readonly string[], link: Link | null): void {
    const target = link && scope.inside("to", link);
    if (link && target) decideLinked(file, path, link, target);
    // The copy was removed at the destination: only new content brings it back.
    else if (!link || contentState(file, { ...link, ...link.from }) !== "unchanged") {
      decideNew(file, path);
    }
  }

  function decideLinked(file: Entry, path: readonly string[], link: Link, target: Entry): void {
    const moved = follow(file, link, target);
    const state = contentState(file, { ...link, ...link.from });
    const targetState = contentState(target, { ...link, ...link.to });
    if (state === "unchanged") {
      if (moved) return;
      // Whether a copy is still one decides whether its source may go.
      if (rule.mode === "move" && targetState === "unknown") return to.compare(file, target);
      const now = refresh(file, link, target, targetState === "unchanged");
      if (rule.mode === "move" && targetState === "unchanged") removeSource(file, now);
      return;
    }
    if (target.kind !== "file" || !target.revision) {
      return to.skip(file, [file.name], "its copy is no longer a file");
    }
    const known = compareContent(file, target);
    if (file.kind === "file" && known === "same") {
      return to.adopt(file, target, "both sides hold the same");
    }
    const after = moved ? [moved] : [];
    const comparable = file.kind === "file" && known === "unknown";
    if (comparable && link.from.revision === null) return to.compare(file, target);
    const decision = view.decisionOf(unitOf(link), idsOf(link));
    if (!decision && state === "edited" && targetState === "unchanged") {
      return to.update(file, target, after, "the source changed");
    }
    if (comparable || state === "unknown" || targetState === "unknown") {
      return to.compare(file, target);
    }
    // A copy that a person moved and edited is theirs, and in nobody's way.
    const policy = decision ?? drafting.policyOf(file, target);
    if (isMoved(target, link.to) && (policy === "both" || policy === "review")) {
      return decideNew(file, path);
    }
    meet(file, target, to.placeOfTarget(target), after, "both sides changed");
  }

  /** Both sides hold what the link proved to be the same. */
  function removeSource(file: Entry, link: Link): void {
    if (file.kind !== "file" || link.from.revision === null || link.to.revision === null) return;
    if (!view.isCopiedElsewhere(file.id, file.revision)) return;
    const id = from.reserve(file.id);
    const why = "it is at the destination, proven by its hash";
    from.trash(id, unitOf(link), file, { holds: [file.id], files: 1 }, why);
  }

  function decideNew(file: Entry, path: readonly string[]): void {
    const place = to.placeOf(file, path);
    if (!place) return;
    const { at, choice } = place;
    const { meets, orphan } = choice;
    if (!meets) return to.upload(file, at, choice.after, "new");
    if (meets.kind !== "file") {
      const why = "a file takes the name of a folder that is gone";
      const aside = to.setAside({ side: "from", item: file.id }, meets, why);
      return to.upload(file, at, [aside], "new");
    }
    const known = file.kind === "native" ? sameExport(file, meets) : compareContent(file, meets);
    if (known === "same") return to.adopt(file, meets, "the same file is there already");
    if (known === "unknown" && isReadable(file, meets)) {
      return to.compare(file, meets);
    }
    if (orphan && contentState(meets, { ...orphan, ...orphan.to }) === "unchanged") {
      return to.update(file, meets, [], "the source was replaced");
    }
    meet(file, meets, at, [], "another file has this name");
  }

  /** Two different contents want one name; `conflict` decides, and no bytes are lost whatever it says. */
  function meet(
    file: Entry,
    target: Entry,
    at: Target,
    after: readonly string[],
    why: string,
  ): void {
    const unit: ItemRef = { side: "from", item: file.id };
    const decision = view.decisionOf(unit, idsOf({ from: file, to: target }));
    const says = decision ? "you decided so" : `"conflict: ${rule.conflict}"`;
    const policy = decision ?? drafting.policyOf(file, target);
    if (policy === "to") {
      to.adopt(file, target, `${why}; ${says} keeps the destination's`, true);
    } else if (policy === "from") {
      to.update(file, target, after, `${why}; ${says} takes the source's`);
    } else if (policy === "review") {
      to.review(file, target, why);
    } else {
      const aside = to.setAside(unit, target, `${why}; both are kept`, after);
      to.claim(file, at);
      to.upload(file, at, [...after, aside], why);
    }
  }

  /** The step by which the counterpart follows its source's place; null when it stays. */
  function follow(item: Entry, link: Link, target: Entry): string | null {
    if (!isMoved(item, link.from) && !isAstray(item, link) && !isOnDetour(link.to)) return null;
    // A person moved the copy: it keeps the place they gave it.
    const isTheirs = isMoved(target, link.to);
    const step = isTheirs ? null : to.follow(item, link, target);
    if (!step) stay(item, link);
    // What the source still has goes before in the claim to a name.
    if (!step && !isTheirs) drafting.atEnd(() => void to.bringHome(link, target));
    return step;
  }

  /** The source has moved, and nothing follows. */
  function stay({ parent, name }: Entry, link: Link): void {
    drafting.out().refreshed.push({ ...link, from: { ...link.from, parent, name } });
  }

  /** Whether the folder of the source has got another counterpart than the one that holds the copy. */
  function isAstray(item: Entry, link: Link): boolean {
    if (rule.as !== null || !item.parent) return false;
    return drafting.pairOf("from", item.parent) !== link.to.parent;
  }

  /** The base follows new revisions of the same bytes, so that they need not be compared again. */
  function refresh(file: Entry, link: Link, target: Entry, targetUnchanged: boolean): Link {
    const revision = targetUnchanged ? target.revision : link.to.revision;
    if (file.revision === link.from.revision && revision === link.to.revision) return link;
    const now: Link = {
      ...link,
      from: { ...link.from, revision: file.revision },
      to: { ...link.to, revision },
    };
    drafting.out().refreshed.push(now);
    return now;
  }

  /** What a person does to a file of theirs may matter to a new one of the source that met it. */
  function decideNamesakes(id: ItemId): void {
    const occupant = view.to.tree.get(id);
    if (occupant && scope.pathOf("to", id)?.length) expandCopy(occupant);
    const folder = occupant?.parent && drafting.pairOf("to", occupant.parent);
    if (!folder) return;
    for (const { id: item } of view.from.tree.named(folder, occupant.name)) {
      if (!view.linkOf("from", item)) decide({ side: "from", item });
    }
  }

  /**
   * What waits for a person together with another item is left to that, as long as that wants its place: two would
   * take it from each other without end.
   */
  function waitsWithOther(item: Entry, occupant: Entry): boolean {
    const rival = view.rivalOf("to", occupant.id);
    if (rival === null || rival === item.id) return false;
    decide({ side: "from", item: rival });
    return to.places.isMet(occupant.id);
  }

  function isInScope(id: ItemId): boolean {
    const entry = view.from.tree.get(id);
    const standing = entry && scope.standing("from", entry);
    return standing?.type === "in" || (standing?.type === "frozen" && "eligibleAtMs" in standing);
  }

  return {
    holders: ["from"],
    decide(unit, link) {
      if (unit.side === "to") return decideNamesakes(unit.item);
      const entry = view.from.tree.get(unit.item);
      const standing = entry && scope.standing("from", entry);
      if (entry?.kind === "native" && standing?.type !== "out" && !exportOf(entry, rule)) {
        const path = scope.pathOf("from", entry.id) ?? [];
        return to.skip(entry, path, nativeReason(entry, rule));
      }
      if (!entry || !standing || standing.type === "out") return leave(link);
      if (drafting.rests(unit, entry, standing)) return;
      if (standing.type === "frozen") return;
      if (entry.kind === "folder") decideFolder(entry, standing.path, link);
      else decideFile(entry, standing.path, link);
    },
    // What changes in a folder that is away is found by all that is in it, when it comes back.
    awaits: () => false,
    vacates(side, occupant, link) {
      if (side === "from" || !link) return null;
      decide(unitOf(link));
      return to.leaving.get(occupant.id) ?? null;
    },
    yields: () => null,
    isWanted: (_, link) => isInScope(link.from.id),
    inherits: (_, item, occupant) => !waitsWithOther(item, occupant),
    /**
     * A file never displaces a folder, a folder that has a counterpart already can't adopt another, and
     * nothing displaces an item that lives only in its service.
     */
    meets(_, item, occupant, own) {
      if (occupant.kind === "native" || waitsWithOther(item, occupant)) return false;
      return occupant.kind === "file" || (item.kind === "folder" && own === null);
    },
  };
}
