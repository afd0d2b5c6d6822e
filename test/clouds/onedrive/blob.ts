import { createHash, type Hash } from "node:crypto";
import type { Content, Receiver } from "../kit/content.ts";
import { createQuickXor, type QuickXor } from "./quick-xor.ts";

/** Hashes as `file.hashes` shows them: quickXorHash in base64, the others in upper-case hex. */
export interface Hashes {
  readonly quickXor: string;
  readonly sha1: string;
  readonly sha256: string;
}

/** Bytes together with what the service reports of them. */
export interface Blob {
  readonly content: Content;
  readonly hashes: Hashes;
}

/** Computes a blob's hashes piece by piece. */
export interface BlobHasher {
  update(piece: Uint8Array): void;
  /** Another one that has seen the same bytes. */
  fork(): BlobHasher;
  /** Ends it. */
  digest(): Hashes;
}

export function createBlobHasher(): BlobHasher {
  return hasherOf(createQuickXor(), createHash("sha1"), createHash("sha256"));
}

function hasherOf(quickXor: QuickXor, sha1: Hash, sha256: Hash): BlobHasher {
  return {
    update(piece) {
      quickXor.update(piece);
      sha1.update(piece);
      sha256.update(piece);
    },
    fork: () => hasherOf(quickXor.fork(), sha1.copy(), sha256.copy()),
    digest: () => ({
      quickXor: quickXor.digest(),
      sha1: sha1.digest("hex").toUpperCase(),
      sha256: sha256.digest("hex").toUpperCase(),
    }),
  };
}

/** A blob of known content; it is read for its hashes only when they are first asked for. */
export function blobOf(content: Content): Blob {
  let hashes: Hashes | null = null;
  return {
    content,
    get hashes() {
      hashes ??= hashWhole(content);
      return hashes;
    },
  };
}

function hashWhole(content: Content): Hashes {
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
