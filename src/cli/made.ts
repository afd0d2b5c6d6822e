import { existsSync } from "node:fs";
import { type MadeThings, nothingMade } from "../config/union.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { Made } from "../store/made.ts";
import { isUpToDate } from "../store/migrate.ts";
import { openStore, stateFile } from "../store/open.ts";
import { ConfigError } from "./failure.ts";
import { presentKey, withRightKey } from "./key-place.ts";
import type { Shell } from "./shell.ts";

/**
 * What was made in the dashboard, beside a running process too; nothing where there is no state yet. `ConfigError` when
 * the key is another one than the state is sealed with.
 */
export function readMade(shell: Shell): MadeThings {
  const file = stateFile(shell.data);
  if (!existsSync(file) || !isUpToDate(file)) return nothingMade;
  const key = presentKey(shell);
  const store = withRightKey(shell, () =>
    openStore({ file, key, now: systemClock.now, readonly: true }),
  );
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
    `${what} of the dashboard can't be unsealed, it is damaged: restore a backup ("syncline key check" lists all that is)`,
  );
