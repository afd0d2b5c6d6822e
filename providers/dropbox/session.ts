import { createDropboxHash, dropboxHashOf } from "../../src/core/dropbox-hash.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import { type Chunks, openChunks } from "./chunks.ts";
import { checkContent, type Outcome, refused, transferTimeoutMs, type Upload } from "./outcome.ts";
import { correctOffset, sentence, tagsOf } from "./refusal.ts";

/** How often one chunk, or the commit, is sent again before the whole upload is given up. */
const maxRepeats = 5;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/**
 * Sends a source chunk by chunk and commits it. A chunk is kept until Dropbox has it: a lost answer costs
 * that chunk and not what was sent before, a lost answer to the commit costs no bytes at all. Dropbox
 * keeps the session of a killed upload for seven days, where nobody sees it (Dropbox docs:
 * /files/upload_session/start).
 */
export async function sendSession(
  upload: Upload,
  begun: { readonly chunks: Chunks; readonly first: Uint8Array },
): Promise<Outcome> {
  const { api, call } = upload;
  const { session_id } = await api.call(call, (client, options) =>
    client.filesUploadSessionStart({ close: false }, options),
  );
  const { sentBytes, contentHash } = await sendChunks(upload, session_id, begun);
  checkContent(upload, sentBytes, contentHash);
  return commit(upload, session_id, sentBytes, contentHash);
}

async function sendChunks(
  upload: Upload,
  session: string,
  { chunks: opened, first }: { readonly chunks: Chunks; readonly first: Uint8Array },
): Promise<{ sentBytes: number; contentHash: string }> {
  const hash = createDropboxHash();
  let chunks = opened;
  let hashedBytes = 0;
  let rewinds = 0;
  try {
    for (let chunk = { bytes: first, isLast: false }, offset = 0; ; chunk = await chunks.next()) {
      const end = offset + chunk.bytes.length;
      if (end > hashedBytes) hash.update(chunk.bytes.subarray(hashedBytes - offset));
      hashedBytes = Math.max(hashedBytes, end);
      const reached = await append(upload, session, chunk.bytes, offset);
      upload.onProgress(reached);
      if (reached === end && chunk.isLast) break;
      if (reached !== end) {
        // Dropbox lost what it had confirmed: read on from where it is.
        if (++rewinds > maxRepeats || reached > end) throw outOfStep(upload, reached, offset);
        await chunks.close();
        chunks = await openChunks(upload.source, reached, upload.call.signal);
      }
      offset = reached;
    }
  } finally {
    await chunks.close();
  }
  return { sentBytes: hashedBytes, contentHash: hash.digest() };
}

/**
 * Appends a chunk that begins at `offset`; where the session ends then: after the chunk, unless Dropbox
 * says that it is elsewhere.
 */
async function append(
  upload: Upload,
  session: string,
  chunk: Uint8Array,
  offset: number,
): Promise<number> {
  const end = offset + chunk.length;
  for (let from = offset, repeats = 0; from < end; ) {
    try {
      await appendOnce(upload, session, chunk.subarray(from - offset), from);
      return end;
    } catch (error) {
      const correct = correctOffset(error);
      if (correct !== null && (correct < offset || correct > end)) return correct;
      repeats += 1;
      if (!canRepeat(error, correct) || repeats > maxRepeats) throw sessionError(error);
      if (correct === null) await pause(upload, error, repeats);
      from = correct ?? from;
    }
  }
  return end;
}

async function appendOnce(
  { api, call }: Upload,
  session_id: string,
  contents: Uint8Array,
  offset: number,
): Promise<void> {
  const content_hash = dropboxHashOf(contents);
  await api.call({ ...call, timeoutMs: transferTimeoutMs }, (client, options) =>
    client.filesUploadSessionAppendV2(
      { cursor: { session_id, offset }, close: false, contents, content_hash },
      options,
    ),
  );
}

/** Commits by itself and without bytes, so that only this small request is ever repeated. */
async function commit(
  upload: Upload,
  session_id: string,
  offset: number,
  contentHash: string,
): Promise<Outcome> {
  const { api, call, commit } = upload;
  const argument = { cursor: { session_id, offset }, commit, contents: Buffer.alloc(0) };
  for (let repeats = 1, isLost = false; ; repeats++) {
    try {
      const metadata = await api.call(
        { ...call, timeoutMs: transferTimeoutMs },
        (client, options) => client.filesUploadSessionFinish(argument, options),
      );
      return { type: "committed", metadata, contentHash };
    } catch (error) {
      if (!isProviderError(error)) throw error;
      const isSessionOver = tagsOf(error)[0] === "lookup_failed";
      if (isSessionOver && isLost) return { type: "lost", error, contentHash };
      if (isSessionOver || !error.retryable || repeats > maxRepeats) {
        return refused(error, contentHash);
      }
      isLost ||= error.failure === "unavailable";
      await pause(upload, error, repeats);
    }
  }
}

function canRepeat(error: unknown, correct: number | null): boolean {
  if (correct !== null) return true;
  return isProviderError(error, "unavailable", "rate-limited", "corrupt");
}

/** A session that is over or closed is told as a lookup that failed; the file itself was not looked for. */
function sessionError(error: unknown): unknown {
  const isOver = isProviderError(error) && /^(not_found|closed)$/.test(tagsOf(error)[0] ?? "");
  return isOver ? new ProviderError("unavailable", error.message, { cause: error }) : error;
}

async function pause({ clock, call }: Upload, error: unknown, repeats: number): Promise<void> {
  const asked = isProviderError(error) ? error.retryAfterMs : null;
  const growing = Math.min(longestPauseMs, firstPauseMs * 2 ** (repeats - 1));
  await clock.sleep(asked ?? growing * (0.5 + clock.random() / 2), call.signal);
}

function outOfStep({ account, call }: Upload, reached: number, offset: number): ProviderError {
  const { operation, item = "" } = call;
  const words = `the session is at byte ${reached}, ours at ${offset}`;
  return new ProviderError("unavailable", sentence({ account, operation, item }, words));
}
