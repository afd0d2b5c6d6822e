import { type Begun, savedIn } from "./arrivals.ts";
import { blocksOf, hashOfBlocks } from "./blocks.ts";
import { bufferFor, chunkBytes, openChunks } from "./chunks.ts";
import { sendFlowing, wholeBytes } from "./flow.ts";
import { checkContent, type Outcome, type Upload, wrongSize } from "./outcome.ts";
import { isSessionOver, sendSession, startSession } from "./session.ts";
import { type Small, sealAlone, sendAlone, wholeOf } from "./small.ts";
import { smallBytes, type Writers } from "./writers.ts";

/** `Traits.heldBytes`. Nothing of what flows in one request. */
export function heldBytes(sizeBytes: number | null): number {
  if (sizeBytes === null || sizeBytes > wholeBytes) return chunkBytes;
  return sizeBytes <= smallBytes ? sizeBytes : 0;
}

/**
 * Sends the source together with others where it is small, in one request where it is not large, else as an upload
 * session: with what was saved of one, from where that is. Rejects for whatever went wrong before the commit.
 */
export async function send(upload: Upload, writers: Writers): Promise<Outcome> {
  const begun = savedIn(upload.resume);
  return (begun && (await goOn(upload, begun, writers))) ?? begin(upload, writers);
}

async function begin(upload: Upload, writers: Writers): Promise<Outcome> {
  const { source, call } = upload;
  const { sizeBytes } = source;
  if (sizeBytes !== null && sizeBytes > smallBytes && sizeBytes <= wholeBytes) {
    return sendFlowing(upload, sizeBytes, writers);
  }
  const chunks = await openChunks(source, 0, call.signal);
  try {
    const buffer = bufferFor(source);
    const first = await chunks.next(buffer);
    if (!first.isLast) {
      if (sizeBytes !== null && sizeBytes <= smallBytes) throw wrongSize(upload, "more");
      const begun = await startSession(upload);
      return await sendSession(upload, { begun, chunks, buffer, first }, writers.commits);
    }
    const { bytes } = first;
    const contentHash = hashOfBlocks(blocksOf(bytes));
    checkContent(upload, bytes.length, contentHash);
    return await sendSmall({ upload, bytes, contentHash }, writers);
  } finally {
    await chunks.close();
  }
}

/** Null: the session is no more, or lacks what it was said to have. */
async function goOn(upload: Upload, begun: Begun, { commits }: Writers): Promise<Outcome | null> {
  const { source, call } = upload;
  const chunks = await openChunks(source, begun.sentBytes, call.signal);
  try {
    const buffer = bufferFor(source);
    const outcome = await sendSession(upload, { begun, chunks, buffer }, commits);
    return outcome.type !== "committed" && isSessionOver(outcome.error) ? null : outcome;
  } catch (error) {
    if (isSessionOver(error)) return null;
    throw error;
  } finally {
    await chunks.close();
  }
}

async function sendSmall(file: Small, { batches, commits, underWay }: Writers): Promise<Outcome> {
  const sizeBytes = file.bytes.length;
  if (sizeBytes <= smallBytes) return batches.send(file);
  const whole = wholeOf(file);
  if (underWay === 1) return sendAlone(whole);
  return commits.commit({ ...file, session: await sealAlone(whole), sizeBytes });
}
