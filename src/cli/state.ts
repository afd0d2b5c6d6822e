import { existsSync } from "node:fs";
import { systemClock } from "../engine/system-clock.ts";
import { openStore, type Store, stateFile } from "../store/open.ts";
import { CommandFailure } from "./failure.ts";
import type { Shell } from "./shell.ts";

/** Reading needs no key: tokens stay sealed. */
const noKey = new Uint8Array(32);

/**
 * The state as it is, for commands that only look: sends no request, changes nothing, and works beside a
 * running process. Null when nothing was ever run with this data folder.
 */
export function openState({ data }: Shell): Store | null {
  const file = stateFile(data);
  if (!existsSync(file)) return null;
  try {
    return openStore({ file, key: noKey, now: systemClock.now, readonly: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`the state in ${data} can't be read: ${reason}`, { cause });
  }
}

/** Opens the state for `look` and closes it after. */
export async function withState<T>(
  shell: Shell,
  look: (store: Store | null) => T | Promise<T>,
): Promise<T> {
  const store = openState(shell);
  try {
    return await look(store);
  } finally {
    store?.close();
  }
}
