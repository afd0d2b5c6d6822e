import { createHash, type Hash } from "node:crypto";
import type { Content, Receiver } from "../kit/content.ts";
import type { BlobHashes } from "./item.ts";

/** Bytes together with what Drive reports of them. */
export interface Blob {
  readonly content: Content;
  readonly hashes: BlobHashes;
}

/** Computes a blob's hashes piece by piece. */
export interface BlobHasher {
  update(piece: Uint8Array): void;
  /** Another one that has seen the same bytes. */
  fork(): BlobHasher;
  /** Ends it. */
  digest(): BlobHashes;
}

export function createBlobHasher(): BlobHasher {
  return hasherOf(createHash("md5"), createHash("sha1"), createHash("sha256"));
}

function hasherOf(md5: Hash, sha1: Hash, sha256: Hash): BlobHasher {
  return {
    update(piece) {
      for (const hash of [md5, sha1, sha256]) hash.update(piece);
    },
    fork: () => hasherOf(md5.copy(), sha1.copy(), sha256.copy()),
    digest: () => ({
      md5: md5.digest("hex"),
      sha1: sha1.digest("hex"),
      sha256: sha256.digest("hex"),
    }),
  };
}

/** A blob of known content; it is read for its hashes only when they are first asked for. */
export function blobOf(content: Content): Blob {
  let hashes: BlobHashes | null = null;
  return {
    content,
    get hashes() {
      hashes ??= hashWhole(content);
      return hashes;
    },
  };
}

function hashWhole(content: Content): BlobHashes {
  const hasher = createBlobHasher();
  for (const piece of content.read(0, content.sizeBytes)) hasher.update(piece);
  return hasher.digest();
}

/** Takes an upload in, hashing as it passes. Rejects when the body breaks off. */
export async function receiveBlob(store: Receiver, body: AsyncIterable<Uint8Array>): Promise<Blob> {
  const hasher = createBlobHasher();
  const content = await store.receive(body, (piece) => hasher.update(piece));
  return { content, hashes: hasher.digest() };
}
