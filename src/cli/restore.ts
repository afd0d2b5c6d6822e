import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { isKeyOf, openOwned, problemOfCopy, replaceState } from "../store/backup.ts";
import { stateFile } from "../store/open.ts";
import { recordHere } from "./audited.ts";
import { noteWarning } from "./config.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { hasKey, keyPlace, shellKey } from "./key-place.ts";
import { describeOwner, holdLease } from "./lease.ts";
import type { Shell } from "./shell.ts";

/** Puts a backup in the place of the state, which is kept beside it. */
export async function restore(shell: Shell, file: string): Promise<number> {
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
    const fits = hasKey(shell) ? isKeyOf(part, shellKey(shell)) : null;
    const kept = alone(shell, state, () => replaceState(state, part, new Date(now())));
    await recordHere(shell, { action: "restore-backup", path: resolve(file), result: "ok" });
    output.document({ restored: file, kept, ...(fits !== null && { keyFits: fits }) });
    output.print(`Restored ${output.style("bold", file)}.`);
    if (kept !== null) output.print(`The state that was there is in ${kept}.`);
    if (fits === false) {
      noteWarning(
        output,
        `it is sealed with another key than ${keyPlace(shell)}: put the key of that time in its place, or seal it with today's by "syncline key rotate --from-key-file FILE"`,
      );
    }
    output.print("The next run finds what has changed since, and sends nothing twice.");
  } finally {
    for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${part}${end}`, { force: true });
  }
  return exitCodes.done;
}

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
