import { hkdfSync } from "node:crypto";

/** Another secret for each purpose, which tells nothing of the key: 32 bytes in base64. */
export function deriveSecret(key: Uint8Array, purpose: string): string {
  return derived(key, purpose).toString("base64");
}

/** What signs the cookies of people and encrypts their second factors. */
export const signInPurpose = "sign-in";

/** What proves that a public address leads to this installation. */
export const itselfPurpose = "itself";

/** What seals plans that are reviewed before they are carried out. */
export const planPurpose = "plan";

/** By which people and states know a key: 12 hexadecimal digits, from which it can't be had. */
export const keyId = (key: Uint8Array): string => derived(key, "id").toString("hex").slice(0, 12);

const derived = (key: Uint8Array, purpose: string) =>
  Buffer.from(hkdfSync("sha256", key, new Uint8Array(), purpose, 32));
