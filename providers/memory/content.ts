import { createHash, type Hash } from "node:crypto";
import type { Hashes, HashName } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { ReadOptions, Source, WriteOptions } from "../../src/core/provider.ts";

/** The hashes that the memory provider can report. */
export type MemoryHash = Extract<HashName, "sha256" | "md5" | "sha1" | "dropbox">;

/** The bytes of one version of a file; never changed once made. */
export interface Content {
  readonly sizeBytes: number;
  readonly chunks: readonly Uint8Array[];
  readonly hashes: Hashes;
}

/** Content that is at hand already: what a person puts. */
export function contentOf(bytes: Uint8Array, names: readonly MemoryHash[]): Content {
  const chunks = [bytes.slice()];
  return { sizeBytes: bytes.length, chunks, hashes: hashAll(chunks, names) };
}

/** All bytes of the content in one piece. */
export function joined(content: Content): Uint8Array {
  return Uint8Array.from(Buffer.concat(content.chunks));
}

/** Takes the whole source in; `corrupt` when its size or hashes are not the announced ones. */
export async function takeIn(
  source: Source,
  names: readonly MemoryHash[],
  { signal, onProgress }: WriteOptions,
): Promise<Content> {
  const reader = (await source.open()).getReader();
  const stop = () => void reader.cancel(signal?.reason).catch(ignoreLateFailure);
  signal?.addEventListener("abort", stop, { once: true });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      signal?.throwIfAborted();
      chunks.push(step.value.slice());
      sizeBytes += step.value.length;
      onProgress?.(sizeBytes);
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  const hashes = hashAll(chunks, names);
  checkAnnounced(source, sizeBytes, hashes);
  return { sizeBytes, chunks, hashes };
}

/** The caller is told of the abort; what the cancelled source says afterwards concerns nobody. */
function ignoreLateFailure() {}

function checkAnnounced(source: Source, sizeBytes: number, hashes: Hashes) {
  if (source.sizeBytes !== null && source.sizeBytes !== sizeBytes) {
    throw new ProviderError(
      "corrupt",
      `memory: write: ${sizeBytes} bytes came, ${source.sizeBytes} were announced`,
    );
  }
  for (const [name, hash] of Object.entries(hashes) as [HashName, string][]) {
    const announced = source.hashes[name];
    if (announced !== undefined && announced !== hash) {
      throw new ProviderError("corrupt", `memory: write: the bytes have another ${name}`);
    }
  }
}

/** The asked-for range as a stream that makes a chunk only when one is pulled. */
export function streamOf(
  content: Content,
  { offset = 0, lengthBytes = content.sizeBytes, signal }: ReadOptions,
): ReadableStream<Uint8Array> {
  const pieces = slices(content.chunks, offset, Math.min(content.sizeBytes, offset + lengthBytes));
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (signal?.aborted) return controller.error(signal.reason);
        const piece = pieces.next();
        if (piece.done) controller.close();
        else controller.enqueue(piece.value);
      },
    },
    { highWaterMark: 0 },
  );
}

function* slices(chunks: readonly Uint8Array[], start: number, end: number) {
  let at = 0;
  for (const chunk of chunks) {
    // A copy, so that no reader can change what is stored.
    const piece = chunk.slice(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.length;
    if (piece.length > 0) yield piece;
    if (at >= end) return;
  }
}

function hashAll(chunks: readonly Uint8Array[], names: readonly MemoryHash[]): Hashes {
  return Object.fromEntries(names.map((name) => [name, hash(chunks, name)]));
}

function hash(chunks: readonly Uint8Array[], name: MemoryHash): string {
  if (name !== "dropbox") return over(createHash(name), chunks);
  // Dropbox docs, "Content hash": SHA-256 over the joined SHA-256 digests of every 4 MiB.
  const blocks = createHash("sha256");
  const bytes = Buffer.concat(chunks);
  for (let at = 0; at < bytes.length; at += blockBytes) {
    blocks.update(
      createHash("sha256")
        .update(bytes.subarray(at, at + blockBytes))
        .digest(),
    );
  }
  return blocks.digest("hex");
}

const blockBytes = 4 * 1024 * 1024;

function over(hasher: Hash, chunks: readonly Uint8Array[]): string {
  for (const chunk of chunks) hasher.update(chunk);
  return hasher.digest("hex");
}
