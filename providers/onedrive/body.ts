import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { ReadOptions } from "../../src/core/provider.ts";
import { checkedBody } from "../../src/http/body.ts";
import { closeStream, streamOf } from "../../src/http/stream.ts";
import { type Attempt, describe, toNetworkError } from "./errors.ts";
import type { DriveItem } from "./translate.ts";

/** What the body of an answer must amount to. */
interface Expected {
  readonly attempt: Attempt;
  readonly signal: AbortSignal | undefined;
  /** The file that the body holds from its first byte to its last; null: a part of one. */
  readonly item: DriveItem | null;
  /** Asked when the bytes are not those of `item`: whether it is still what the service has. */
  readonly isCurrent: () => Promise<boolean>;
}

/** `unavailable` when it breaks off, `changed` or `corrupt` when it ends as something else than `item`. */
export function checkedStream(
  response: Response,
  { attempt, signal, item, isCurrent }: Expected,
): ReadableStream<Uint8Array> {
  const name = describe(attempt);
  const hash = item?.file?.hashes?.quickXorHash;
  const isSame = () =>
    isCurrent().catch((error: unknown) => {
      if (isProviderError(error, "not-found")) return false;
      throw error;
    });
  return checkedBody(response, {
    sizeBytes: null,
    hash: hash === undefined ? null : { name: "quickXor", value: hash },
    broken: (error) => toNetworkError(error, attempt),
    wrongSize: (words) => new ProviderError("unavailable", `${name}: ${words}`),
    otherBytes: async () =>
      (await isSame())
        ? new ProviderError("corrupt", `${name}: the bytes are not those of its hash`)
        : new ProviderError("changed", `${name}: it has changed meanwhile`),
    signal,
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
  return streamOf(between(body, offset, end), () => closeStream(body));
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
