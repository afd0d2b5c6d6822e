import { existsSync } from "node:fs";
import { reasonOf } from "../config/system-reason.ts";
import { systemClock } from "../engine/system-clock.ts";
import { openStore, type Store, type StoreOptions, stateFile } from "../store/open.ts";
import { CommandFailure } from "./failure.ts";
import type { Shell } from "./shell.ts";

/**
 * The state as it is, for commands that only look: sends no request, changes nothing, and works beside a running process.
 * What is sealed stays so without `key`. Null when nothing was ever run with this data folder.
 */
export function openState(shell: Shell, key: Uint8Array | null = null): Store | null {
  return open(shell, { readonly: true, key });
}

/** Opens the state for `look` and closes it after. */
export async function withState<T>(
  shell: Shell,
  look: (store: Store | null) => T | Promise<T>,
  key: Uint8Array | null = null,
): Promise<T> {
  return closing(openState(shell, key), look);
}

/**
 * Opens the state for a small change, which a running process finds by itself, and closes it after. Null
 * as with `openState`.
 */
export async function changeState<T>(
  shell: Shell,
  change: (store: Store | null) => T | Promise<T>,
): Promise<T> {
  return closing(open(shell, { beside: true, key: null }), change);
}

function open(
  { data }: Shell,
  access: Pick<StoreOptions, "readonly" | "beside" | "key">,
): Store | null {
  const file = stateFile(data);
  if (!existsSync(file)) return null;
  try {
    return openStore({ file, now: systemClock.now, ...access });
  } catch (cause) {
    throw new CommandFailure(`the state in ${data} can't be read: ${reasonOf(cause)}`, { cause });
  }
}

async function closing<T>(
  store: Store | null,
  work: (store: Store | null) => T | Promise<T>,
): Promise<T> {
  try {
    return await work(store);
  } finally {
    store?.close();
  }
}
