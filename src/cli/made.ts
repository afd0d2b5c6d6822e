import { existsSync } from "node:fs";
import { join } from "node:path";
import { type MadeThings, nothingMade } from "../config/union.ts";
import { systemClock } from "../engine/system-clock.ts";
import { loadKey } from "../store/key.ts";
import type { Made } from "../store/made.ts";
import { isUpToDate } from "../store/migrate.ts";
import { openStore, stateFile } from "../store/open.ts";
import { ConfigError } from "./failure.ts";
import type { Shell } from "./shell.ts";

/** What was made in the dashboard, beside a running process too; nothing where there is no state yet. */
export function readMade({ data, env }: Shell): MadeThings {
  const file = stateFile(data);
  if (!existsSync(file) || !isUpToDate(file)) return nothingMade;
  const hasKey = env.SYNCLINE_KEY || env.SYNCLINE_KEY_FILE || existsSync(join(data, "key"));
  const key = hasKey ? loadKey(env, data) : new Uint8Array(32);
  const store = openStore({ file, key, now: systemClock.now, readonly: true });
  try {
    return madeThings(store.made);
  } finally {
    store.close();
  }
}

/** `ConfigError` when an account or a notification can't be unsealed. */
export function madeThings(made: Made): MadeThings {
  const accounts = made.accounts().map(({ name, fields }) => {
    if (fields) return [name, fields] as const;
    throw sealed(`account "${name}"`);
  });
  const contacts = made.contacts().map(({ id, fields }) => {
    if (fields) return [id, fields] as const;
    throw sealed("a notification");
  });
  return {
    accounts: new Map(accounts),
    notify: new Map(contacts),
    rules: made.rules().map(({ fields }) => fields),
    paused: made.paused(),
  };
}

const sealed = (what: string) =>
  new ConfigError(
    `${what} of the dashboard was sealed with another key: give the key that was in use then (SYNCLINE_KEY, SYNCLINE_KEY_FILE, or the file "key" in the data folder)`,
  );
