import { createHash } from "node:crypto";
import { blockBytes } from "../../src/core/dropbox-hash.ts";

/**
 * The SHA-256s of the blocks of some bytes, joined. Of bytes that lie at a multiple of 4 MiB in a file they are
 * a part of what its content_hash is made of, so that no byte is hashed twice.
 */
export function blocksOf(bytes: Uint8Array): Buffer {
  const digests: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    digests.push(createHash("sha256").update(block).digest());
  }
  return Buffer.concat(digests);
}

/** The content_hash of the bytes that these are the blocks of. */
export function hashOfBlocks(blocks: Uint8Array): string {
  return createHash("sha256").update(blocks).digest("hex");
}
