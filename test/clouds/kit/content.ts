import { createCipheriv, createHash } from "node:crypto";

/** What a file of a stand-in holds. Random access, so that ranges and resumed reads cost nothing. */
export interface Content {
  readonly sizeBytes: number;
  /** Bytes `start` to `end` (exclusive), in pieces of at most `pieceBytes`. */
  read(start: number, end: number): Iterable<Uint8Array>;
}

/** A file that nobody stores: its bytes follow from the seed, so it may have any size. */
export interface Generated {
  readonly sizeBytes: number;
  readonly seed: number;
}

/** Takes an upload to its end; see `createContentStore`. */
export interface Receiver {
  /** Streams a body in. Rejects when the body breaks off; nothing is kept then. */
  receive(body: AsyncIterable<Uint8Array>, onPiece?: (piece: Uint8Array) => void): Promise<Content>;
}

const pieceBytes = 64 * 1024;
const cipherBlockBytes = 16;

/** Content that is kept in memory. */
export function bytesContent(bytes: Uint8Array): Content {
  return {
    sizeBytes: bytes.byteLength,
    *read(start, end) {
      for (let at = start; at < end; at += pieceBytes) {
        yield bytes.subarray(at, Math.min(at + pieceBytes, end));
      }
    },
  };
}

/** Content that is computed when read: the AES-CTR key stream of the seed. */
export function generatedContent({ sizeBytes, seed }: Generated): Content {
  const key = createHash("sha256").update(`seed ${seed}`).digest().subarray(0, 16);
  const zeros = Buffer.alloc(pieceBytes);
  return {
    sizeBytes,
    *read(start, end) {
      const skip = start % cipherBlockBytes;
      const counter = Buffer.alloc(16);
      counter.writeBigUInt64BE(BigInt((start - skip) / cipherBlockBytes), 8);
      const stream = createCipheriv("aes-128-ctr", key, counter);
      stream.update(zeros.subarray(0, skip));
      for (let at = start; at < end; at += pieceBytes) {
        yield stream.update(zeros.subarray(0, Math.min(pieceBytes, end - at)));
      }
    },
  };
}

/** Contents one after another, as an upload in chunks leaves them. */
export function joinedContent(parts: readonly Content[]): Content {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    *read(start, end) {
      let base = 0;
      for (const part of parts) {
        const from = Math.max(start - base, 0);
        const to = Math.min(end - base, part.sizeBytes);
        if (from < to) yield* part.read(from, to);
        base += part.sizeBytes;
      }
    },
  };
}

/** Content of which only the size is known any more; reading it throws. */
function forgottenContent(sizeBytes: number): Content {
  return {
    sizeBytes,
    read() {
      throw new Error("this stand-in was told not to keep the bytes of uploads");
    },
  };
}

/** A person's way to say what a file holds: text, bytes, or a size and a seed. */
export function contentOf(given: string | Uint8Array | Generated): Content {
  if (typeof given === "string") return bytesContent(Buffer.from(given));
  return given instanceof Uint8Array ? bytesContent(given) : generatedContent(given);
}

/** All bytes of a content at once; for tests and small files. */
export function readWhole(content: Content): Buffer {
  return Buffer.concat([...content.read(0, content.sizeBytes)]);
}

/**
 * Takes uploads in. With `keepBytes` equal bytes are kept once; without, only their size is kept, so that
 * a gigabyte passes through at the memory of one piece. Hash by `onPiece` what must be known later.
 */
export function createContentStore({ keepBytes }: { readonly keepBytes: boolean }): Receiver {
  const bySha256 = new Map<string, WeakRef<Content>>();
  return {
    async receive(body, onPiece) {
      const pieces: Uint8Array[] = [];
      const sha256 = createHash("sha256");
      let sizeBytes = 0;
      for await (const piece of body) {
        onPiece?.(piece);
        sizeBytes += piece.byteLength;
        if (!keepBytes) continue;
        sha256.update(piece);
        pieces.push(piece);
      }
      if (!keepBytes) return forgottenContent(sizeBytes);
      const key = sha256.digest("hex");
      const known = bySha256.get(key)?.deref();
      if (known !== undefined) return known;
      const content = bytesContent(Buffer.concat(pieces, sizeBytes));
      bySha256.set(key, new WeakRef(content));
      return content;
    },
  };
}
