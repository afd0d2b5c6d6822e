import { existsSync } from "node:fs";
import { reasonOf } from "../config/system-reason.ts";
import { systemClock } from "../engine/system-clock.ts";
import { openStore, type Store, type StoreOptions, stateFile } from "../store/open.ts";
import { CommandFailure } from "./failure.ts";
import type { Shell } from "./shell.ts";

/**
 * The state as it is, for commands that only look, and need nothing that is sealed: sends no request, changes nothing, and works beside a
 * running process. Null when nothing was ever run with this data folder.
 */
export function openState(shell: Shell): Store | null {
  return open(shell, { readonly: true });
}

/** Opens the state for `look` and closes it after. */
export async function withState<T>(
  shell: Shell,
  look: (store: Store | null) => T | Promise<T>,
): Promise<T> {
  return closing(openState(shell), look);
}

/**
 * Opens the state for a small change, which a running process finds by itself, and closes it after. Null
 * as with `openState`.
 */
export async function changeState<T>(
  shell: Shell,
  change: (store: Store | null) => T | Promise<T>,
): Promise<T> {
  return closing(open(shell, { beside: true }), change);
}

function open({ data }: Shell, access: Pick<StoreOptions, "readonly" | "beside">): Store | null {
  const file = stateFile(data);
  if (!existsSync(file)) return null;
  try {
    return openStore({ file, key: null, now: systemClock.now, ...access });
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
