import { listConflicts, listHolds } from "../engine/review.ts";
import { loadConfig } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { formatConflicts, formatHold } from "./held.ts";
import type { Shell } from "./shell.ts";
import { withState } from "./state.ts";

/** Lists what waits for a person, beside a running process too. */
export async function conflicts(shell: Shell): Promise<number> {
  const { rules } = loadConfig(shell);
  const { output } = shell;
  const waiting = await withState(shell, (store) => ({
    conflicts: store ? listConflicts(store, rules) : [],
    held: store ? listHolds(store, rules) : [],
  }));
  output.document(waiting);
  const blocks = waiting.held.map((held) => formatHold(held, shell));
  if (waiting.conflicts.length > 0) {
    blocks.push(formatConflicts(waiting.conflicts, shell));
    const open = waiting.conflicts.find(({ decided }) => decided === null);
    if (open) blocks.push(`syncline resolve ${open.id} --keep from, to or both decides one.`);
  }
  output.print(blocks.length === 0 ? "Nothing waits for a decision." : blocks.join("\n\n"));
  return exitCodes.done;
}
