import type { CloudRequest } from "../kit/request.ts";
import { createContentHasher } from "./content-hash.ts";
import type { Context } from "./context.ts";
import { ApiError, tag } from "./errors.ts";

/** The body of an upload request: counted, limited and hashed while it passes. */
export interface UploadBody {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  /** At its end: throws `content_hash_mismatch` unless what passed has the announced hash. */
  check(): void;
}

/** Throws `payload_too_large` when the body is over the limit of a request. No hash (null) fits any body. */
export function openUploadBody(
  { limits }: Context,
  request: CloudRequest,
  contentHash: string | null,
): UploadBody {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limits.requestBytes) throw new ApiError(tag("payload_too_large"));
  const hasher = contentHash === null ? null : createContentHasher();
  let sizeBytes = 0;
  async function* pass() {
    for await (const piece of request.body) {
      sizeBytes += piece.byteLength;
      if (sizeBytes > limits.requestBytes) throw new ApiError(tag("payload_too_large"));
      hasher?.update(piece);
      yield piece;
    }
  }
  return {
    bytes: pass(),
    get sizeBytes() {
      return sizeBytes;
    },
    check() {
      if (hasher === null || hasher.digest() === contentHash) return;
      throw new ApiError(tag("content_hash_mismatch"));
    },
  };
}

/** Cuts a stream into pieces of given lengths; one after another, each read to its end. */
export function createSplitter(bytes: AsyncIterable<Uint8Array>): {
  /** The next `length` bytes, or fewer at the end. */
  take(length: number): AsyncIterable<Uint8Array>;
} {
  const source = bytes[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return {
    async *take(length) {
      for (let missing = length; missing > 0; ) {
        if (rest.byteLength === 0) {
          const next = await source.next();
          if (next.done === true) return;
          rest = next.value;
        }
        const piece = rest.subarray(0, missing);
        rest = rest.subarray(piece.byteLength);
        missing -= piece.byteLength;
        yield piece;
      }
    },
  };
}

/** Reads the rest, and throws it away. */
export async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = bytes[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}
