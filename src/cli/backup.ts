import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { systemClock } from "../engine/system-clock.ts";
import { backUpState } from "../store/backup.ts";
import { isUpToDate } from "../store/migrate.ts";
import { openStore, stateFile } from "../store/open.ts";
import { audited } from "./audited.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { formatBytes } from "./format.ts";
import { keyPlace } from "./key-place.ts";
import type { Shell } from "./shell.ts";

export interface BackupFlags {
  readonly force?: boolean;
}

/** Writes a copy of the state to a file, whoever is at work with it. */
export async function backup(
  shell: Shell,
  file: string,
  { force = false }: BackupFlags,
): Promise<number> {
  const { data, output } = shell;
  const state = stateFile(data);
  refuse(file, state, force);
  if (!existsSync(state)) {
    throw new CommandFailure(
      `there is no state in ${data}: name the folder with --data, or run something first`,
    );
  }
  const bytes = await written(state, file);
  record(state, file, bytes);
  const key = keyPlace(shell);
  output.document({ backup: file, bytes, key });
  output.print(`Wrote ${output.style("bold", file)} (${formatBytes(bytes)}), and proved it whole.
It holds the state, and not the key: tokens and accounts of the dashboard in it open with ${key} alone. Keep that, and ${shell.config}, in another place.`);
  return exitCodes.done;
}

function refuse(file: string, state: string, force: boolean): void {
  if (resolve(file) === resolve(state)) {
    throw new UsageError(`${file} is the state itself: name another file`);
  }
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new UsageError(`${file} is a folder: name a file in it`);
  if (there && !force) {
    throw new UsageError(`${file} exists already: name another, or replace it with --force`);
  }
}

async function written(state: string, file: string): Promise<number> {
  try {
    return await backUpState(state, file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`no backup was made: ${reason}`, { cause });
  }
}

/** What an older version has written can be backed up before it is brought up to date, and keeps no record of it. */
function record(state: string, file: string, bytes: number): void {
  if (!isUpToDate(state)) return;
  const store = openStore({ file: state, key: null, now: systemClock.now, beside: true });
  try {
    audited(store, { action: "back-up", path: resolve(file) }, () => store.backups.record(bytes));
  } finally {
    store.close();
  }
}
