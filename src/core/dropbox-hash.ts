import { createHash } from "node:crypto";

/** At multiples of this the hash depends on nothing but the digests of whole blocks. */
export const blockBytes = 4 * 1024 * 1024;

/** A SHA-256 under way. */
export interface Digesting {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}

/** Takes bytes in pieces of any size. */
export interface DropboxHash {
  update(bytes: Uint8Array): void;
  /** Lower-case hex of all bytes so far; ends the hash. */
  digest(): string;
}

/**
 * Dropbox's content_hash: the SHA-256 of the joined binary SHA-256s of each 4 MiB (Dropbox docs:
 * "Content hash"). `whole` takes the digests of the blocks; one that has taken some already stands for what came
 * before.
 */
export function createDropboxHash(whole: Digesting = createHash("sha256")): DropboxHash {
  let block = createHash("sha256");
  let filled = 0;
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + blockBytes - filled);
        block.update(piece);
        filled += piece.length;
        at += piece.length;
        if (filled < blockBytes) continue;
        whole.update(block.digest());
        block = createHash("sha256");
        filled = 0;
      }
    },
    digest() {
      if (filled > 0) whole.update(block.digest());
      return whole.digest("hex");
    },
  };
}

/** The content_hash of bytes that are all there. */
export function dropboxHashOf(bytes: Uint8Array): string {
  const hash = createDropboxHash();
  hash.update(bytes);
  return hash.digest();
}
