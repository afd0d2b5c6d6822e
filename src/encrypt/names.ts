import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";

/**
 * Encrypted names: `tag || AES-256-CTR(name)` with `tag`, the first 16 bytes of HMAC-SHA-256 over the name, as the
 * counter's start, in lower-case base32hex without padding. One name gives one text under one key, wherever it stands,
 * so that renames and moves stay what they are; whoever sees the texts learns which names are equal and how long they
 * are, and nothing else. README.md says how to read them without Syncline.
 */
export interface NameCipher {
  seal(name: string): string;
  /** Null: not the text of a name under this key. */
  open(text: string): string | null;
}

const tagBytes = 16;
const alphabet = "0123456789abcdefghijklmnopqrstuv";

/** How many bytes a name may have so that its text has at most `limit` characters. */
export const longestName = (limit: number): number => Math.floor((limit * 5) / 8) - tagBytes;

/** `secret`: what the key is derived from, as text; the same one gives the same names for ever. */
export function createNameCipher(secret: string): NameCipher {
  const derive = (use: string) => createHmac("sha256", secret).update(use).digest();
  const [tagKey, textKey] = [derive("syncline names tag"), derive("syncline names text")];
  const tagOf = (name: Uint8Array) =>
    createHmac("sha256", tagKey).update(name).digest().subarray(0, tagBytes);
  return {
    seal(name) {
      const bytes = Buffer.from(name);
      const tag = tagOf(bytes);
      const cipher = createCipheriv("aes-256-ctr", textKey, tag);
      return encode(Buffer.concat([tag, cipher.update(bytes)]));
    },
    open(text) {
      const bytes = decode(text);
      if (!bytes || bytes.length <= tagBytes) return null;
      const tag = bytes.subarray(0, tagBytes);
      const name = createDecipheriv("aes-256-ctr", textKey, tag).update(bytes.subarray(tagBytes));
      return timingSafeEqual(tagOf(name), tag) ? name.toString() : null;
    },
  };
}

/** RFC 4648 section 7, lower case, no padding. */
function encode(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet.charAt((value << (5 - bits)) & 31) : text;
}

/** Null for what `encode` never gives: one text only stands for some bytes. */
function decode(text: string): Buffer | null {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8));
  let at = 0;
  let bits = 0;
  let value = 0;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) return null;
    value = (value << 5) | digit;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.writeUInt8((value >> bits) & 0xff, at++);
    value &= (1 << bits) - 1;
  }
  return value === 0 && bits < 5 ? bytes : null;
}
