import { createPrivateKey, createPublicKey } from "node:crypto";
import { bech32 } from "@scure/base";
import type { Encryption } from "../core/rule.ts";
import type { ValuePath } from "./document.ts";
import type { RulePart } from "./schema.ts";
import { ValueError } from "./units.ts";

/** What a rule says of its encryption: age's recipients and identities (https://age-encryption.org/v1, "X25519"). */

/** Instead of recipients: `passphrase` is what encrypts. */
const byPassphrase = "passphrase";

/** Shorter ones are guessed from a stolen file alone. */
const shortestPassphrase = 12;

/** An age recipient, or `passphrase`. */
export function parseRecipient(text: string): string {
  if (text === byPassphrase) return text;
  if (text.startsWith("AGE-SECRET-KEY-")) {
    throw new ValueError(
      'a secret key stands where a recipient belongs: "encrypt" takes its public half, age1..., and "identity" the key',
    );
  }
  if (!text.startsWith("age1")) {
    throw new ValueError(
      `"${text}" is not an age recipient: they begin with age1 (age-keygen makes one), or write passphrase`,
    );
  }
  if (bytesOf(text, "age") !== null) return text;
  throw new ValueError(
    `"${text}" is not an age recipient: a character is missing or wrong, or it is one of another kind than X25519 (62 characters)`,
  );
}

/** The keys in what `identity` gives: a key, or the content of a file that `age-keygen` wrote. */
export function identitiesIn(given: string | readonly string[] | undefined): readonly string[] {
  const texts = typeof given === "string" ? [given] : (given ?? []);
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/** The recipient whose files an identity opens; null: it is none. */
export function recipientOf(identity: string): string | null {
  const secret = identity.startsWith("AGE-SECRET-KEY-1")
    ? bytesOf(identity.toLowerCase(), "age-secret-key-")
    : null;
  if (!secret) return null;
  // RFC 8410: what goes before the 32 bytes of an X25519 key.
  const der = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), secret]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return bech32.encode("age", bech32.toWords(spki.subarray(-32)), false);
}

function bytesOf(text: string, prefix: string): Uint8Array | null {
  const decoded = bech32.decodeUnsafe(text, false);
  const bytes = decoded?.prefix === prefix ? bech32.fromWordsUnsafe(decoded.words) : null;
  return bytes?.length === 32 ? Uint8Array.from(bytes) : null;
}

type Fields = Pick<RulePart, "encrypt" | "passphrase" | "identity" | "encryptNames" | "mode">;

/** Null: content is sent as it is. Of fields in which nothing is wrong. */
export function toEncryption(fields: Fields): Encryption | null {
  const { encrypt, passphrase, encryptNames = false } = fields;
  if (!encrypt) return null;
  return {
    recipients: encrypt.filter((each) => each !== byPassphrase),
    passphrase: encrypt.includes(byPassphrase) ? (passphrase ?? null) : null,
    identities: identitiesIn(fields.identity),
    names: encryptNames,
  };
}

/** What is wrong with what a rule says of it; no message holds a secret. */
export function* encryptionProblems(
  fields: Fields,
): Generator<{ readonly path: ValuePath; readonly message: string }> {
  const { encrypt, passphrase, identity, encryptNames, mode } = fields;
  if (!encrypt) {
    for (const name of ["passphrase", "identity", "encryptNames"] as const) {
      if (fields[name] === undefined || fields[name] === false) continue;
      const message = `"${name}" goes with "encrypt", which is not there: add "encrypt: ${name === "passphrase" ? "passphrase" : "age1..."}"`;
      yield { path: [name], message };
    }
    return;
  }
  const isByPassphrase = encrypt.includes(byPassphrase);
  if (isByPassphrase && encrypt.length > 1) {
    const message = "age takes a passphrase or recipients, never both: keep one of them";
    yield { path: ["encrypt"], message };
  } else if (isByPassphrase && passphrase === undefined) {
    const message = '"encrypt: passphrase" needs the passphrase: add "passphrase: $NAME"';
    yield { path: ["encrypt"], message };
  } else if (!isByPassphrase && passphrase !== undefined) {
    const message = 'it goes with "encrypt: passphrase", and "encrypt" names recipients';
    yield { path: ["passphrase"], message };
  }
  if (isByPassphrase && passphrase !== undefined && passphrase.length < shortestPassphrase) {
    const message = `it is too short: take ${shortestPassphrase} characters or more`;
    yield { path: ["passphrase"], message };
  }
  yield* identityProblems(encrypt, identity, isByPassphrase);
  const canOpen = isByPassphrase || identity !== undefined;
  if (mode === "two-way" && !canOpen) {
    const message =
      '"mode: two-way" has to read what it encrypted: add "identity: $file:/path" with the key (AGE-SECRET-KEY-1...)';
    yield { path: ["encrypt"], message };
  }
  if (encryptNames && !canOpen) {
    const message =
      'names are encrypted with the key that opens them: add "identity: $file:/path" with it (AGE-SECRET-KEY-1...)';
    yield { path: ["encryptNames"], message };
  }
}

function* identityProblems(
  recipients: readonly string[],
  given: Fields["identity"],
  isByPassphrase: boolean,
): Generator<{ readonly path: ValuePath; readonly message: string }> {
  if (given === undefined) return;
  const path = ["identity"];
  const identities = identitiesIn(given);
  const known = identities.map(recipientOf);
  if (isByPassphrase) {
    yield { path, message: 'it goes with recipients, and "encrypt" says passphrase' };
  } else if (identities.length === 0 || known.includes(null)) {
    const message =
      "it is no age identity: they are AGE-SECRET-KEY-1... (74 characters), or the file that age-keygen wrote";
    yield { path, message };
  } else if (!recipients.some((each) => known.includes(each))) {
    const message = `it opens nothing that this rule writes: add its recipient ${known[0]} to "encrypt", or give the key of one that is there`;
    yield { path, message };
  }
}
