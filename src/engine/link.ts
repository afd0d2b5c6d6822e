import { type Content, compareContent } from "../core/content.ts";
import type { Entry } from "../core/entry.ts";
import type { Link } from "../core/plan.ts";

/** What both sides agree on; `content` null for folders. */
export function linkOf(
  from: Pick<Entry, "id" | "kind" | "parent" | "name" | "revision">,
  to: Entry,
  content: Content | null,
): Link {
  return {
    kind: from.kind,
    fromId: from.id,
    fromParent: from.parent,
    fromName: from.name,
    fromRevision: from.revision,
    toId: to.id,
    toParent: to.parent,
    toName: to.name,
    toRevision: to.revision,
    sizeBytes: content?.sizeBytes ?? null,
    hashes: content?.hashes ?? {},
  };
}

/**
 * The new base in place of `known`. The place stays the one that the rule last gave the counterpart: that
 * it is elsewhere now is how a person's move is told from one that is still to be followed.
 */
export function relinked(known: Link | null, link: Link): Link {
  if (known?.toId !== link.toId) return link;
  return { ...link, toParent: known.toParent, toName: known.toName };
}

/** The link after we moved its counterpart, so that the new place is not taken for a person's. */
export function movedLink(link: Link, moved: Entry): Link {
  // Some services give a moved file a new revision; its bytes are the same.
  const isSame = moved.revision === link.toRevision || compareContent(moved, link) === "same";
  return {
    ...link,
    toParent: moved.parent,
    toName: moved.name,
    toRevision: isSame ? moved.revision : link.toRevision,
  };
}
