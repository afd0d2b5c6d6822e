import { isProviderError, isResumable, ProviderError } from "../../src/core/error.ts";
import type { Clock, Source, WriteOptions } from "../../src/core/provider.ts";
import { createOutflow, type Outflow } from "../../src/http/outflow.ts";
import { sendThrough } from "../../src/http/session.ts";
import type { Api } from "./api.ts";
import { type Attempt, describe } from "./errors.ts";
import {
  cancelSession,
  createSession,
  expiryOf,
  fragmentBytes,
  type SessionAddress,
} from "./session.ts";
import { type DriveItem, toTimestamp } from "./translate.ts";

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
  /** Null: they were sent in part by an earlier process, from a source that does not tell. */
  readonly quickXor: string | null;
}

/** What became of an upload. */
export interface Uploaded extends Sent {
  /** The item as Graph made it; null: the session ended, and no answer told how. */
  readonly item: DriveItem | null;
}

/** Up to here a source is read before anything is sent. */
const smallBytes = 10 * 1024 ** 2;

/** `Traits.heldBytes`: what is small is read to its end before it is sent. */
export function heldBytes(sizeBytes: number | null): number {
  if (sizeBytes === null) return smallBytes;
  return sizeBytes <= smallBytes ? sizeBytes : 0;
}

/**
 * Sends a file in a session, which carries its times and survives breaks and, where the caller keeps what is saved,
 * the end of the process; an empty one at once, as sessions take none (Graph docs: "driveItem: createUploadSession").
 * Long ones flow from the source as they are sent.
 */
export async function upload(api: Api, clock: Clock, request: Upload): Promise<Uploaded> {
  const { source, options, label } = request;
  const { signal } = options;
  const attempt = { operation: "upload", item: label };
  const name = `onedrive: the source of ${label}`;
  const outflow = createOutflow(source, { name, signal, heldBytes: smallBytes, learn: "quickXor" });
  try {
    const read = await readAhead(source, outflow);
    if (!read.isHeld && source.sizeBytes === null) {
      // Each fragment tells the size of the whole: a long source that can't is read twice.
      await outflow.close();
      return await upload(api, clock, {
        ...request,
        source: { ...source, sizeBytes: read.sizeBytes },
      });
    }
    const { sizeBytes } = read;
    const sent = () => ({ sizeBytes, quickXor: outflow.digest() });
    if (read.isHeld) request.onWhole(sent());
    const sending = { ...request, sizeBytes, attempt, outflow, sent };
    const item =
      sizeBytes === 0 ? await sendWhole(api, sending) : await sendSession(api, clock, sending);
    return { item, ...sent() };
  } finally {
    await outflow.close();
  }
}

/** The size of a source, which is read for it where it does not announce one, and whether all of it is held. */
async function readAhead(
  { sizeBytes }: Source,
  outflow: Outflow,
): Promise<{ readonly sizeBytes: number; readonly isHeld: boolean }> {
  if (sizeBytes !== null && sizeBytes > smallBytes) return { sizeBytes, isHeld: false };
  let portion = await outflow.at(0, smallBytes);
  const isHeld = portion.isLast;
  while (!portion.isLast) {
    portion = await outflow.at(portion.start + portion.lengthBytes, smallBytes);
  }
  return { sizeBytes: portion.start + portion.lengthBytes, isHeld };
}

/** See `Provider.abandon`: a session that nobody goes on with would keep its name from another on Business. */
export async function abandon(api: Api, saved: string | undefined): Promise<void> {
  if (!saved) return;
  const { url }: Saved = JSON.parse(saved);
  await cancelSession(api, { operation: "give up", item: "an upload" }, url);
}

interface Sending extends Upload {
  readonly sizeBytes: number;
  readonly attempt: Attempt;
  readonly outflow: Outflow;
  readonly sent: () => Sent;
}

/** What can go in one request (Graph docs: "driveItem: put content"). */
const simpleBytes = 250_000_000;

/** What is kept of a session. */
interface Saved extends SessionAddress {
  readonly sizeBytes: number;
}

/** Goes on with the session that was saved, or, where there is no such any more, with a new one. */
async function sendSession(api: Api, clock: Clock, sending: Sending): Promise<DriveItem | null> {
  const { resume } = sending.options;
  const saved: Saved | null = resume?.saved ? JSON.parse(resume.saved) : null;
  if (saved && saved.sizeBytes === sending.sizeBytes && saved.expiresAt > clock.now()) {
    await sending.currentTag?.();
    const item = await sendTo(api, clock, sending, { address: saved, isResumed: true });
    if (item !== null) return item;
  }
  const address = await openSession(api, clock, sending);
  if (address === null) return sendWhole(api, sending);
  return sendTo(api, clock, sending, { address, isResumed: false });
}

async function sendTo(
  api: Api,
  clock: Clock,
  sending: Sending,
  { address, isResumed }: { readonly address: SessionAddress; readonly isResumed: boolean },
): Promise<DriveItem | null> {
  const { currentTag, onWhole, sizeBytes, options, attempt, outflow, sent } = sending;
  const resume = sizeBytes > fragmentBytes ? options.resume : undefined;
  const onStored = async ({ url, expiresAt }: SessionAddress, position: number) => {
    const state: Saved = { url, expiresAt, sizeBytes };
    await resume?.save(JSON.stringify(state), position);
  };
  const check = async () => {
    await currentTag?.();
    onWhole(sent());
  };
  const opened = { attempt, address, isResumed, sizeBytes, check, onStored, options };
  try {
    if (!isResumed) await onStored(address, 0);
    return await sendThrough(createSession(api, opened), { outflow, sizeBytes }, clock);
  } catch (error) {
    const isKept = options.signal?.aborted || isResumable(error);
    if (!resume || !isKept) await cancelSession(api, attempt, address.url);
    throw error;
  }
}

/**
 * The address of a new session; null where one that nobody knows any more has the name for itself, as a killed
 * upload or a lost answer leaves it on Business for days: a file that is not too long for it goes at once then.
 */
async function openSession(
  api: Api,
  clock: Clock,
  request: Sending,
): Promise<SessionAddress | null> {
  try {
    return await askSession(api, clock, request);
  } catch (error) {
    const isTaken = isProviderError(error, "already-exists");
    if (isTaken && request.sizeBytes <= simpleBytes && (await request.isHeld())) return null;
    throw error;
  }
}

async function askSession(api: Api, clock: Clock, request: Sending): Promise<SessionAddress> {
  const { path, currentTag, options, attempt } = request;
  const { uploadUrl, ...answer } = await tagged(currentTag, (headers) =>
    api.ask<{ uploadUrl?: string; expirationDateTime?: string }>({
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
  if (uploadUrl) return { url: uploadUrl, expiresAt: expiryOf(answer, clock.now()) };
  throw new ProviderError("unexpected", `${describe(attempt)}: no upload session was given`);
}

/** One request, and another one for the time. Nothing is stored unless all of it arrives. */
async function sendWhole(api: Api, request: Sending): Promise<DriveItem> {
  const { path, currentTag, sizeBytes, options, attempt, outflow, onWhole, sent } = request;
  const { signal, onProgress } = options;
  const behaviour = currentTag === null ? "fail" : "replace";
  const whole = await outflow.at(0, sizeBytes);
  const beforeEnd = async () => onWhole(sent());
  const asked = api.ask<DriveItem>({
    attempt,
    method: "PUT",
    url: `${path}/content?@microsoft.graph.conflictBehavior=${behaviour}`,
    headers: {
      "content-type": "application/octet-stream",
      ...(currentTag && { "if-match": await currentTag() }),
    },
    body: { lengthBytes: sizeBytes, open: () => whole.open({ beforeEnd }) },
    signal,
  });
  const item = await asked.catch((error: unknown) => {
    throw whole.failure()?.error ?? error;
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

function timesOf({ modifiedAt }: WriteOptions) {
  return modifiedAt ? { fileSystemInfo: { lastModifiedDateTime: toTimestamp(modifiedAt) } } : {};
}
