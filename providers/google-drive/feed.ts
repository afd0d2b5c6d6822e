import type { Change, ChangePage, Cursor, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { type PageContext, toPage } from "./page.ts";
import { limitedAmong } from "./sight.ts";
import { toEntry } from "./translate.ts";

/** What a cursor holds. */
interface Place {
  /** Page token of the change log. Drive API reference: it does not expire. */
  readonly log: string;
  /** Page token of a listing that is under way, null at its start; absent: the listing is done. */
  readonly listing?: string | null;
}

/**
 * The pages of `Provider.changes`. The change log is entered before the listing begins, so that nothing
 * is lost between the two. `cursor-expired` when Google no longer takes a token.
 */
export async function* readFeed(
  context: PageContext,
  since: Cursor | null,
): AsyncGenerator<ChangePage, void> {
  const place =
    since === null
      ? { log: await context.api.startPageToken(), listing: null }
      : parseCursor(since);
  if (place.listing !== undefined) yield* list(context, place.log, place.listing);
  yield* follow(context, place.log);
}

/** One flat listing of all that is not in the trash; the tree comes of the parents. */
async function* list(
  context: PageContext,
  log: string,
  from: string | null,
): AsyncGenerator<ChangePage, void> {
  let token = from;
  do {
    const { files, nextPageToken } = await context.api.files("trashed = false", token);
    refuseRepetition(token, nextPageToken);
    token = nextPageToken;
    const changes: Change[] = [];
    const limited = limitedAmong(files);
    for (const entry of files.map(toEntry)) {
      if (!(await context.items.isRoot(entry))) changes.push({ type: "put", entry });
    }
    yield {
      changes,
      next: toCursor(token === null ? { log } : { log, listing: token }),
      stage: token === null ? "listed" : "listing",
      ...(limited.length > 0 && { unreadable: limited }),
    };
  } while (token !== null);
}

/** What the change log has; one request and no page when it has nothing. */
async function* follow(context: PageContext, from: string): AsyncGenerator<ChangePage, void> {
  const gone = new Set<ItemId>();
  let token: string | null = from;
  while (token !== null) {
    const { changes, nextPageToken, newStartPageToken } = await context.api.changes(token);
    const next = nextPageToken ?? newStartPageToken;
    if (next === null) throw new ProviderError("unexpected", "google-drive: the feed has no end");
    refuseRepetition(token, nextPageToken);
    const page = await toPage(context, changes, gone);
    if (page.changes.length > 0 || page.unreadable || next !== token) {
      yield { ...page, next: toCursor({ log: next }), stage: "changes" };
    }
    token = nextPageToken;
  }
}

/** A page that leads to itself would be read for ever. */
function refuseRepetition(token: string | null, next: string | null): void {
  if (next === null || next !== token) return;
  throw new ProviderError("unavailable", "google-drive: the pages of the feed repeat themselves");
}

function toCursor(place: Place): Cursor {
  return JSON.stringify(place) as Cursor;
}

function parseCursor(cursor: Cursor): Place {
  const { log, listing } = parseObject(cursor);
  if (typeof log === "string") {
    if (listing === undefined) return { log };
    if (listing === null || typeof listing === "string") return { log, listing };
  }
  throw new ProviderError("cursor-expired", "google-drive: this is no cursor of the change feed");
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}
