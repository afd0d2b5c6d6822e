import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Whether a signature is the HMAC-SHA256 of these bytes, in lower-case hex. */
export function isSigned(body: Uint8Array, signature: string, secret: string): boolean {
  return isSame(signature, createHmac("sha256", secret).update(body).digest("hex"));
}
