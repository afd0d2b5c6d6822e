import type { Moved } from "./agree-place.ts";
import { compareContent, contentState } from "./content.ts";
import type { Entry } from "./entry.ts";
import { nativeReason } from "./native.ts";
import {
  type ItemRef,
  idsOf,
  type Link,
  otherSide,
  type Side,
  type Target,
  unitOf,
} from "./plan.ts";
import type { Drafting, Writers } from "./planning.ts";
import { isMoved } from "./standing.ts";

/**
 * What a pair is to hold, when both items are there.
 *
 * - One was edited: the other gets its bytes. Under `mirror` those of `from`, whichever it was.
 * - Both were: equal bytes are adopted, else the rule's `conflict`, or what a person decided, says whose stand.
 *   Bytes that are displaced stay a former version, in the trash, or under a conflict's name.
 * - Nothing is decided about bytes that no hash tells apart: they are read once first.
 */
export interface ContentAgreement {
  agree(link: Link, from: Entry, to: Entry, moved: Moved | null): void;
  /** Two different contents; `at`: where that of `from` belongs. */
  conflict(from: Entry, to: Entry, at: Target, after: readonly string[], why: string): void;
  /** The base follows what both sides are, where nothing is left to do. */
  refresh(link: Link, from: Entry, to: Entry, at: Revisions): void;
}

export function createContentAgreement(drafting: Drafting, writers: Writers): ContentAgreement {
  const { rule, view, scope } = drafting;
  const isMirror = rule.mode === "mirror";

  function agree(known: Link, from: Entry, to: Entry, moved: Moved | null): void {
    const link = moved ? known : placed(known, from, to);
    const after = (side: Side) => (moved?.side === side ? [moved.step] : []);
    const [a, b] = [
      contentState(from, { ...link, ...link.from }),
      contentState(to, { ...link, ...link.to }),
    ];
    if (a === "unchanged" && b === "unchanged") {
      if (!moved) refresh(link, from, to, { from, to });
      return;
    }
    const isExport = from.kind === "native" || to.kind === "native";
    const compared = isExport ? "different" : compareContent(from, to);
    if (compared === "same") return writers.to.adopt(from, to, "both sides hold the same");
    if (!isExport && (a === "unknown" || b === "unknown" || isUnproven(link, compared))) {
      return writers.to.compare(from, to);
    }
    const decision = view.decisionOf(unitOf(link), idsOf(link));
    if (!decision && b === "unchanged") {
      return give("to", from, to, after("to"), "the other side's was changed");
    }
    if (!decision && !isMirror && a === "unchanged") {
      return give("from", to, from, after("from"), "the other side's was changed");
    }
    if (!isExport && compared === "unknown") return writers.to.compare(from, to);
    const why = isMirror ? "the destination's was changed" : "both sides changed";
    conflict(from, to, writers.to.placeOfTarget(to), after("to"), why);
  }

  /** Written by ourselves, and nothing showed yet that the bytes arrived whole. */
  const isUnproven = (link: Link, compared: string) =>
    compared === "unknown" && (link.from.revision === null || link.to.revision === null);

  /** One side's content replaces the other's; what lives only in its service takes none. */
  function give(
    side: Side,
    item: Entry,
    target: Entry,
    after: readonly string[],
    why: string,
  ): void {
    if (target.kind === "file") writers[side].update(item, target, after, why);
    else writers[side].skip(item, pathAt(otherSide(side), item), nativeReason(target, rule));
  }

  const pathAt = (side: Side, item: Entry) => scope.pathOf(side, item.id) ?? [item.name];

  function conflict(
    from: Entry,
    to: Entry,
    at: Target,
    after: readonly string[],
    why: string,
  ): void {
    const decision = view.decisionOf(unitOfPair(from), idsOf({ from, to }));
    const policy = decision ?? (isMirror ? "from" : drafting.policyOf(from, to));
    const says = decision
      ? "you decided so"
      : isMirror
        ? "the destination becomes what the source is"
        : `"conflict: ${rule.conflict}"`;
    if (policy === "review") return writers.to.review(from, to, why);
    if (policy === "from") return give("to", from, to, after, `${why}; ${says}`);
    if (policy === "to") return give("from", to, from, [], `${why}; ${says}`);
    if (to.kind !== "file")
      return writers.to.skip(from, pathAt("from", from), nativeReason(to, rule));
    const aside = writers.to.setAside(unitOfPair(from), to, `${why}; both are kept`, after);
    writers.to.claim(from, at);
    writers.to.upload(from, at, [...after, aside], why);
  }

  const unitOfPair = ({ id }: Entry): ItemRef => ({ side: "from", item: id });

  /** The base with both places as they are now: that they stand is kept, whatever becomes of the contents. */
  function placed(link: Link, from: Entry, to: Entry): Link {
    const place = ({ parent, name }: Entry) => ({ parent, name });
    const next: Link = {
      ...link,
      from: { ...link.from, ...place(from) },
      to: { ...link.to, ...place(to) },
    };
    if (isMoved(from, link.from) || isMoved(to, link.to)) drafting.out().refreshed.push(next);
    return next;
  }

  function refresh(known: Link, from: Entry, to: Entry, at: Revisions): void {
    const link = placed(known, from, to);
    const next: Link = {
      ...link,
      from: { ...link.from, revision: at.from.revision },
      to: { ...link.to, revision: at.to.revision },
    };
    const revisions = (each: Link) => `${each.from.revision} ${each.to.revision}`;
    if (revisions(next) !== revisions(link)) drafting.out().refreshed.push(next);
  }

  return { agree, conflict, refresh };
}

interface Revisions {
  readonly from: Pick<Entry, "revision">;
  readonly to: Pick<Entry, "revision">;
}
