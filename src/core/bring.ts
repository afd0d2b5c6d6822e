import type { ContentAgreement } from "./agree-content.ts";
import { compareContent, contentState, isReadable } from "./content.ts";
import type { Entry, ItemId } from "./entry.ts";
import type { Meeting } from "./meeting.ts";
import { sameName } from "./names.ts";
import { exportOf, nativeReason, sameExport } from "./native.ts";
import { otherSide, refKey, type Side, unitOf } from "./plan.ts";
import type { Drafting, Writers } from "./planning.ts";
import type { Removals } from "./removal.ts";
import { isMoved } from "./standing.ts";

/**
 * Gives what has no counterpart one at the other side: what stands in its place is adopted when it is equal,
 * replaced when it is what a gone item left there, and else a conflict. Of a file and a folder of one name the
 * folder keeps it.
 */
export interface Bringer {
  bring(side: Side, item: Entry, path: readonly string[]): void;
  /** Whether this plan gives an item a counterpart of its own. */
  isBrought(side: Side, item: ItemId): boolean;
  /** The step by which a file leaves its name to a folder of the other side. */
  yielded(side: Side, file: ItemId): string | null;
}

export function createBringer(
  drafting: Drafting,
  writers: Writers,
  removals: Removals,
  { namesakes, expand }: Meeting,
  { conflict }: ContentAgreement,
): Bringer {
  const { rule, view, scope, decide } = drafting;
  const isMirror = rule.mode === "mirror";
  /** Files that this plan gives a counterpart of their own. */
  const brought = new Set<string>();
  const yielding = new Map<string, string>();

  function bring(side: Side, item: Entry, path: readonly string[]): void {
    const writer = writers[otherSide(side)];
    if (item.kind === "folder") {
      expand(side, item);
      if (scope.folder(path) === "in" || view.linkOf(side, item.id)) {
        writer.counterpart(item.id);
      }
      // One that it goes on with may have been moved there, and bring back what it holds.
      for (const { id } of namesakes(side, item, item.name)) {
        if (writer.places.isMet(id)) decide({ side: otherSide(side), item: id });
      }
      return;
    }
    if (item.kind === "native" && !exportOf(item, rule)) {
      return writer.skip(item, path, nativeReason(item, rule));
    }
    if (!isMirror && (yieldsToFolder(side, item) || yieldsToMoved(side, item))) return;
    const place = writer.placeOf(item, path);
    // Whatever has to leave the name first may have met this very item, and have dealt with it by now.
    if (!place || writers[side].places.isMet(item.id)) return;
    brought.add(refKey({ side, item: item.id }));
    const { at, choice } = place;
    const { meets, orphan } = choice;
    if (!meets) return writer.upload(item, at, choice.after, "new");
    const known = item.kind === "native" ? sameExport(item, meets) : compareContent(item, meets);
    if (known === "same") return writer.adopt(item, meets, "the same file is there already");
    if (known === "unknown" && isReadable(item, meets)) {
      return writer.compare(item, meets);
    }
    const isReplaced =
      orphan &&
      !isMoved(meets, orphan[writer.side]) &&
      contentState(meets, { ...orphan, ...orphan[writer.side] }) === "unchanged";
    if (isReplaced) return writer.update(item, meets, [], "the other side's was replaced");
    const why = "another file has this name";
    if (side === "from") conflict(item, meets, at, [], why);
    else conflict(meets, item, writers.to.placeOfTarget(item), [], why);
  }

  /** A folder of the other side keeps the name that a file would have there too: the file is renamed first. */
  function yieldsToFolder(side: Side, file: Entry): boolean {
    const other = otherSide(side);
    const { names, tree } = view[other];
    const parent = file.parent && drafting.pairOf(side, file.parent);
    if (!parent || names.duplicates) return false;
    const folder = tree
      .named(parent, file.name)
      .find(({ kind, name }) => kind === "folder" && sameName(name, file.name, names));
    if (!folder || !needsName(other, folder)) return false;
    const link = view.linkOf(side, file.id);
    const unit = link ? unitOf(link) : { side, item: file.id };
    const step = writers[side].setAside(unit, file, "a folder of the other side keeps the name");
    yielding.set(refKey({ side, item: file.id }), step);
    return true;
  }

  /** What `from` moved to the place that a kept file of `to` had there keeps the name. */
  function yieldsToMoved(side: Side, file: Entry): boolean {
    const link = view.linkOf(side, file.id);
    if (side === "from" || !link || view.from.names.duplicates || view.to.names.duplicates) {
      return false;
    }
    const isTakenBy = (other: Entry): boolean => {
      const known = view.linkOf("from", other.id);
      const counterpart = known && scope.present("to", known);
      return known !== null && counterpart !== null && isMoved(other, known.from);
    };
    if (!namesakes("to", file, file.name).some(isTakenBy)) return false;
    writers.to.setAside(unitOf(link), file, "an item of the other side has its name");
    return true;
  }

  /** Whether a folder without a counterpart will get one under its name. */
  function needsName(side: Side, folder: Entry): boolean {
    if (scope.standing(side, folder).type !== "in" || isBrought(side, folder.id)) return false;
    const other = otherSide(side);
    const parent = folder.parent && drafting.pairOf(side, folder.parent);
    const hasTwin =
      parent !== null &&
      view[other].tree
        .named(parent, folder.name)
        .some(
          ({ id, kind, name }) =>
            kind === "folder" &&
            sameName(name, folder.name, view[other].names) &&
            view.linkOf(other, id) === null,
        );
    const link = view.linkOf(side, folder.id);
    if (!link) return !hasTwin;
    return scope.present(other, link) === null && removals.isStaying(side, link, folder);
  }

  const isBrought = (side: Side, item: ItemId) =>
    brought.has(refKey({ side, item })) || writers[otherSide(side)].isPlaced(item);

  const yielded = (side: Side, item: ItemId) => yielding.get(refKey({ side, item })) ?? null;

  return { bring, isBrought, yielded };
}
