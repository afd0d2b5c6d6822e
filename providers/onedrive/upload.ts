import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock, Source, WriteOptions } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import { type Attempt, describe } from "./errors.ts";
import { cancelSession, fragmentBytes, sendThrough } from "./session.ts";
import { type DriveItem, toTimestamp } from "./translate.ts";
import { createWindow, measure, type SourceWindow } from "./window.ts";

/** Bytes for a place, or for a file that is known. */
export interface Upload {
  /** Path of the item, or of its place. */
  readonly path: string;
  /** The file's own name in messages. */
  readonly label: string;
  /** For a replacement, the eTag that the item must still have, asked for anew each time; null: a new file. */
  readonly currentTag: (() => Promise<string>) | null;
  /** Asked where a session is refused for its name: whether only an earlier session can have it. */
  readonly isHeld: () => Promise<boolean>;
  /** Told what is sent before the last of it is: from then on it may be there, whatever the answer. */
  readonly onWhole: (sent: Sent) => void;
  readonly source: Source;
  readonly options: WriteOptions;
}

/** What is known of bytes that were sent. */
export interface Sent {
  readonly sizeBytes: number;
  readonly quickXor: string;
}

/** What became of an upload. */
export interface Uploaded extends Sent {
  /** The item as Graph made it; null: the session ended, and no answer told how. */
  readonly item: DriveItem | null;
}

/**
 * Sends a file in a session, which carries its times and survives breaks; an empty one at once, as sessions
 * take none (Graph docs: "driveItem: createUploadSession"). Holds one fragment of it.
 */
export async function upload(api: Api, clock: Clock, request: Upload): Promise<Uploaded> {
  const { source, options, label } = request;
  const { signal } = options;
  const attempt = { operation: "upload", item: label };
  const window = createWindow(source, label, signal);
  try {
    await window.fill(fragmentBytes);
    const sizeBytes = source.sizeBytes ?? (window.ended ? window.bytes.length : null);
    if (sizeBytes === null) {
      // Each fragment tells the size of the whole: a long source that can't is read twice.
      await window.close();
      const measured = { ...source, sizeBytes: await measure(source, label, signal) };
      return await upload(api, clock, { ...request, source: measured });
    }
    if (window.ended) request.onWhole({ sizeBytes, quickXor: window.quickXor() });
    const url = sizeBytes === 0 ? null : await openSession(api, { ...request, sizeBytes }, attempt);
    const sending = { ...request, sizeBytes };
    const item =
      url === null
        ? await sendWhole(api, sending, attempt, window)
        : await sendSession(api, clock, { ...sending, url }, attempt, window);
    return { item, sizeBytes, quickXor: window.quickXor() };
  } finally {
    await window.close();
  }
}

interface Sized extends Upload {
  readonly sizeBytes: number;
}

/** What can go in one request (Graph docs: "driveItem: put content"). */
const simpleBytes = 250_000_000;

async function sendSession(
  api: Api,
  clock: Clock,
  request: Sized & { readonly url: string },
  attempt: Attempt,
  window: SourceWindow,
): Promise<DriveItem | null> {
  const { currentTag, onWhole, sizeBytes, options, url } = request;
  const { onProgress, signal } = options;
  const check = async () => {
    await currentTag?.();
    onWhole({ sizeBytes, quickXor: window.quickXor() });
  };
  const session = { api, attempt, url, sizeBytes, check, onProgress, signal };
  try {
    return await sendThrough(session, window, clock);
  } catch (error) {
    await cancelSession(session);
    throw error;
  }
}

/**
 * The address of a new session; null where one that nobody knows any more has the name for itself, as a killed
 * upload or a lost answer leaves it on Business for days: a file that is not too long for it goes at once then.
 */
async function openSession(api: Api, request: Sized, attempt: Attempt): Promise<string | null> {
  try {
    return await askSession(api, request, attempt);
  } catch (error) {
    const isTaken = isProviderError(error, "already-exists");
    if (isTaken && request.sizeBytes <= simpleBytes && (await request.isHeld())) return null;
    throw error;
  }
}

async function askSession(api: Api, request: Upload, attempt: Attempt): Promise<string> {
  const { path, currentTag, options } = request;
  const { uploadUrl } = await tagged(currentTag, (headers) =>
    api.ask<{ uploadUrl?: string }>({
      attempt,
      method: "POST",
      url: `${path}/createUploadSession`,
      headers,
      json: {
        item: {
          // What the service does without this is documented as one thing and is another.
          "@microsoft.graph.conflictBehavior": currentTag === null ? "fail" : "replace",
          ...timesOf(options),
        },
      },
      signal: options.signal,
    }),
  );
  if (uploadUrl) return uploadUrl;
  throw new ProviderError("unexpected", `${describe(attempt)}: no upload session was given`);
}

/** One request, and another one for the time. Nothing is stored unless all of it arrives. */
async function sendWhole(
  api: Api,
  request: Sized,
  attempt: Attempt,
  window: SourceWindow,
): Promise<DriveItem> {
  const { path, currentTag, sizeBytes, options } = request;
  const { signal, onProgress } = options;
  const behaviour = currentTag === null ? "fail" : "replace";
  const upstream = createUpstream(window);
  const headers = {
    "content-type": "application/octet-stream",
    ...(currentTag && { "if-match": await currentTag() }),
  };
  const asked = api.ask<DriveItem>({
    attempt,
    method: "PUT",
    url: `${path}/content?@microsoft.graph.conflictBehavior=${behaviour}`,
    headers,
    ...(sizeBytes === 0
      ? { bytes: new Uint8Array(0) }
      : { stream: { body: upstream.body, sizeBytes } }),
    signal,
  });
  const item = await asked.catch((error: unknown) => {
    throw upstream.failure() ?? error;
  });
  onProgress?.(sizeBytes);
  const json = timesOf(options);
  if (json.fileSystemInfo === undefined) return item;
  const url = path.endsWith(":") ? path.slice(0, -1) : path;
  return api.ask<DriveItem>({ attempt, method: "PATCH", url, json, signal });
}

/** A rename changes the eTag too: what `currentTag` then tells is whether the content did. */
async function tagged<T>(
  currentTag: Upload["currentTag"],
  request: (headers: Record<string, string>) => Promise<T>,
): Promise<T> {
  if (currentTag === null) return request({});
  try {
    return await request({ "if-match": await currentTag() });
  } catch (error) {
    if (!isProviderError(error, "changed") || error.existing !== null) throw error;
    return request({ "if-match": await currentTag() });
  }
}

/** The source from what the window holds on; `failure`: why it broke, which the request would not tell. */
function createUpstream(window: SourceWindow) {
  let failure: unknown = null;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          await window.fill(fragmentBytes);
          const bytes = window.bytes.slice();
          await window.release(window.start + bytes.length);
          if (bytes.length > 0) controller.enqueue(bytes);
          else controller.close();
        } catch (error) {
          failure = error;
          throw error;
        }
      },
    },
    { highWaterMark: 0 },
  );
  return { body, failure: () => failure };
}

function timesOf({ modifiedAt }: WriteOptions) {
  return modifiedAt ? { fileSystemInfo: { lastModifiedDateTime: toTimestamp(modifiedAt) } } : {};
}
