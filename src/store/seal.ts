import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts and authenticates `text`; `context` (who it belongs to) must be the same when unsealing. */
export function seal(key: Uint8Array, text: string, context: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce);
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** What seals for one state, and opens again. */
export interface Sealer {
  /** Throws where the key was not given. */
  seal(text: string, context: string): Buffer;
  /** As `unseal`; null as well where the key was not given. */
  unseal(sealed: Uint8Array, context: string): string | null;
}

/** `key` null: for those who need nothing that is sealed. */
export const createSealer = (key: Uint8Array | null): Sealer => ({
  seal(text, context) {
    if (key === null) throw new Error(`${context}: nothing can be sealed without the key`);
    return seal(key, text, context);
  },
  unseal: (sealed, context) => (key === null ? null : unseal(key, sealed, context)),
});

/** The text again; null when it was sealed with another key or context, or altered. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): string | null {
  if (sealed.length < nonceBytes + tagBytes) return null;
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    const body = decipher.update(sealed.subarray(nonceBytes + tagBytes));
    return Buffer.concat([body, decipher.final()]).toString("utf8");
  } catch {
    // The only failure that `final` knows: the tag does not fit.
    return null;
  }
}
