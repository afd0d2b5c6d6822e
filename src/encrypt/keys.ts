import { randomBytes } from "node:crypto";
import type { Encryption } from "../core/rule.ts";
import { type FileKey, findHeaderEnd } from "./age.ts";
import { createNameCipher, type NameCipher } from "./names.ts";
import { passphraseIdentity, passphraseRecipient, stretchNow } from "./passphrase.ts";

/** The keys of a rule's encryption, ready for use. */
export interface Keys {
  /** A new file's. */
  make(): Promise<FileKey>;
  /** The secret of the file with this header; null: it is for other keys, or was altered. */
  open(header: Uint8Array): Promise<Uint8Array | null>;
  /** Whether there is anything that opens files. */
  readonly canOpen: boolean;
  /** Null: names stay as they are. */
  readonly names: NameCipher | null;
}

/** Loaded when the first file is encrypted: it takes longer than all else that a start does. */
const age = () => import("age-encryption");

/** Of keys that are right, as the configuration is checked for. */
export function openKeys(encryption: Encryption): Keys {
  const { recipients, passphrase, identities } = encryption;

  async function decrypter() {
    const { Decrypter } = await age();
    const made = new Decrypter();
    for (const identity of identities) made.addIdentity(identity);
    if (passphrase !== null) made.addIdentity(passphraseIdentity(passphrase));
    return made;
  }

  return {
    canOpen: passphrase !== null || identities.length > 0,
    names: encryption.names ? createNameCipher(nameSecret(encryption)) : null,
    async make() {
      const { Encrypter } = await age();
      const encrypter = new Encrypter();
      let secret = new Uint8Array();
      const learn = (given: Uint8Array) => {
        secret = Uint8Array.from(given);
      };
      if (passphrase !== null) encrypter.addRecipient(passphraseRecipient(passphrase, learn));
      else {
        for (const recipient of recipients) encrypter.addRecipient(recipient);
        encrypter.addRecipient({
          wrapFileKey(given) {
            learn(given);
            return [];
          },
        });
      }
      // The library makes whole files; of an empty one the header is what is wanted.
      const empty = await encrypter.encrypt(new Uint8Array());
      const end = findHeaderEnd(empty);
      if (typeof end !== "number") throw new Error("age: the header has no end");
      return { header: empty.slice(0, end), secret, nonce: randomBytes(16) };
    },
    async open(header) {
      const opener = await decrypter();
      try {
        return await opener.decryptHeader(header);
      } catch {
        // The library throws for a key that does not fit and for what it can't parse: neither opens the file.
        return null;
      }
    },
  };
}

/** Names have no room for a salt of their own: a passphrase is stretched with one that is the same everywhere. */
function nameSecret({ passphrase, identities }: Encryption): string {
  if (passphrase === null) return identities[0] ?? "";
  return stretchNow(passphrase, "syncline names").toString("hex");
}
