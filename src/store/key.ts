import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { keyId } from "./derived.ts";
import { stateFile } from "./open.ts";
import { keyOfState } from "./sealed-with.ts";

const keyBytes = 32;

type Environment = Readonly<Record<string, string | undefined>>;

/** The state needs a key that is not there; none is made in its place. */
export class MissingKey extends Error {
  override readonly name = "MissingKey";
}

/**
 * The key that seals secrets at rest: `SYNCLINE_KEY`, or the content of the file that `SYNCLINE_KEY_FILE`
 * names, or `key` in the data folder, made on the first start and readable by its owner alone. A text
 * that isn't 32 bytes of base64 or hex is taken as a passphrase of at least 16 characters. A change of the key that was
 * cut off is finished. `MissingKey` as with `findKey`.
 */
export function loadKey(env: Environment, dataFolder: string): Uint8Array {
  const found = findKey(env, dataFolder);
  if (found) return found;
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  makeKey(keyFile(dataFolder));
  return readKey(keyFile(dataFolder));
}

/** The same where there is one; null: none was made yet. `MissingKey` when the state is sealed with one that is gone. */
export function findKey(env: Environment, dataFolder: string): Uint8Array | null {
  if (env.SYNCLINE_KEY) return parseKey(env.SYNCLINE_KEY, "SYNCLINE_KEY");
  if (env.SYNCLINE_KEY_FILE) return readKey(env.SYNCLINE_KEY_FILE);
  const file = keyFile(dataFolder);
  finishKeyChange(dataFolder);
  if (existsSync(file)) return readKey(file);
  refuseMissing(dataFolder);
  return null;
}

/** Whether the key comes from outside the data folder. */
export const isKeyGiven = (env: Environment): boolean =>
  Boolean(env.SYNCLINE_KEY || env.SYNCLINE_KEY_FILE);

export const keyFile = (dataFolder: string) => join(dataFolder, "key");
/** Where a key is kept that gave way to another: backups from before open with it. */
export const formerKeyFile = (dataFolder: string, id: string) => join(dataFolder, `key.${id}`);
const nextKeyFile = (dataFolder: string) => join(dataFolder, "key.next");

export const readKey = (file: string): Uint8Array => parseKey(readFileSync(file, "utf8"), file);

export const newKey = (): Uint8Array => randomBytes(keyBytes);

/** `where`: what the text was taken from, for messages, which never show it. */
export function parseKey(given: string, where: string): Uint8Array {
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

/** Puts the next key beside the one that is in use, whole or not at all; to be done before anything is sealed with it. */
export function prepareKeyChange(dataFolder: string, key: Uint8Array): void {
  const file = nextKeyFile(dataFolder);
  const draft = `${file}.part`;
  rmSync(draft, { force: true });
  writeFileSync(draft, asText(key), { mode: 0o600, flush: true });
  renameSync(draft, file);
  syncFolder(file);
}

/**
 * Puts the next key in its place once the state is sealed with it; where the one before is kept, null: there is nothing
 * to finish. Whoever comes first does it: several at once do no harm.
 */
export function finishKeyChange(dataFolder: string): string | null {
  const next = nextKeyFile(dataFolder);
  const file = keyFile(dataFolder);
  const state = stateFile(dataFolder);
  if (!existsSync(next) || !existsSync(state)) return null;
  if (keyOfState(state) !== keyId(readKey(next))) return null;
  const former = existsSync(file) ? formerKeyFile(dataFolder, keyId(readKey(file))) : null;
  if (former !== null) linkUnlessThere(file, former);
  try {
    renameSync(next, file);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  syncFolder(file);
  return former;
}

function refuseMissing(dataFolder: string): void {
  const state = stateFile(dataFolder);
  const needed = existsSync(state) ? keyOfState(state) : null;
  if (needed === null) return;
  const which = needed === "unknown" ? "a key" : `key ${needed}`;
  throw new MissingKey(
    `${keyFile(dataFolder)} is missing, and the state is sealed with ${which}: put it back there, or name its file with SYNCLINE_KEY_FILE`,
  );
}

/** Appears whole or not at all; of two first starts at once, one makes the key and both use it. */
function makeKey(file: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, asText(newKey()), { mode: 0o600, flush: true });
  try {
    linkUnlessThere(draft, file);
  } finally {
    unlinkSync(draft);
  }
}

const asText = (key: Uint8Array) => `${Buffer.from(key).toString("base64")}\n`;

function linkUnlessThere(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/** That a file appeared there survives a power cut. */
function syncFolder(file: string): void {
  // Windows opens no folders.
  if (process.platform === "win32") return;
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const hasCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;
