import type { Context } from "./context.ts";
import { ApiError, lookupRefusal, tag } from "./errors.ts";
import type { JournalEntry, Scope } from "./journal.ts";
import { isInScope } from "./journal.ts";

/** Where a listing is, and what it shows. */
export interface Cursor extends Scope {
  readonly epoch: number;
  readonly namespaceId: string;
  /** Id of the listed folder; null for the root. */
  readonly folder: string | null;
  readonly includeDeleted: boolean;
  readonly includeNonDownloadable: boolean;
  readonly limit: number;
  /** Up to this entry of the journal it lists what there is; after it, what happens. */
  readonly start: number;
  /** The last entry that was shown or passed over. */
  readonly seq: number;
}

/** The cursor as clients see it: opaque. */
export function writeCursor(cursor: Cursor): string {
  return `AA${Buffer.from(JSON.stringify(cursor)).toString("base64url")}`;
}

/** A long poll says by its cursor alone of whose files it is. */
export function viewOfCursor(context: Context, written: string): Context {
  const { team } = context;
  return team !== null && parse(written)?.namespaceId === team.namespaceId ? team : context;
}

/** Refuses with `reset` what is expired or was never a cursor, with `not_found` what lost its folder. */
export function readCursor(context: Context, written: string): Cursor {
  const cursor = parse(written);
  const isRight =
    cursor?.epoch === context.cursorEpoch && cursor.namespaceId === context.namespaceId;
  if (cursor === null || !isRight) throw new ApiError(tag("reset"));
  if (cursor.folder !== null && context.namespace.byId(cursor.folder)?.lower !== cursor.lower) {
    throw lookupRefusal("not_found");
  }
  return cursor;
}

/** Entries that a cursor has still to show, in order. */
export function* entriesOf(context: Context, cursor: Cursor): Generator<JournalEntry> {
  yield* listingOf(context, cursor);
  const { journal } = context.namespace;
  for (const entry of journal.after(Math.max(cursor.seq, cursor.start))) {
    if (!isInScope(entry.path.lower, cursor) || !isShown(cursor, entry)) continue;
    if (context.choices.feed === "every" || journal.isLatest(entry)) {
      if (!isToldByFolder(context, cursor, entry)) yield entry;
    }
  }
}

function* listingOf(context: Context, cursor: Cursor): Generator<JournalEntry> {
  const { start, seq } = cursor;
  if (seq >= start) return;
  for (const entry of candidatesOf(context, cursor)) {
    if (entry.seq <= seq) continue;
    if (entry.seq > start) return;
    const exists = entry.item !== null;
    if ((exists || cursor.includeDeleted) && isShown(cursor, entry)) yield entry;
  }
}

/** The latest entries of a scope, oldest first; a folder's own listing need not walk the whole journal. */
function* candidatesOf(context: Context, cursor: Cursor): Generator<JournalEntry> {
  const { journal } = context.namespace;
  if (!cursor.recursive && !cursor.includeDeleted) {
    const children = [...context.namespace.children(cursor.lower)];
    const entries = children.map(({ lower }) => journal.latest(lower));
    yield* entries.filter((entry) => entry !== null).sort((a, b) => a.seq - b.seq);
    return;
  }
  for (const entry of journal.after(cursor.seq)) {
    if (isInScope(entry.path.lower, cursor) && journal.isLatest(entry)) yield entry;
  }
}

function isShown(cursor: Cursor, { item }: JournalEntry): boolean {
  if (cursor.includeNonDownloadable || item?.kind !== "file") return true;
  return item.version.exports === null;
}

/** Whether the deletion of a folder that the cursor shows says enough. */
function isToldByFolder({ choices, namespace }: Context, cursor: Cursor, entry: JournalEntry) {
  const { cover } = entry;
  if (cover === null || choices.deletions === "each" || cover.seq <= cursor.start) return false;
  const isCoverShown = choices.feed === "every" || namespace.journal.isLatest(cover);
  return isCoverShown && isInScope(cover.path.lower, cursor);
}

function parse(written: string): Cursor | null {
  try {
    // Only `writeCursor` makes what is decoded here; anything else fails to parse or has no epoch.
    return JSON.parse(Buffer.from(written.slice(2), "base64url").toString("utf8")) as Cursor;
  } catch {
    return null;
  }
}
