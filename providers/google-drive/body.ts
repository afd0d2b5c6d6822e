import { createHash } from "node:crypto";
import type { Entry } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { type Attempt, describe, toNetworkError } from "./errors.ts";
import { discard } from "./media.ts";

/** What the body of an answer must amount to. */
export interface Expected {
  readonly attempt: Attempt;
  readonly signal: AbortSignal | undefined;
  /** The file that the body holds from its first byte to its last; null: a part of one, or an export. */
  readonly file: Entry | null;
  /** Asked when the bytes are not those of `file`: whether it is still what the service has. */
  readonly isCurrent: () => Promise<boolean>;
}

/**
 * The body as a stream that asks for no more than is read, and ends only where it should: `unavailable`
 * when it breaks off, `changed` or `corrupt` when it ends as something else than `file`.
 */
export function checkedStream(response: Response, expected: Expected): ReadableStream<Uint8Array> {
  if (!response.body || response.status === 416) return emptyStream(response);
  const reader = response.body.getReader();
  const md5 = expected.file?.hashes.md5 === undefined ? null : createHash("md5");
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
        md5?.update(value);
        controller.enqueue(value);
        return;
      }
      checkSize(readBytes, lengthOf(response) ?? expected.file?.sizeBytes ?? null, expected);
      if (md5 && md5.digest("hex") !== expected.file?.hashes.md5) throw await mismatch(expected);
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
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

/** Bytes that the answer announces; null when it does not, or announces those of a packed form. */
export function lengthOf({ headers }: Response): number | null {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? null : Number(length);
}

function checkSize(readBytes: number, sizeBytes: number | null, { attempt }: Expected) {
  if (sizeBytes === null || readBytes === sizeBytes) return;
  throw new ProviderError(
    "unavailable",
    `${describe(attempt)}: it ended after ${readBytes} of ${sizeBytes} bytes`,
  );
}

async function mismatch({ attempt, isCurrent }: Expected): Promise<ProviderError> {
  return (await isCurrent())
    ? new ProviderError("corrupt", `${describe(attempt)}: the bytes are not those of its md5`)
    : new ProviderError("changed", `${describe(attempt)}: it has changed meanwhile`);
}
