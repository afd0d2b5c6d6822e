import { createHash } from "node:crypto";
import { createDropboxHash } from "../../src/core/dropbox-hash.ts";

/**
 * The SHA-256s of the blocks of some bytes, joined. Of bytes that lie at a multiple of 4 MiB in a file they are
 * a part of what its content_hash is made of, so that no byte is hashed twice.
 */
export function blocksOf(bytes: Uint8Array): Buffer {
  const digests: Uint8Array[] = [];
  const kept = { update: (digest: Uint8Array) => digests.push(digest), digest: () => "" };
  const hash = createDropboxHash(kept);
  hash.update(bytes);
  hash.digest();
  return Buffer.concat(digests);
}

/** The content_hash of the bytes that these are the blocks of. */
export function hashOfBlocks(blocks: Uint8Array): string {
  return createHash("sha256").update(blocks).digest("hex");
}
