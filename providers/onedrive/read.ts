import type { ItemId, Revision } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { ReadOptions } from "../../src/core/provider.ts";
import { emptyBody } from "../../src/http/body.ts";
import { discard } from "../../src/http/request.ts";
import type { Api } from "./api.ts";
import { checkedStream, sliced } from "./body.ts";
import type { Drive } from "./drive.ts";
import { type Attempt, describe } from "./errors.ts";
import type { Items } from "./items.ts";
import { type DriveItem, isAt, revisionOf, toEntry } from "./translate.ts";
import type { Versions } from "./versions.ts";

/** What a download needs of the account around it. */
export interface ReadContext {
  readonly api: Api;
  readonly drive: Drive;
  readonly items: Items;
  readonly versions: Versions;
}

/**
 * Opens the bytes of a file, as `Provider.read` promises. One request tells what the file is and where its
 * content is to be had. What comes from there is proven, unless the reader does it: a whole file by its hash, a part by
 * another look once the answer has begun, because what is current then was current when it was opened.
 */
export async function read(
  context: ReadContext,
  id: ItemId,
  options: ReadOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { items, api } = context;
  const { revision, signal } = options;
  signal?.throwIfAborted();
  const attempt = { operation: "read", item: api.label(id) };
  const item = await items.look(id, signal);
  const { kind, native } = toEntry(item);
  if (kind !== "file") {
    const what = native ? `a ${native.type}` : "a folder";
    throw new ProviderError("forbidden", `${describe(attempt)}: ${what} has no bytes to read`);
  }
  if (revision !== undefined && !items.isAt(item, revision)) {
    return openVersion(context, id, { ...options, revision }, attempt);
  }
  if (options.lengthBytes === 0) return emptyBody();
  const opened = revisionOf(item);
  const isCurrent = async () => isAt(await items.look(id, signal), opened);
  const response = await openContent(context, item, options, attempt);
  if (options.callerProves) {
    return sliced(response, options, { attempt, signal, item: null, isCurrent });
  }
  if (isWhole(options)) return checkedStream(response, { attempt, signal, item, isCurrent });
  try {
    if (await isCurrent()) {
      return sliced(response, options, { attempt, signal, item: null, isCurrent });
    }
  } catch (error) {
    await discard(response);
    throw error;
  }
  await discard(response);
  return read(context, id, options);
}

/** `Provider.addressOf`: of what is current alone, for about an hour (Graph docs: "driveItem: get content"). */
export async function addressOf(
  { api, items }: Pick<ReadContext, "api" | "items">,
  id: ItemId,
  revision: Revision,
): Promise<string | null> {
  const item = await items.look(id);
  const address = item["@microsoft.graph.downloadUrl"];
  if (address === undefined || !items.isAt(item, revision)) return null;
  return api.vouch(address, { operation: "ask for an address of", item: api.label(id) });
}

/** Asks for bytes at an address that needs no token, and must not be given one (Graph docs: "driveItem: get content"). */
export async function openAddress(
  api: Api,
  url: string,
  options: ReadOptions,
  attempt: Attempt,
): Promise<Response> {
  const range = rangeOf(options);
  return api.send({
    attempt,
    url,
    // A packed body could be neither resumed nor measured.
    headers: { "accept-encoding": "identity", ...(range && { range }) },
    signal: options.signal,
    unsigned: true,
    answers: range ? [416] : [],
  });
}

/** Where `content` of an item or a version is: the answer leads on to another host. */
export async function contentAddress(
  api: Api,
  url: string,
  attempt: Attempt,
  signal: AbortSignal | undefined,
): Promise<string> {
  const response = await api.send({ attempt, url, signal, answers: [302] });
  await discard(response);
  const address = response.headers.get("location");
  if (address) return new URL(address, response.url || undefined).href;
  throw new ProviderError("unexpected", `${describe(attempt)}: no address was given`);
}

async function openContent(
  { api, drive }: ReadContext,
  item: DriveItem,
  options: ReadOptions,
  attempt: Attempt,
): Promise<Response> {
  const given = item["@microsoft.graph.downloadUrl"];
  const content = async () => `${await drive.item(item.id as ItemId)}/content`;
  const url = given ?? (await contentAddress(api, await content(), attempt, options.signal));
  return openAddress(api, url, options, attempt);
}

async function openVersion(
  { api, versions }: ReadContext,
  id: ItemId,
  options: ReadOptions & Required<Pick<ReadOptions, "revision">>,
  attempt: Attempt,
): Promise<ReadableStream<Uint8Array>> {
  const { revision, signal } = options;
  try {
    const url = await versions.find(id, revision, signal);
    if (url !== null) {
      if (options.lengthBytes === 0) return emptyBody();
      const response = await openAddress(api, url, options, attempt);
      const expected = { attempt, signal, item: null, isCurrent: async () => true };
      return sliced(response, options, expected);
    }
  } catch (error) {
    if (!isProviderError(error, "not-found", "forbidden")) throw error;
    const words = `${describe(attempt)}: the version can't be had any more (${error.message})`;
    throw new ProviderError("changed", words, { cause: error });
  }
  throw new ProviderError("changed", `${describe(attempt)}: it has changed meanwhile`);
}

function isWhole(options: ReadOptions): boolean {
  return rangeOf(options) === null;
}

/** Never for a whole file: an empty one has no range at all (status 416). */
function rangeOf({ offset = 0, lengthBytes }: ReadOptions): string | null {
  if (lengthBytes !== undefined) return `bytes=${offset}-${offset + lengthBytes - 1}`;
  return offset > 0 ? `bytes=${offset}-` : null;
}
