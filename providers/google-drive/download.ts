import type { Entry, ItemId, Revision, TreeView } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { ReadOptions } from "../../src/core/provider.ts";
import { checkedBody, emptyBody, lengthOf } from "../../src/http/body.ts";
import { discard } from "../../src/http/request.ts";
import type { DriveApi } from "./api.ts";
import { type Attempt, describe, toNetworkError } from "./errors.ts";
import { exportType } from "./translate.ts";

/** What a download needs of the account around it. */
export interface DownloadContext {
  readonly api: DriveApi;
  readonly tree: TreeView;
  readonly stat: (id: ItemId) => Promise<Entry>;
}

/**
 * Opens the bytes of a file or of an export, as `Provider.read` promises.
 *
 * Drive can't be asked for "the content, if it is still this revision", and gives revisions by their id
 * only where they are kept forever. So the current content is opened, and proven: where the mirror holds
 * the MD5 of the wanted revision by the bytes themselves, at no further request and by whoever reads them if they
 * like; else by a look at the item once the answer has begun, because what is current then was current when it was
 * opened.
 */
export async function download(
  context: DownloadContext,
  id: ItemId,
  options: ReadOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { revision, exportAs, signal } = options;
  signal?.throwIfAborted();
  if (exportAs) return downloadExport(context, id, exportAs, options);
  if (options.lengthBytes === 0) {
    await context.stat(id);
    return emptyBody();
  }
  const attempt = { operation: "read", item: context.api.label(id) };
  const url = `${urlOf(id)}?alt=media&supportsAllDrives=true`;
  const response = await open(context.api, url, attempt, options);
  const known = context.tree.get(id);
  const isCurrent = async () => (await context.stat(id)).revision === revision;
  if (known && known.revision === revision) {
    const proven = { attempt, signal, isCurrent };
    if (options.callerProves) return checkedStream(response, { ...proven, file: null });
    if (isProvable(known, response, options)) {
      return checkedStream(response, { ...proven, file: known });
    }
  }
  const now = await lookOrCancel(context, id, response);
  if (revision === undefined || revision === now.revision) {
    const file = isWhole(options) ? now : null;
    return checkedStream(response, { attempt, signal, file, isCurrent });
  }
  await discard(response);
  return downloadRevision(context.api, id, revision, attempt, options);
}

async function downloadExport(
  context: DownloadContext,
  id: ItemId,
  extension: string,
  { revision, signal }: ReadOptions,
): Promise<ReadableStream<Uint8Array>> {
  const attempt = { operation: `export as ${extension}`, item: context.api.label(id) };
  const { native } = context.tree.get(id) ?? (await context.stat(id));
  const mimeType = native && exportType(native, extension);
  if (!mimeType) throw new ProviderError("forbidden", `${describe(attempt)}: no such export`);

  const url = `${urlOf(id)}/export?${new URLSearchParams({ mimeType })}`;
  const response = await context.api.send({ attempt, method: "GET", url, signal });
  if (revision && (await lookOrCancel(context, id, response)).revision !== revision) {
    await discard(response);
    throw new ProviderError("changed", `${describe(attempt)}: it has changed meanwhile`);
  }
  return checkedStream(response, { attempt, signal, file: null, isCurrent: async () => true });
}

/** Drive docs, "Manage file revisions": only a revision that is marked to be kept forever can be downloaded. */
async function downloadRevision(
  api: DriveApi,
  id: ItemId,
  revision: Revision,
  attempt: Attempt,
  options: ReadOptions,
): Promise<ReadableStream<Uint8Array>> {
  const url = `${urlOf(id)}/revisions/${encodeURIComponent(revision)}?alt=media`;
  try {
    const response = await openKept();
    const { signal } = options;
    return checkedStream(response, { attempt, signal, file: null, isCurrent: async () => true });
  } catch (error) {
    if (!isProviderError(error, "not-found", "forbidden")) throw error;
    const words = `${describe(attempt)}: the version can't be had any more (${error.message})`;
    throw new ProviderError("changed", words, { cause: error });
  }

  async function openKept(): Promise<Response> {
    try {
      return await open(api, url, attempt, options);
    } catch (error) {
      if (!isProviderError(error, "forbidden")) throw error;
    }
    await api.keepRevision(id, revision, true);
    try {
      return await open(api, url, attempt, options);
    } finally {
      await api.keepRevision(id, revision, false);
    }
  }
}

async function open(
  api: DriveApi,
  url: string,
  attempt: Attempt,
  options: ReadOptions,
): Promise<Response> {
  const range = rangeOf(options);
  const response = await api.send({
    attempt,
    method: "GET",
    url,
    // A packed body could be neither resumed nor measured.
    headers: { "accept-encoding": "identity", ...(range && { range }) },
    signal: options.signal,
    answers: range ? [416] : [],
  });
  if (!range || response.status !== 200) return response;
  await discard(response);
  throw new ProviderError("unexpected", `${describe(attempt)}: the range was ignored`);
}

/** Never for a whole file: an empty one has no range at all (status 416). */
function rangeOf({ offset = 0, lengthBytes }: ReadOptions): string | null {
  if (lengthBytes !== undefined) return `bytes=${offset}-${offset + lengthBytes - 1}`;
  return offset > 0 ? `bytes=${offset}-` : null;
}

function isWhole(options: ReadOptions): boolean {
  return rangeOf(options) === null;
}

/** Whether the bytes will tell if they are `known`; a wrong length tells at once that they are not. */
function isProvable(known: Entry, response: Response, options: ReadOptions): boolean {
  const { hashes, sizeBytes } = known;
  return isWhole(options) && hashes.md5 !== undefined && lengthOf(response) === sizeBytes;
}

/** The item as it is now that the answer has begun. */
async function lookOrCancel(
  { stat }: DownloadContext,
  id: ItemId,
  response: Response,
): Promise<Entry> {
  try {
    return await stat(id);
  } catch (error) {
    await discard(response);
    throw error;
  }
}

function urlOf(id: ItemId): string {
  return `/drive/v3/files/${encodeURIComponent(id)}`;
}

/** What the body of an answer must amount to. */
interface Expected {
  readonly attempt: Attempt;
  readonly signal: AbortSignal | undefined;
  /** The file that the body holds from its first byte to its last; null: a part of one, or an export. */
  readonly file: Entry | null;
  /** Asked when the bytes are not those of `file`: whether it is still what the service has. */
  readonly isCurrent: () => Promise<boolean>;
}

/** `unavailable` when it breaks off, `changed` or `corrupt` when it ends as something else than `file`. */
function checkedStream(
  response: Response,
  { attempt, signal, file, isCurrent }: Expected,
): ReadableStream<Uint8Array> {
  const name = describe(attempt);
  const md5 = file?.hashes.md5;
  return checkedBody(response, {
    sizeBytes: file?.sizeBytes ?? null,
    hash: md5 === undefined ? null : { name: "md5", value: md5 },
    broken: (error) => toNetworkError(error, attempt),
    wrongSize: (words) => new ProviderError("unavailable", `${name}: ${words}`),
    otherBytes: async () =>
      (await isCurrent())
        ? new ProviderError("corrupt", `${name}: the bytes are not those of its md5`)
        : new ProviderError("changed", `${name}: it has changed meanwhile`),
    signal,
  });
}
