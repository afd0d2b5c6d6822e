import { createCipheriv, createDecipheriv, randomBytes, scrypt, scryptSync } from "node:crypto";
import { promisify } from "node:util";
import type { Identity, Recipient } from "age-encryption";

/**
 * age's passphrases (https://age-encryption.org/v1, "The scrypt recipient type"), by the runtime's own scrypt, in a
 * thread of its own and one at a time: that of the library blocks all else for a second each.
 */

/**
 * N = 2^15, r = 8, p = 1: 32 MiB and about 0.1 s for each file, which a small server can bear. What opens may have been
 * made elsewhere with as much as 1 GiB.
 */
const workFactor = 15;
const maxWorkFactor = 20;
const saltBytes = 16;
const label = Buffer.from("age-encryption.org/v1/scrypt");

/** Wraps a file's secret under the passphrase; `learn` gets the secret, too. */
export function passphraseRecipient(
  passphrase: string,
  learn: (secret: Uint8Array) => void,
): Recipient {
  return {
    async wrapFileKey(secret) {
      learn(secret);
      const { Stanza } = await import("age-encryption");
      const salt = randomBytes(saltBytes);
      const key = await stretch(passphrase, Buffer.concat([label, salt]));
      const cipher = createCipheriv("chacha20-poly1305", key, Buffer.alloc(12), {
        authTagLength: 16,
      });
      const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(["scrypt", withoutPadding(salt), String(workFactor)], sealed)];
    },
  };
}

/** Opens what any age has wrapped under the passphrase. */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const [stanza] = stanzas;
      const [type, saltText = "", factorText = ""] = stanza?.args ?? [];
      if (!stanza || type !== "scrypt" || stanzas.length !== 1) return null;
      const salt = Buffer.from(saltText, "base64");
      const factor = /^[1-9]\d?$/.test(factorText) ? Number(factorText) : Number.NaN;
      if (salt.length !== saltBytes || !(factor <= maxWorkFactor) || stanza.body.length !== 32) {
        return null;
      }
      const key = await stretch(passphrase, Buffer.concat([label, salt]), factor);
      const decipher = createDecipheriv("chacha20-poly1305", key, Buffer.alloc(12), {
        authTagLength: 16,
      });
      decipher.setAuthTag(stanza.body.slice(16));
      const secret = decipher.update(stanza.body.slice(0, 16));
      try {
        decipher.final();
      } catch {
        // The only failure that `final` knows: it is another passphrase's.
        return null;
      }
      return secret;
    },
  };
}

const scryptOf = promisify<string, Uint8Array, number, object, Buffer>(scrypt);
const costOf = (factor: number) => {
  const N = 2 ** factor;
  return { N, r: 8, p: 1, maxmem: 2 * 1024 * N };
};
let last: Promise<unknown> = Promise.resolve();

/** 32 bytes of the passphrase; each takes 2^`factor` KiB while it lasts, so that there is only one at a time. */
function stretch(passphrase: string, salt: Uint8Array, factor = workFactor): Promise<Uint8Array> {
  const made = last.then(() => scryptOf(passphrase, salt, 32, costOf(factor)));
  // Whoever asked hears of a failure; the next one only waits.
  last = made.catch(() => {});
  return made;
}

/** The same while all else waits. */
export const stretchNow = (passphrase: string, salt: string): Buffer =>
  scryptSync(passphrase, salt, 32, costOf(workFactor));

const withoutPadding = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
