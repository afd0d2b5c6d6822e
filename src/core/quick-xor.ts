/** Computes a QuickXorHash in one pass. */
export interface QuickXor {
  update(chunk: Uint8Array): void;
  /** Base64, as Graph reports it. May be asked for at any time. */
  digest(): string;
  /** All that has come so far, as text; another one goes on from it. */
  save(): string;
}

/** Where the ring of 160 bits is again where it began. */
const turnBytes = 160;

/**
 * OneDrive API docs, "Code snippets: QuickXorHash algorithm": each byte is XORed into a ring of 160 bits, 11
 * bits further on than the one before, and the length into its last 8 bytes. All bytes of one residue modulo
 * 160 meet at one place, so they are XORed together first, and put into the ring at the end. Goes on from what
 * another one has `saved`.
 */
export function createQuickXor(saved?: string): QuickXor {
  const words = new Uint32Array(turnBytes / 4);
  const sums = new Uint8Array(words.buffer);
  let lengthBytes = 0;
  if (saved !== undefined) {
    const state = Buffer.from(saved, "base64");
    sums.set(state.subarray(0, turnBytes));
    lengthBytes = Number(state.readBigUInt64LE(turnBytes));
  }

  function addBytes(bytes: Uint8Array) {
    for (const [index, byte] of bytes.entries()) {
      const slot = (lengthBytes + index) % turnBytes;
      sums[slot] = (sums[slot] ?? 0) ^ byte;
    }
    lengthBytes += bytes.length;
  }

  /** Whole turns, four bytes at a time. */
  function addTurns({ buffer, byteOffset, length }: Uint8Array) {
    const view = new Uint32Array(buffer, byteOffset, length / 4);
    for (let at = 0; at < view.length; at += words.length) {
      for (let word = 0; word < words.length; word++) {
        words[word] = (words[word] ?? 0) ^ (view[at + word] ?? 0);
      }
    }
    lengthBytes += length;
  }

  return {
    update(chunk) {
      const begun = Math.min(chunk.length, (turnBytes - (lengthBytes % turnBytes)) % turnBytes);
      const turns = chunk.length - begun - ((chunk.length - begun) % turnBytes);
      const middle = chunk.subarray(begun, begun + turns);
      addBytes(chunk.subarray(0, begun));
      addTurns(middle.byteOffset % 4 === 0 ? middle : Uint8Array.from(middle));
      addBytes(chunk.subarray(begun + turns));
    },
    digest() {
      const ring = new Uint8Array(20);
      const flip = (at: number, bits: number) => {
        ring[at % 20] = (ring[at % 20] ?? 0) ^ bits;
      };
      for (const [index, sum] of sums.entries()) {
        const bit = (index * 11) % turnBytes;
        const shifted = sum << (bit % 8);
        flip(bit >> 3, shifted & 0xff);
        flip((bit >> 3) + 1, shifted >> 8);
      }
      for (const [index, byte] of lengthOf().entries()) flip(12 + index, byte);
      return Buffer.from(ring).toString("base64");
    },
    save: () => Buffer.concat([sums, lengthOf()]).toString("base64"),
  };

  function lengthOf(): Buffer {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(lengthBytes));
    return length;
  }
}
