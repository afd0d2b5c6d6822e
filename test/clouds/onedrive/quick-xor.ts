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
      let at = lengthBytes % widthBits;
      for (const byte of piece) {
        folded[at] = (folded[at] ?? 0) ^ byte;
        at = at + 1 === widthBits ? 0 : at + 1;
      }
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
