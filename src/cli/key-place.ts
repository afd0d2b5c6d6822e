import { existsSync } from "node:fs";
import { reasonOf } from "../config/system-reason.ts";
import { findKey, formerKeyFile, isKeyGiven, keyFile, loadKey, MissingKey } from "../store/key.ts";
import { WrongKey } from "../store/sealed-with.ts";
import { ConfigError } from "./failure.ts";
import type { Shell } from "./shell.ts";

type Place = Pick<Shell, "env" | "data">;

/** In words for people: where the key of a data folder is. */
export function keyPlace({ env, data }: Place): string {
  if (env.SYNCLINE_KEY) return "the key in SYNCLINE_KEY";
  if (env.SYNCLINE_KEY_FILE) return `the key in ${env.SYNCLINE_KEY_FILE}`;
  return `the key in ${keyFile(data)}`;
}

/** Whether there is a key, without making one. */
export const hasKey = ({ env, data }: Place) => isKeyGiven(env) || existsSync(keyFile(data));

/** The key of the data folder; `ConfigError` when what the environment gives is none, or the right one is missing. */
export const shellKey = (shell: Place): Uint8Array =>
  explained(shell, () => loadKey(shell.env, shell.data));

/** The same without making one; null: none is needed yet. */
export const presentKey = (shell: Place): Uint8Array | null =>
  explained(shell, () => findKey(shell.env, shell.data));

function explained<T>({ env }: Place, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof MissingKey) throw new ConfigError(cause.message);
    if (!isKeyGiven(env)) throw cause;
    const reason = reasonOf(cause);
    throw new ConfigError(
      env.SYNCLINE_KEY ? reason : `SYNCLINE_KEY_FILE: ${env.SYNCLINE_KEY_FILE}: ${reason}`,
    );
  }
}

/** What `work` gives; `ConfigError` with what to do when the state is sealed with another key. */
export function withRightKey<T>(shell: Place, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof WrongKey ? wrongKey(shell, error) : error;
  }
}

/** `place`: where the one was taken from that is not right. */
export function wrongKey(
  shell: Place,
  { sealedWith, given }: WrongKey,
  place = keyPlace(shell),
): ConfigError {
  const right = sealedWith === null ? "another key" : `key ${sealedWith}`;
  const found = `${place} is ${given}, and the state in ${shell.data} is sealed with ${right}`;
  const former = sealedWith === null ? null : formerKeyFile(shell.data, sealedWith);
  if (former !== null && existsSync(former)) {
    return new ConfigError(
      `${found}, which is in ${former}: "syncline key rotate --from-key-file ${former}" seals the state with the key of today`,
    );
  }
  return new ConfigError(
    `${found}: give that one (SYNCLINE_KEY, SYNCLINE_KEY_FILE, or the file "key" in the data folder); nothing was changed`,
  );
}
