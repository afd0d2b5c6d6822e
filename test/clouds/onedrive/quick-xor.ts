/** Computes quickXorHash piece by piece (Microsoft: "Code snippets: QuickXorHash algorithm"). */
export interface QuickXor {
  update(piece: Uint8Array): void;
  /** Another one that has seen the same bytes. */
  fork(): QuickXor;
  /** Base64 of the 20 bytes. */
  digest(): string;
}

const widthBits = 160;
const shiftBits = 11;

export function createQuickXor(): QuickXor {
  return quickXorOf(new Uint8Array(widthBits), 0);
}

/**
 * Byte i goes to bit 11 * i of a ring of 160 bits, so that bytes that are 160 apart meet: `folded` has them
 * combined, and is spread over the ring only in the end.
 */
function quickXorOf(folded: Uint8Array, seenBytes: number): QuickXor {
  let lengthBytes = seenBytes;
  return {
    update(piece) {
      const toBlock = (widthBits - (lengthBytes % widthBits)) % widthBits;
      foldBytes(folded, piece.subarray(0, toBlock), lengthBytes % widthBits);
      const rest = piece.subarray(toBlock);
      const whole = rest.byteLength - (rest.byteLength % widthBits);
      foldBlocks(folded, rest.subarray(0, whole));
      foldBytes(folded, rest.subarray(whole), 0);
      lengthBytes += piece.byteLength;
    },
    fork: () => quickXorOf(folded.slice(), lengthBytes),
    digest() {
      const hash = Buffer.alloc(widthBits / 8);
      for (const [index, byte] of folded.entries()) {
        for (let bit = 0; bit < 8; bit += 1) {
          const at = (index * shiftBits + bit) % widthBits;
          const octet = at >> 3;
          hash[octet] = (hash[octet] ?? 0) ^ (((byte >> bit) & 1) << (at & 7));
        }
      }
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(lengthBytes));
      for (const [index, byte] of length.entries())
        hash[12 + index] = (hash[12 + index] ?? 0) ^ byte;
      return hash.toString("base64");
    },
  };
}

function foldBytes(folded: Uint8Array, bytes: Uint8Array, at: number): void {
  for (const [index, byte] of bytes.entries())
    folded[at + index] = (folded[at + index] ?? 0) ^ byte;
}

/** Four bytes at a time: most of a stand-in's work on an upload is here. */
function foldBlocks(folded: Uint8Array, blocks: Uint8Array): void {
  const aligned = blocks.byteOffset % 4 === 0 ? blocks : new Uint8Array(blocks);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  const sums = new Uint32Array(folded.buffer, folded.byteOffset, widthBits / 4);
  for (let index = 0, at = 0; index < words.length; index += 1) {
    sums[at] = (sums[at] ?? 0) ^ (words[index] ?? 0);
    at = at + 1 === sums.length ? 0 : at + 1;
  }
}
