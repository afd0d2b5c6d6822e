import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const keyBytes = 32;

/**
 * The key that seals tokens at rest: `SYNCLINE_KEY`, or the content of the file that `SYNCLINE_KEY_FILE`
 * names, or `key` in the data folder, made on the first start and readable by its owner alone. A text
 * that isn't 32 bytes of base64 or hex is taken as a passphrase of at least 16 characters.
 */
export function loadKey(
  env: Readonly<Record<string, string | undefined>>,
  dataFolder: string,
): Uint8Array {
  if (env.SYNCLINE_KEY) return parseKey(env.SYNCLINE_KEY, "SYNCLINE_KEY");
  if (env.SYNCLINE_KEY_FILE) {
    return parseKey(readFileSync(env.SYNCLINE_KEY_FILE, "utf8"), env.SYNCLINE_KEY_FILE);
  }
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = join(dataFolder, "key");
  if (!existsSync(file)) makeKey(file);
  return parseKey(readFileSync(file, "utf8"), file);
}

/** Appears whole or not at all; of two first starts at once, one makes the key and both use it. */
function makeKey(file: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(keyBytes).toString("base64")}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
}

function parseKey(given: string, where: string): Uint8Array {
  const text = given.trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  const decoded = Buffer.from(text, "base64");
  if (decoded.length === keyBytes && decoded.toString("base64") === text) return decoded;
  if (text.length < 16) {
    throw new Error(
      `${where}: the key is too short: give 32 bytes in base64 or hex, or 16 characters`,
    );
  }
  return createHash("sha256").update(text).digest();
}

/** Another secret for each purpose, which tells nothing of the key: 32 bytes in base64. */
export function deriveSecret(key: Uint8Array, purpose: string): string {
  const none = new Uint8Array();
  return Buffer.from(hkdfSync("sha256", key, none, purpose, keyBytes)).toString("base64");
}
