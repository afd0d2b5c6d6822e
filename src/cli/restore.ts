import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { isKeyOf, openOwned, problemOfCopy, replaceState } from "../store/backup.ts";
import { loadKey } from "../store/key.ts";
import { stateFile } from "../store/open.ts";
import { keyPlace } from "./backup.ts";
import { noteWarning } from "./config.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { holdLease } from "./lease.ts";
import { describeOwner } from "./session.ts";
import type { Shell } from "./shell.ts";

/** Puts a backup in the place of the state, which is kept beside it. */
export function restore(shell: Shell, file: string): number {
  const { data, output, now } = shell;
  const state = stateFile(data);
  if (!existsSync(file)) throw new UsageError(`there is no ${file}`);
  if (resolve(file) === resolve(state)) throw new UsageError(`${file} is the state itself`);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const part = `${state}.${process.pid}.part`;
  try {
    copyFileSync(file, part);
    const problem = problemOfCopy(part);
    if (problem !== null) throw new CommandFailure(`${file} can't be restored: ${problem}`);
    const fits = hasKey(shell) ? isKeyOf(part, loadKey(shell.env, data)) : null;
    const kept = alone(shell, state, () => replaceState(state, part, new Date(now())));
    output.document({ restored: file, kept, ...(fits !== null && { keyFits: fits }) });
    output.print(`Restored ${output.style("bold", file)}.`);
    if (kept !== null) output.print(`The state that was there is in ${kept}.`);
    if (fits === false) {
      noteWarning(
        output,
        `tokens in it were sealed with another key than ${keyPlace(shell)}: put the key of that time in its place, else what was made in the dashboard with secrets can't be opened`,
      );
    }
    output.print("The next run finds what has changed since, and sends nothing twice.");
  } finally {
    for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${part}${end}`, { force: true });
  }
  return exitCodes.done;
}

const hasKey = ({ env, data }: Shell) =>
  Boolean(env.SYNCLINE_KEY || env.SYNCLINE_KEY_FILE) || existsSync(join(data, "key"));

/** Nobody begins with the state that is there while another takes its place; `CommandFailure` when somebody has. */
function alone<T>(shell: Shell, state: string, work: () => T): T {
  const owned = existsSync(state) ? openOwned(state, shell.now) : null;
  if (!owned) return work();
  const held = holdLease(owned.leases, shell.now, () => {});
  if (!("release" in held)) {
    owned.close();
    throw new CommandFailure(describeOwner(shell, held));
  }
  // The lease stays in the state that gives way, where the next start sees that its owner is gone.
  if (owned.close()) return work();
  throw new CommandFailure(
    `another program looks at the state in ${shell.data}: wait until it is done, and try again`,
  );
}
