import { createHash, type Hash } from "node:crypto";
import type { Content } from "../kit/content.ts";

/** Dropbox docs: content_hash, the SHA-256 over the SHA-256 of each block of 4 MiB. */
export interface ContentHasher {
  update(bytes: Uint8Array): void;
  /** SHA-256 of each block so far, the last perhaps partial; the hasher can go on. */
  blocks(): readonly Buffer[];
  digest(): string;
  /** Goes on from here without touching this one, so that an append can be given up. */
  fork(): ContentHasher;
}

/** Bytes in a block, and the unit of concurrent upload sessions. */
export const blockBytes = 4 * 1024 * 1024;

/** Hashes bytes as they come. */
export function createContentHasher(): ContentHasher {
  return hasherFrom([], createHash("sha256"), 0);
}

/** The content_hash of whole blocks whose digests are known. */
export function hashOfBlocks(blocks: readonly Buffer[]): string {
  return createHash("sha256").update(Buffer.concat(blocks)).digest("hex");
}

/** The content_hash of something stored. */
export function contentHashOf(content: Content): string {
  const hasher = createContentHasher();
  for (const piece of content.read(0, content.sizeBytes)) hasher.update(piece);
  return hasher.digest();
}

function hasherFrom(done: readonly Buffer[], start: Hash, startFilled: number): ContentHasher {
  const blocks = [...done];
  let current = start;
  let filled = startFilled;
  const all = () => (filled === 0 ? blocks : [...blocks, current.copy().digest()]);
  return {
    update(bytes) {
      for (let at = 0; at < bytes.byteLength; ) {
        const piece = bytes.subarray(at, at + blockBytes - filled);
        current.update(piece);
        filled += piece.byteLength;
        at += piece.byteLength;
        if (filled < blockBytes) continue;
        blocks.push(current.digest());
        current = createHash("sha256");
        filled = 0;
      }
    },
    blocks: all,
    digest: () => hashOfBlocks(all()),
    fork: () => hasherFrom(blocks, current.copy(), filled),
  };
}
