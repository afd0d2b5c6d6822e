import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { ReadOptions } from "../../src/core/provider.ts";
import { createQuickXor } from "../../src/core/quick-xor.ts";
import { discard } from "./api.ts";
import { type Attempt, describe, toNetworkError } from "./errors.ts";
import type { DriveItem } from "./translate.ts";

/** What the body of an answer must amount to. */
export interface Expected {
  readonly attempt: Attempt;
  readonly signal: AbortSignal | undefined;
  /** The file that the body holds from its first byte to its last; null: a part of one. */
  readonly item: DriveItem | null;
  /** Asked when the bytes are not those of `item`: whether it is still what the service has. */
  readonly isCurrent: () => Promise<boolean>;
}

/**
 * The body as a stream that asks for no more than is read, and ends only where it should: `unavailable`
 * when it breaks off, `changed` or `corrupt` when it ends as something else than `item`.
 */
export function checkedStream(response: Response, expected: Expected): ReadableStream<Uint8Array> {
  if (!response.body || response.status === 416) return emptyStream(response);
  const reader = response.body.getReader();
  const wanted = expected.item?.file?.hashes?.quickXorHash;
  const hash = wanted === undefined ? null : createQuickXor();
  let readBytes = 0;

  async function next() {
    try {
      return await reader.read();
    } catch (error) {
      expected.signal?.throwIfAborted();
      throw toNetworkError(error, expected.attempt);
    }
  }

  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await next();
      if (!done) {
        readBytes += value.length;
        hash?.update(value);
        controller.enqueue(value);
        return;
      }
      checkSize(readBytes, lengthOf(response), expected);
      if (hash && hash.digest() !== wanted) throw await mismatch(expected);
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** As `checkedStream`; where the service ignores a range, as it may, the rest is left out here. */
export function sliced(
  response: Response,
  { offset = 0, lengthBytes }: ReadOptions,
  expected: Expected,
): ReadableStream<Uint8Array> {
  const body = checkedStream(response, expected);
  const isWhole = offset === 0 && lengthBytes === undefined;
  if (response.status !== 200 || isWhole) return body;
  const end = offset + (lengthBytes ?? Number.POSITIVE_INFINITY);
  return ReadableStream.from(between(body, offset, end));
}

/** A stream of no bytes, whatever the answer holds: a range that begins at or after the end is refused with words. */
export function emptyStream(response?: Response): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      if (response) await discard(response);
      controller.close();
    },
  });
}

async function* between(
  body: ReadableStream<Uint8Array>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for await (const chunk of body) {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at >= end) return;
  }
}

/** Bytes that the answer announces; null when it does not, or announces those of a packed form. */
function lengthOf({ headers }: Response): number | null {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? null : Number(length);
}

function checkSize(readBytes: number, sizeBytes: number | null, { attempt }: Expected) {
  if (sizeBytes === null || readBytes === sizeBytes) return;
  const words = `it ended after ${readBytes} of ${sizeBytes} bytes`;
  throw new ProviderError("unavailable", `${describe(attempt)}: ${words}`);
}

async function mismatch({ attempt, isCurrent }: Expected): Promise<ProviderError> {
  const isSame = await isCurrent().catch((error: unknown) => {
    if (isProviderError(error, "not-found")) return false;
    throw error;
  });
  return isSame
    ? new ProviderError("corrupt", `${describe(attempt)}: the bytes are not those of its hash`)
    : new ProviderError("changed", `${describe(attempt)}: it has changed meanwhile`);
}
