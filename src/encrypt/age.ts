import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/**
 * The body of a file in the age format (https://age-encryption.org/v1, "Payload"): 16 bytes of nonce, then the content
 * in chunks of 64 KiB, each sealed with ChaCha20-Poly1305 under its number and whether it is the last one. So any chunk
 * can be made and opened alone, and no cut, swap or repetition goes unseen. The header is the business of keys.ts.
 */

/** Bytes of content in each chunk but the last, which may hold fewer; of an empty file it is empty. */
export const chunkBytes = 64 * 1024;
export const tagBytes = 16;
/** The same chunk as it is stored. */
export const storedChunkBytes = chunkBytes + tagBytes;
export const nonceBytes = 16;
const algorithm = "chacha20-poly1305";

/** What one file is encrypted with. */
export interface FileKey {
  /** As age writes it, up to the end of its last line. */
  readonly header: Uint8Array;
  /** 16 bytes, of this file alone. */
  readonly secret: Uint8Array;
  /** Of this body alone. */
  readonly nonce: Uint8Array;
}

/** Bytes before the first chunk. */
export const headBytes = ({ header }: Pick<FileKey, "header">): number =>
  header.length + nonceBytes;

/** What stands before the first chunk. */
export const headOf = ({ header, nonce }: FileKey): Uint8Array => Buffer.concat([header, nonce]);

const chunksIn = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / chunkBytes));

/** The number of the last chunk of so much content. */
export const lastChunk = (sizeBytes: number): number => chunksIn(sizeBytes) - 1;

/** Bytes of the stored file with so much content. */
export const storedBytes = (key: Pick<FileKey, "header">, sizeBytes: number): number =>
  headBytes(key) + sizeBytes + tagBytes * chunksIn(sizeBytes);

/** The chunk that holds a stored byte; the first one where that is before all. */
export const chunkAt = (key: Pick<FileKey, "header">, storedOffset: number): number =>
  Math.max(0, Math.floor((storedOffset - headBytes(key)) / storedChunkBytes));

/** Where a chunk begins among the stored bytes. */
export const offsetOf = (key: Pick<FileKey, "header">, chunk: number): number =>
  headBytes(key) + chunk * storedChunkBytes;

/** A chunk that is to be stored. */
export interface Sealing {
  readonly chunk: number;
  readonly pieces: readonly Uint8Array[];
  readonly isLast: boolean;
}

/** Seals and opens the chunks of one file. */
export interface ChunkCipher {
  /** Writes a chunk of the content in `pieces` into `stored`, from `at` on; tells where it ends. */
  seal(chunk: Sealing, stored: Uint8Array, at: number): number;
  /** Null: these are not the bytes that were sealed as this chunk. */
  open(chunk: number, stored: Uint8Array, isLast: boolean): Uint8Array | null;
}

export function createChunkCipher({ secret, nonce }: Omit<FileKey, "header">): ChunkCipher {
  const key = new Uint8Array(hkdfSync("sha256", secret, nonce, "payload", 32));
  const ivOf = (chunk: number, isLast: boolean) => {
    const iv = Buffer.alloc(12);
    iv.writeUIntBE(chunk, 5, 6);
    iv.writeUInt8(isLast ? 1 : 0, 11);
    return iv;
  };
  const options = { authTagLength: tagBytes };
  return {
    seal({ chunk, pieces, isLast }, stored, at) {
      const cipher = createCipheriv(algorithm, key, ivOf(chunk, isLast), options);
      let end = at;
      for (const piece of pieces) {
        stored.set(cipher.update(piece), end);
        end += piece.length;
      }
      cipher.final();
      stored.set(cipher.getAuthTag(), end);
      return end + tagBytes;
    },
    open(chunk, stored, isLast) {
      if (stored.length < tagBytes) return null;
      const end = stored.length - tagBytes;
      const decipher = createDecipheriv(algorithm, key, ivOf(chunk, isLast), options);
      decipher.setAuthTag(stored.subarray(end));
      const content = decipher.update(stored.subarray(0, end));
      try {
        decipher.final();
      } catch {
        // The only failure that `final` knows: the tag does not fit.
        return null;
      }
      return content;
    },
  };
}

/** What every file begins with. */
const intro = Buffer.from("age-encryption.org/v1\n");
/** Of the last line of a header, which its MAC follows. */
const footer = Buffer.from("\n--- ");
/** A header for more than 400 recipients; nothing longer is looked at. */
export const maxHeaderBytes = 64 * 1024;

/**
 * Where the header of a stored file ends; `more`: further bytes are needed to say; null: this is no file in the age
 * format.
 */
export function findHeaderEnd(start: Uint8Array): number | "more" | null {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  const known = Math.min(bytes.length, intro.length);
  if (!bytes.subarray(0, known).equals(intro.subarray(0, known))) return null;
  const last = bytes.indexOf(footer);
  const end = last < 0 ? -1 : bytes.indexOf("\n", last + footer.length);
  if (end >= 0) return end + 1;
  return bytes.length > maxHeaderBytes ? null : "more";
}
