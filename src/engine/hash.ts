import { createHash } from "node:crypto";
import type { Content } from "../core/content.ts";
import type { Hashes } from "../core/entry.ts";

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

interface Pass {
  update(chunk: Uint8Array): void;
  digest(): string;
}

/** SHA-256 of the SHA-256 digests of 4 MiB blocks (Dropbox docs: "Content hash"). */
function createDropboxHash(): Pass {
  const blockBytes = 4 * 1024 * 1024;
  const whole = createHash("sha256");
  let block = createHash("sha256");
  let filled = 0;
  return {
    update(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + blockBytes - filled);
        block.update(part);
        filled += part.length;
        at += part.length;
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

/**
 * Microsoft's QuickXorHash: each byte is XORed into a 160-bit ring, 11 bits further than the one before;
 * the length goes into the last 8 bytes (OneDrive docs: "Code snippets: QuickXorHash algorithm").
 *
 * 160 bytes later the ring is where it began, so all bytes of one residue modulo 160 may be XORed
 * together first, a word at a time, and be turned once at the end.
 */
function createQuickXor(): Pass {
  const ringBytes = 160;
  const words = new Uint32Array(ringBytes / 4);
  const sums = new Uint8Array(words.buffer);
  let lengthBytes = 0;

  function xorBlocks(chunk: Uint8Array, from: number): number {
    const blocks = Math.floor((chunk.length - from) / ringBytes);
    const aligned = (chunk.byteOffset + from) % 4 === 0 ? chunk : chunk.slice(from);
    const start = aligned === chunk ? chunk.byteOffset + from : aligned.byteOffset;
    const view = new Uint32Array(aligned.buffer, start, (blocks * ringBytes) / 4);
    for (let at = 0; at < view.length; at += words.length) {
      for (let word = 0; word < words.length; word++) {
        words[word] = (words[word] ?? 0) ^ (view[at + word] ?? 0);
      }
    }
    return blocks * ringBytes;
  }

  return {
    update(chunk) {
      let at = 0;
      const single = () => {
        const slot = lengthBytes % ringBytes;
        sums[slot] = (sums[slot] ?? 0) ^ (chunk[at] ?? 0);
        lengthBytes++;
        at++;
      };
      while (at < chunk.length && lengthBytes % ringBytes !== 0) single();
      const taken = xorBlocks(chunk, at);
      at += taken;
      lengthBytes += taken;
      while (at < chunk.length) single();
    },
    digest() {
      const ring = Buffer.alloc(20);
      const flip = (at: number, bits: number) => ring.writeUInt8((ring[at] ?? 0) ^ bits, at);
      for (const [index, sum] of sums.entries()) {
        const bit = (index * 11) % ringBytes;
        const shifted = sum << (bit % 8);
        flip(bit >> 3, shifted & 0xff);
        flip(((bit >> 3) + 1) % ring.length, shifted >> 8);
      }
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(lengthBytes));
      for (const [index, byte] of length.entries()) flip(12 + index, byte);
      return ring.toString("base64");
    },
  };
}
