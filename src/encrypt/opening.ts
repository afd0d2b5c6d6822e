import type { ReadOptions } from "../core/provider.ts";
import { closeStream, streamOf } from "../http/stream.ts";
import {
  chunkAt,
  chunkBytes,
  createChunkCipher,
  type FileKey,
  findHeaderEnd,
  headBytes,
  maxHeaderBytes,
  nonceBytes,
  offsetOf,
  storedChunkBytes,
} from "./age.ts";

/** Opens stored files: finds their headers, and gives the content of any range. */

/** The part of a stored file that comes before its first chunk. */
export type Head = Pick<FileKey, "header" | "nonce">;

/** Reads stored bytes of one file at one revision. */
export type ReadStored = (
  range: Pick<ReadOptions, "offset" | "lengthBytes">,
) => Promise<ReadableStream<Uint8Array>>;

/** Enough for the headers of half a dozen recipients. */
const firstBytes = 1024;

/** Null: it is not in the age format, or not whole. Costs a request or two of a few bytes. */
export async function readHead(read: ReadStored): Promise<Head | null> {
  for (let lengthBytes = firstBytes; lengthBytes <= 2 * maxHeaderBytes; lengthBytes *= 8) {
    const start = await bytesOf(await read({ lengthBytes }));
    const head = headIn(start);
    if (head !== "more") return head;
    if (start.length < lengthBytes) return null;
  }
  return null;
}

/** The same at the beginning of a whole reading, of which `rest` is what follows. */
export async function splitHead(
  stored: ReadableStream<Uint8Array>,
): Promise<{ readonly head: Head; readonly rest: ReadableStream<Uint8Array> } | null> {
  const pieces = stored.values();
  let start: Uint8Array = new Uint8Array();
  for (;;) {
    const { done, value } = await pieces.next();
    if (value) start = Buffer.concat([start, value]);
    const head = headIn(start);
    if (head === "more" && !done) continue;
    if (head === null || head === "more") {
      await pieces.return?.();
      return null;
    }
    const rest = after(start.subarray(headBytes(head)), pieces);
    return { head, rest: streamOf(rest, async () => void (await pieces.return?.())) };
  }
}

async function* after(
  bytes: Uint8Array,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
  yield* pieces;
}

function headIn(start: Uint8Array): Head | "more" | null {
  const end = findHeaderEnd(start);
  if (end === null || end === "more") return end;
  const nonce = start.slice(end, end + nonceBytes);
  return nonce.length < nonceBytes ? "more" : { header: start.slice(0, end), nonce };
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What part of the content is wanted. */
export interface Part {
  readonly offset: number;
  /** Null: up to the end, which is proven to be the end. */
  readonly lengthBytes: number | null;
}

/** The content was altered, or is not whole. */
export class AlteredError extends Error {
  override readonly name = "AlteredError";
}

/** The content of a part of a file. Errors with `AlteredError` before a byte that was not sealed so is given away. */
export async function openPart(
  key: FileKey,
  read: ReadStored,
  { offset, lengthBytes }: Part,
): Promise<ReadableStream<Uint8Array>> {
  const cipher = createChunkCipher(key);
  const isToEnd = lengthBytes === null;
  // At the very end there may be no chunk any more: the one before tells that nothing is missing.
  const first = Math.floor((isToEnd ? Math.max(0, offset - 1) : offset) / chunkBytes);
  const last = isToEnd ? 0 : Math.floor((offset + Math.max(1, lengthBytes) - 1) / chunkBytes);
  const stored = await read({
    offset: offsetOf(key, first),
    ...(!isToEnd && { lengthBytes: (last - first + 1) * storedChunkBytes }),
  });

  const open = (chunk: number, bytes: Uint8Array, isLast: boolean): Uint8Array => {
    // A part may end in the midst of the file, and its last chunk looks like any other.
    const mayFollow = !isLast || (!isToEnd && bytes.length === storedChunkBytes);
    const content =
      (mayFollow ? cipher.open(chunk, bytes, false) : null) ??
      (isLast ? cipher.open(chunk, bytes, true) : null);
    if (content) return content;
    throw new AlteredError(`chunk ${chunk} is not as it was encrypted`);
  };

  async function* contents(): AsyncGenerator<Uint8Array> {
    let chunk = first;
    let rest = Buffer.alloc(0);
    for await (const bytes of stored) {
      const waiting = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
      let at = 0;
      for (; waiting.length - at > storedChunkBytes; at += storedChunkBytes) {
        yield open(chunk++, waiting.subarray(at, at + storedChunkBytes), false);
      }
      rest = Buffer.from(waiting.subarray(at));
    }
    // Nothing at all comes of what lies beyond the end, as of any other file.
    if (rest.length > 0 || isToEnd) yield open(chunk, rest, true);
  }

  const made = cut(contents(), offset - first * chunkBytes, lengthBytes);
  return streamOf(made, () => closeStream(stored));
}

async function* cut(
  contents: AsyncIterable<Uint8Array>,
  skipBytes: number,
  lengthBytes: number | null,
): AsyncGenerator<Uint8Array> {
  let skip = skipBytes;
  let left = lengthBytes ?? Number.POSITIVE_INFINITY;
  for await (const bytes of contents) {
    const piece = bytes.subarray(Math.min(bytes.length, skip)).subarray(0, left);
    skip = Math.max(0, skip - bytes.length);
    left -= piece.length;
    if (piece.length > 0) yield piece;
  }
}

/** Where the content that is stored before a stored byte ends, in whole chunks. */
export const contentBefore = (key: Pick<FileKey, "header">, storedOffset: number): number =>
  storedOffset < offsetOf(key, 0) ? 0 : chunkAt(key, storedOffset) * chunkBytes;
