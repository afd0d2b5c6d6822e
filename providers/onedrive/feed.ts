import type { ChangePage, Cursor } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Api } from "./api.ts";
import type { Drive } from "./drive.ts";
import type { ItemPage } from "./items.ts";
import { latest, type RoundContext, toPage } from "./round.ts";
import { type DriveItem, itemFields } from "./translate.ts";

/** What a cursor holds. */
interface Place {
  /** Address of the page to ask for next; whole, as the service gave it. */
  readonly link: string;
  /** Whether that page belongs to a listing that is under way. */
  readonly listing: boolean;
  /** The newest time of the service's own that was seen; what was made before it and is new came back. */
  readonly seenUntil: string;
}

/** What the feed is read with. */
export interface FeedContext extends RoundContext {
  readonly api: Api;
  readonly drive: Drive;
}

const pageSize = 1000;

/** What these mean where the one thing that can be wrong is the token in the address. */
const tokenRefused = {
  400: "cursor-expired",
  404: "cursor-expired",
  410: "cursor-expired",
} as const;

/**
 * The pages of `Provider.changes`, by the delta of the whole drive. Its first round is the listing, whose end
 * is where the next one begins, so nothing is lost between the two. `cursor-expired` when Graph wants a new
 * listing (410, whatever kind of resync it names), or takes the address for none of its own.
 */
export async function* readFeed(
  context: FeedContext,
  since: Cursor | null,
): AsyncGenerator<ChangePage, void> {
  const place = since === null ? null : parseCursor(since, context.api);
  if (place && !place.listing) yield* follow(context, place);
  else yield* list(context, place);
}

/** The first round, page by page: what later pages say of an item counts, as they are applied later. */
async function* list(context: FeedContext, from: Place | null): AsyncGenerator<ChangePage, void> {
  let link = from?.link ?? (await startOf(context.drive));
  let seenUntil = from?.seenUntil ?? "";
  for await (const page of pages(context.api, link, from !== null)) {
    const { items, next, isLast } = page;
    seenUntil = latest(seenUntil, items);
    link = next;
    const changes = await toPage(context, items, "");
    const cursor = toCursor({ link, listing: !isLast, seenUntil });
    yield { ...changes, next: cursor, stage: isLast ? "listed" : "listing" };
  }
  yield* follow(context, { link, listing: false, seenUntil });
}

/**
 * One round, collected to its end: an item may stand in it several times, of which the last one counts, and a
 * child before its parent. One request and no page when nothing happened.
 */
async function* follow(context: FeedContext, from: Place): AsyncGenerator<ChangePage, void> {
  const { items, next } = await collect(context.api, from.link);
  const seenUntil = latest(from.seenUntil, items);
  const page = await toPage(context, items, from.seenUntil);
  if (page.changes.length === 0 && !page.unreadable && next === from.link) return;
  yield { ...page, next: toCursor({ link: next, listing: false, seenUntil }), stage: "changes" };
}

interface Round {
  readonly items: readonly DriveItem[];
  /** Where the next round begins. */
  readonly next: string;
}

/** A round whose pages vanish while they are read is begun once more (OneDrive API docs, issue 1476). */
async function collect(api: Api, from: string): Promise<Round> {
  try {
    return await collectOnce(api, from);
  } catch (error) {
    if (!isProviderError(error, "not-found")) throw error;
  }
  try {
    return await collectOnce(api, from);
  } catch (error) {
    if (!isProviderError(error, "not-found")) throw error;
    throw new ProviderError("unavailable", error.message, { cause: error });
  }
}

async function collectOnce(api: Api, from: string): Promise<Round> {
  const items: DriveItem[] = [];
  let next = from;
  for await (const page of pages(api, from, true)) {
    items.push(...page.items);
    next = page.next;
  }
  return { items, next };
}

interface Page {
  readonly items: readonly DriveItem[];
  readonly next: string;
  readonly isLast: boolean;
}

/** The pages of a round. Some have repeated themselves for ever (OneDrive API docs, issue 1424). */
async function* pages(api: Api, from: string, isContinued: boolean): AsyncGenerator<Page, void> {
  const seen = new Set<string>();
  for (let url = from; ; ) {
    seen.add(url);
    const isFirst = url === from;
    const statuses = isFirst ? tokenRefused : { ...tokenRefused, 404: "not-found" as const };
    const attempt = { operation: "read", item: "the feed", ...(isContinued && { statuses }) };
    const page: ItemPage = await api.ask<ItemPage>({ attempt, url });
    const items = page.value ?? [];
    const end = page["@odata.deltaLink"];
    const next = end ?? page["@odata.nextLink"];
    if (next === undefined) throw new ProviderError("unexpected", "onedrive: the feed has no end");
    yield { items, next, isLast: end !== undefined };
    if (end !== undefined) return;
    if (seen.has(next)) {
      throw new ProviderError("unavailable", "onedrive: the pages of the feed repeat themselves");
    }
    url = next;
  }
}

async function startOf(drive: Drive): Promise<string> {
  return `${await drive.base()}/root/delta?$top=${pageSize}&$select=${itemFields}`;
}

function toCursor(place: Place): Cursor {
  return JSON.stringify(place) as Cursor;
}

function parseCursor(cursor: Cursor, api: Api): Place {
  const { link, listing, seenUntil } = parseObject(cursor);
  const isRight =
    typeof link === "string" && typeof listing === "boolean" && typeof seenUntil === "string";
  if (isRight && api.isOurs(link)) return { link, listing, seenUntil };
  throw new ProviderError("cursor-expired", "onedrive: this is no cursor of the feed");
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}
