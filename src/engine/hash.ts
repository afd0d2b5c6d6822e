import { createHash } from "node:crypto";
import type { Content } from "../core/content.ts";
import { createDropboxHash } from "../core/dropbox-hash.ts";
import type { Hashes } from "../core/entry.ts";
import { createQuickXor } from "../core/quick-xor.ts";

/** Computes, in one pass, every hash that any provider reports. */
export interface Hasher {
  /** Bytes taken so far. */
  readonly positionBytes: number;
  update(chunk: Uint8Array): void;
  /** Ends the pass; the hasher takes no more bytes. */
  digest(): Required<Hashes>;
}

export function createHasher(): Hasher {
  const plain = { sha256: createHash("sha256"), md5: createHash("md5"), sha1: createHash("sha1") };
  const dropbox = createDropboxHash();
  const quickXor = createQuickXor();
  let positionBytes = 0;
  return {
    get positionBytes() {
      return positionBytes;
    },
    update(chunk) {
      positionBytes += chunk.length;
      plain.sha256.update(chunk);
      plain.md5.update(chunk);
      plain.sha1.update(chunk);
      dropbox.update(chunk);
      quickXor.update(chunk);
    },
    digest: () => ({
      sha256: plain.sha256.digest("hex"),
      md5: plain.md5.digest("hex"),
      sha1: plain.sha1.digest("hex"),
      dropbox: dropbox.digest(),
      quickXor: quickXor.digest(),
    }),
  };
}

/** What a whole pass learned. */
export function contentOf(hasher: Hasher): Content {
  return { sizeBytes: hasher.positionBytes, hashes: hasher.digest() };
}
