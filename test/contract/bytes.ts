import { createHash, type Hash } from "node:crypto";
import type { HashName } from "../../src/core/entry.ts";
import type { Source } from "../../src/core/provider.ts";

export const KiB = 1024;
export const MiB = 1024 * KiB;

const blockBytes = 64 * KiB;

/** A source that holds this text. */
export function text(content: string): Source {
  return bytes(new TextEncoder().encode(content));
}

/** A source that holds these bytes. */
export function bytes(content: Uint8Array): Source {
  return {
    sizeBytes: content.length,
    hashes: {},
    open: async (offset = 0) => ReadableStream.from([content.slice(offset)].filter(hasBytes)),
  };
}

/** A source of `sizeBytes` made-up bytes, always the same ones, of which every 64 KiB differ. */
export function generated(sizeBytes: number): Source {
  return {
    sizeBytes,
    hashes: {},
    open: async (offset = 0) => ReadableStream.from(generate(sizeBytes, offset)),
  };
}

/** The same source, but nobody knows its size before its end. */
export function ofUnknownSize(source: Source): Source {
  return { ...source, sizeBytes: null };
}

/** The same source, calling `onBytes` with the count of bytes handed out since `open`. */
export function watched(source: Source, onBytes: (handedOut: number) => void): Source {
  return {
    ...source,
    open: async (offset = 0) => {
      let handedOut = offset;
      return (await source.open(offset)).pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>(
          {
            transform(chunk, controller) {
              handedOut += chunk.length;
              onBytes(handedOut);
              controller.enqueue(chunk);
            },
          },
          { highWaterMark: 1 },
          { highWaterMark: 0 },
        ),
      );
    },
  };
}

/** The same source, which errors with `reason` when `atBytes` were read. */
export function breaking(source: Source, atBytes: number, reason: Error): Source {
  return watched(source, (handedOut) => {
    if (handedOut >= atBytes) throw reason;
  });
}

/** A source that announces 3 MiB and errors with `reason` after 1 MiB. */
export function failing(reason: Error): Source {
  return {
    sizeBytes: 3 * MiB,
    hashes: {},
    open: async (offset = 0) => ReadableStream.from(generateThenThrow(offset, reason)),
  };
}

async function* generateThenThrow(offset: number, reason: Error) {
  yield* generate(1 * MiB, offset);
  throw reason;
}

function* generate(sizeBytes: number, offset: number): Generator<Uint8Array> {
  for (let at = offset; at < sizeBytes; ) {
    const block = Math.floor(at / blockBytes);
    const start = block * blockBytes;
    const chunk = blockOf(block).subarray(at - start, Math.min(blockBytes, sizeBytes - start));
    yield chunk;
    at += chunk.length;
  }
}

/** What every block holds, but for its first word, which is its number. */
const pattern = (() => {
  const words = new Uint32Array(blockBytes / 4);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    words[i] = state;
  }
  return words;
})();

function blockOf(index: number): Uint8Array {
  const words = pattern.slice();
  words[0] = index;
  return new Uint8Array(words.buffer);
}

/** All that the stream gives. For small contents. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Uint8Array.from(Buffer.concat(chunks));
}

/** All that the stream gives, as text. */
export async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await readAll(stream));
}

/** Hash and length of a stream that is too big to hold. */
export async function digest(
  stream: ReadableStream<Uint8Array>,
  hash: HashName = "sha256",
): Promise<{ sizeBytes: number; hash: string }> {
  const hasher = hashers[hash]();
  let sizeBytes = 0;
  for await (const chunk of stream) {
    hasher.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sizeBytes, hash: hasher.end() };
}

interface Hasher {
  update(chunk: Uint8Array): void;
  end(): string;
}

const hashers: Record<HashName, () => Hasher> = {
  sha256: () => plain(createHash("sha256")),
  md5: () => plain(createHash("md5")),
  sha1: () => plain(createHash("sha1")),
  dropbox: dropboxHasher,
  quickXor: quickXorHasher,
};

function plain(hash: Hash): Hasher {
  return { update: (chunk) => hash.update(chunk), end: () => hash.digest("hex") };
}

/** Dropbox content hash: SHA-256 over the concatenated SHA-256 digests of every 4 MiB. */
function dropboxHasher(): Hasher {
  const outer = createHash("sha256");
  let inner = createHash("sha256");
  let filled = 0;
  const closeBlock = () => {
    outer.update(inner.digest());
    inner = createHash("sha256");
    filled = 0;
  };
  return {
    update: (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + 4 * MiB - filled);
        inner.update(part);
        filled += part.length;
        at += part.length;
        if (filled === 4 * MiB) closeBlock();
      }
    },
    end: () => {
      if (filled > 0) closeBlock();
      return outer.digest("hex");
    },
  };
}

/** Microsoft's QuickXorHash: each byte XORed in, 11 bits further on in a ring of 160; then the length. */
function quickXorHasher(): Hasher {
  const ring = new Uint8Array(20);
  let length = 0;
  const xor = (bit: number, byte: number) => {
    const at = Math.floor(bit / 8);
    const shifted = byte << (bit % 8);
    ring[at] = (ring[at] ?? 0) ^ (shifted & 0xff);
    const next = (at + 1) % 20;
    ring[next] = (ring[next] ?? 0) ^ (shifted >> 8);
  };
  return {
    update: (chunk) => {
      for (const byte of chunk) xor((length++ * 11) % 160, byte);
    },
    end: () => {
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(length));
      for (const [i, byte] of size.entries()) ring[12 + i] = (ring[12 + i] ?? 0) ^ byte;
      return Buffer.from(ring).toString("base64");
    },
  };
}

function hasBytes(chunk: Uint8Array): boolean {
  return chunk.length > 0;
}
