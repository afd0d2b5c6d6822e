import { createHash } from "node:crypto";
import { ProviderError } from "../../src/core/error.ts";
import { type Arrivals, type Begun, createArrivals } from "./arrivals.ts";
import { blocksOf, hashOfBlocks } from "./blocks.ts";
import type { Chunk, Chunks } from "./chunks.ts";
import type { Commits } from "./commits.ts";
import { createFlight, type Flight } from "./flight.ts";
import { checkContent, type Outcome, patienceOf, type Upload, wrongSize } from "./outcome.ts";
import { tagsOf } from "./refusal.ts";
import { repeating } from "./repeat.ts";

/** A source that is read from where its session is. */
export interface Reading {
  readonly begun: Begun;
  readonly chunks: Chunks;
  /** Room for one chunk. */
  readonly buffer: Uint8Array;
  /** Of a session that is new: what `buffer` holds already. */
  readonly first?: Chunk;
}

/**
 * A session that takes chunks at any offset, several at once. Dropbox keeps that of a killed upload for seven days,
 * where nobody sees it (Dropbox docs: /files/upload_session/start).
 */
export async function startSession(upload: Upload): Promise<Begun> {
  const { api, call } = upload;
  const { session_id: session } = await repeating(patienceOf(upload), () =>
    api.call(call, (client, options) =>
      client.filesUploadSessionStart({ session_type: { ".tag": "concurrent" } }, options),
    ),
  );
  return { session, sentBytes: 0, later: [] };
}

/**
 * Sends what a session lacks of a source, and commits it. A chunk is kept until Dropbox has it: a lost answer costs
 * that chunk and not what was sent before, a lost answer to the commit costs no bytes at all.
 */
export async function sendSession(
  upload: Upload,
  reading: Reading,
  commits: Commits,
): Promise<Outcome> {
  const { begun, buffer } = reading;
  const arrivals = createArrivals(begun, upload.resume);
  const flight = createFlight(buffer, upload.spare);
  const read = await sendChunks(upload, reading, arrivals, flight).finally(flight.end);
  const contentHash = read.hash ?? upload.source.content?.()?.hashes.dropbox ?? null;
  checkContent(upload, read.sizeBytes, contentHash);
  return commits.commit({ upload, session: begun.session, ...read, contentHash });
}

/** The size and, where it was read from its start, the content_hash of the source. */
async function sendChunks(
  upload: Upload,
  { begun, chunks, first }: Reading,
  arrivals: Arrivals,
  flight: Flight,
): Promise<{ readonly sizeBytes: number; readonly hash: string | null }> {
  const { session } = begun;
  const { sizeBytes, content } = upload.source;
  // What the source knows in the end is compared with what Dropbox has then: no byte is hashed twice.
  const hash = begun.sentBytes === 0 && !content ? createHash("sha256") : null;
  let chunk = first;
  for (let offset = begun.sentBytes; ; chunk = undefined) {
    const buffer = await flight.buffer();
    const { bytes, isLast } = chunk ?? (await chunks.next(buffer));
    const end = offset + bytes.length;
    if (sizeBytes !== null && end > sizeBytes) throw wrongSize(upload, "more");
    const blocks = hash && blocksOf(bytes);
    if (blocks) hash?.update(blocks);
    // The chunk that closes the session comes last: it takes none after that.
    if (isLast) await flight.landed();
    const part = {
      session,
      offset,
      bytes,
      contentHash: blocks && hashOfBlocks(blocks),
      close: isLast,
    };
    flight.send(buffer, () => bring(upload, part, arrivals));
    offset = end;
    if (!isLast) continue;
    await flight.landed();
    return { sizeBytes: end, hash: hash?.digest("hex") ?? null };
  }
}

interface Part {
  readonly session: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Null: the whole is proven when it is there. */
  readonly contentHash: string | null;
  readonly close: boolean;
}

/** Sends a chunk that is not there yet. Nothing at the end of a file: all of it has arrived. */
async function bring(upload: Upload, part: Part, arrivals: Arrivals): Promise<void> {
  const { offset, bytes } = part;
  if (bytes.length === 0 || arrivals.has(offset)) return;
  await repeating(patienceOf(upload), () => append(upload, part)).catch((error: unknown) => {
    throw isSessionOver(error) ? asUnavailable(error) : error;
  });
  await arrivals.add(offset, bytes.length);
  upload.onProgress(arrivals.bytes);
}

/** Sent again it takes the place of what arrived before. */
async function append({ api, call }: Upload, part: Part): Promise<void> {
  const { session: session_id, offset, bytes: contents, contentHash, close } = part;
  const proof = contentHash === null ? {} : { content_hash: contentHash };
  const argument = { cursor: { session_id, offset }, close, contents, ...proof };
  try {
    await api.call({ ...call, timeoutMs: null }, (client, options) =>
      client.filesUploadSessionAppendV2(argument, options),
    );
  } catch (error) {
    // Only this one closes the session: it has arrived, and its answer was lost.
    if (close && tagsOf(error)[0] === "closed") return;
    throw error;
  }
}

/** Whether a session is gone, or not what was thought of it: only one from the start helps. */
export function isSessionOver(error: unknown): boolean {
  const [tag = ""] = tagsOf(error);
  return /^(not_found|closed|lookup_failed|incorrect_offset|concurrent_session_)/.test(tag);
}

/** Told as a lookup that failed; the file itself was not looked for. */
function asUnavailable(error: unknown): ProviderError {
  const message = error instanceof Error ? error.message : String(error);
  return new ProviderError("unavailable", message, { cause: error });
}
