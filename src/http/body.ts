import type { ProviderError } from "../core/error.ts";
import { type CheckedHash, createSingleHasher } from "./hash.ts";
import { discard } from "./request.ts";

/** What the body of an answer must amount to. */
export interface ExpectedBody {
  /** Bytes where the answer does not announce them; null: unknown. */
  readonly sizeBytes: number | null;
  /** The hash of the whole file that the body is; null: it is a part of one, or nothing to be compared. */
  readonly hash: { readonly name: CheckedHash; readonly value: string } | null;
  /** What the reader gets for an error of the line. */
  readonly broken: (error: unknown) => ProviderError;
  /** What the reader gets for fewer or more bytes than announced. */
  readonly wrongSize: (words: string) => ProviderError;
  /** What the reader gets for bytes that are not those of the hash. */
  readonly otherBytes: () => Promise<ProviderError>;
  readonly signal: AbortSignal | undefined;
}

/** The body as a stream that asks for no more than is read, and ends only where it should. */
export function checkedBody(
  response: Response,
  expected: ExpectedBody,
): ReadableStream<Uint8Array> {
  if (!response.body || response.status === 416) return emptyBody(response);
  const reader = response.body.getReader();
  const hash = expected.hash && createSingleHasher(expected.hash.name);
  const sizeBytes = lengthOf(response) ?? expected.sizeBytes;
  let readBytes = 0;

  async function next() {
    try {
      return await reader.read();
    } catch (error) {
      expected.signal?.throwIfAborted();
      throw expected.broken(error);
    }
  }

  async function checkEnd() {
    if (sizeBytes !== null && readBytes !== sizeBytes) {
      throw expected.wrongSize(`it ended after ${readBytes} of ${sizeBytes} bytes`);
    }
    if (hash && hash.digest() !== expected.hash?.value) throw await expected.otherBytes();
  }

  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await next();
      if (done) {
        await checkEnd();
        controller.close();
        return;
      }
      readBytes += value.length;
      hash?.update(value);
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** A stream of no bytes, whatever the answer holds: a range that begins at or after the end is refused with words. */
export function emptyBody(response?: Response): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      if (response) await discard(response);
      controller.close();
    },
  });
}

/** Bytes that the answer announces; null when it does not, or announces those of a packed form. */
export function lengthOf({ headers }: Response): number | null {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? null : Number(length);
}
