import { type Entry, type Hashes, hashNames, type Revision } from "./entry.ts";

/** What is known of some bytes. */
export interface Content {
  readonly sizeBytes: number | null;
  readonly hashes: Hashes;
}

/** Whether two contents are the same bytes; `unknown` when they share no hash and sizes don't tell. */
export function compareContent(a: Content, b: Content): "same" | "different" | "unknown" {
  if (a.sizeBytes !== null && b.sizeBytes !== null) {
    if (a.sizeBytes !== b.sizeBytes) return "different";
    if (a.sizeBytes === 0) return "same";
  }
  const shared = hashNames.filter((name) => a.hashes[name] && b.hashes[name]);
  if (shared.length === 0) return "unknown";
  return shared.every((name) => a.hashes[name] === b.hashes[name]) ? "same" : "different";
}

/** Whether reading both would tell two files apart, of which sizes and hashes do not. */
export const isReadable = (a: Entry, b: Entry): boolean => a.kind === "file" && b.kind === "file";

/** A side as it was when both sides last agreed. */
export interface Base extends Content {
  readonly revision: Revision | null;
}

/**
 * Whether an item's content differs from its base. A new revision of the same bytes is `unchanged`;
 * `unknown` asks for one reading. Native items have no bytes to compare: their revision alone decides.
 */
export function contentState(entry: Entry, base: Base): "unchanged" | "edited" | "unknown" {
  if (entry.revision === base.revision) return "unchanged";
  if (entry.kind === "native") return "edited";
  const compared = compareContent(entry, base);
  if (compared === "same") return "unchanged";
  // No reading could ever tell it from a base of which no hash is known.
  const isKnowable = Object.keys(base.hashes).length > 0;
  return compared === "different" || !isKnowable ? "edited" : "unknown";
}

/** A short text that is the same for the same content, for names that must not depend on chance. */
export function contentTag(entry: Entry): string {
  const { hashes } = entry;
  const known = hashes.sha256 ?? hashes.md5 ?? hashes.sha1 ?? hashes.dropbox;
  if (known) return known.slice(0, 6);
  let tag = 0x811c9dc5;
  for (const char of `${entry.id}\0${entry.revision}`) {
    tag = Math.imul(tag ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return (tag >>> 0).toString(16).padStart(8, "0").slice(0, 6);
}
