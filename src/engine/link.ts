import { type Content, compareContent } from "../core/content.ts";
import type { Entry } from "../core/entry.ts";
import { type Link, type LinkEnd, otherSide, type Side, sides } from "../core/plan.ts";
import { isMoved } from "../core/standing.ts";
import type { Job } from "./context.ts";

/** An item as far as a link knows it. */
export type Linkable = Pick<Entry, "id" | "kind" | "parent" | "name" | "revision">;

const endOf = ({ id, parent, name, revision }: Linkable): LinkEnd => ({
  id,
  parent,
  name,
  revision,
});

/** What both sides agree on: `target` of `side` holds what `source` of the other one does. `content` null for folders. */
export function linkOf(
  side: Side,
  source: Linkable,
  target: Linkable,
  content: Content | null,
): Link {
  const [from, to] = side === "to" ? [source, target] : [target, source];
  return {
    kind: source.kind,
    from: endOf(from),
    to: endOf(to),
    sizeBytes: content?.sizeBytes ?? null,
    hashes: content?.hashes ?? {},
  };
}

/** Whether both items of a link are there, each as it says. */
export function isAsLinked(job: Pick<Job, Side>, link: Link): boolean {
  return sides.every((side) => {
    const entry = job[side].tree.get(link[side].id);
    return entry && !isMoved(entry, link[side]) && entry.revision === link[side].revision;
  });
}

/**
 * The new base in place of `known`. The places stay those that the rule last gave: that an item is
 * elsewhere now is how a person's move is told from one that is still to be followed.
 */
export function relinked(known: Link | null, link: Link): Link {
  if (known?.from.id !== link.from.id || known.to.id !== link.to.id) return link;
  const placed = (end: LinkEnd, { parent, name }: LinkEnd) => ({ ...end, parent, name });
  return { ...link, from: placed(link.from, known.from), to: placed(link.to, known.to) };
}

/**
 * The link after we moved its item of `side`, so that the new place is not taken for a person's; `followed`
 * is the place of the other side that led there, null when it still leads elsewhere.
 */
export function movedLink(
  link: Link,
  side: Side,
  moved: Entry,
  followed: Pick<LinkEnd, "parent" | "name"> | null,
): Link {
  const end = link[side];
  // Some services give a moved file a new revision; its bytes are the same.
  const isSame = moved.revision === end.revision || compareContent(moved, link) === "same";
  const other = otherSide(side);
  return {
    ...link,
    [other]: { ...link[other], ...followed },
    [side]: {
      ...end,
      parent: moved.parent,
      name: moved.name,
      revision: isSame ? moved.revision : end.revision,
    },
  };
}
