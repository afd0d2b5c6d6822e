import { dropboxHashOf } from "../../src/core/dropbox-hash.ts";
import { chunkBytes, openChunks } from "./chunks.ts";
import {
  checkContent,
  type Outcome,
  refused,
  transferTimeoutMs,
  type Upload,
  wrongSize,
} from "./outcome.ts";
import { sendSession } from "./session.ts";

/**
 * Sends the source in one request if it fits into a chunk, else as an upload session. Rejects for
 * whatever went wrong before the commit.
 */
export async function send(upload: Upload): Promise<Outcome> {
  const { source, call } = upload;
  const chunks = await openChunks(source, 0, call.signal);
  try {
    const first = await chunks.next();
    if (!first.isLast) {
      const { sizeBytes } = source;
      if (sizeBytes !== null && sizeBytes <= chunkBytes) throw wrongSize(upload, "more");
      return await sendSession(upload, { chunks, first: first.bytes });
    }
    checkContent(upload, first.bytes.length, dropboxHashOf(first.bytes));
    return await sendWhole(upload, first.bytes);
  } finally {
    await chunks.close();
  }
}

async function sendWhole(upload: Upload, bytes: Uint8Array): Promise<Outcome> {
  const { api, call, commit } = upload;
  const contentHash = dropboxHashOf(bytes);
  try {
    const metadata = await api.call({ ...call, timeoutMs: transferTimeoutMs }, (client, options) =>
      client.filesUpload({ ...commit, contents: bytes, content_hash: contentHash }, options),
    );
    upload.onProgress(bytes.length);
    return { type: "committed", metadata, contentHash };
  } catch (error) {
    return refused(error, contentHash);
  }
}
