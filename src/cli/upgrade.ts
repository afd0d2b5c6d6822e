import { existsSync, renameSync, rmSync } from "node:fs";
import { backUpState, ownerOf } from "../store/backup.ts";
import { keepNewestUpgradeBackups, upgradeOf } from "../store/migrate.ts";
import { stateFile } from "../store/open.ts";
import { CommandFailure } from "./failure.ts";
import { describeOwner, livingOwner } from "./lease.ts";
import type { Shell } from "./shell.ts";

/** So many are kept beside the state; older ones go when a new one is made. */
const mostKept = 2;

/**
 * Before a state of an older version is brought up to date: keeps a copy of it beside it, by which that version can be
 * gone back to, and tells so. `CommandFailure` when none can be made, or a program of that version is still at work.
 */
export async function keepBeforeUpgrade(shell: Shell): Promise<void> {
  const { data, output, now } = shell;
  const state = stateFile(data);
  const upgrade = existsSync(state) ? upgradeOf(state) : null;
  if (!upgrade) return;
  const owner = livingOwner({ owner: () => ownerOf(state) }, now());
  if (owner) throw new CommandFailure(describeOwner(shell, owner));
  const { backup } = upgrade;
  const fresh = `${backup}.${process.pid}.new`;
  try {
    await copy(state, fresh);
    // Another start may have brought it up to date meanwhile, and has its own copy of what was before.
    if (!upgradeOf(fresh)) return;
    renameSync(fresh, backup);
  } finally {
    rmSync(fresh, { force: true });
  }
  keepNewestUpgradeBackups(state, mostKept);
  output.note(
    `This version brings the state in ${data} up to date. What was there is kept in ${backup}; to go back, "syncline restore ${backup}" with the version of before.`,
  );
}

async function copy(state: string, to: string): Promise<void> {
  try {
    await backUpState(state, to);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(
      `the state was written by an older version, and is not brought up to date, since no backup could be made beside it: ${reason}`,
      { cause },
    );
  }
}
