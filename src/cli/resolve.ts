import { nearest } from "../config/nearest.ts";
import type { Decision } from "../core/plan.ts";
import { listConflicts, resolveConflict } from "../engine/review.ts";
import { audited } from "./audited.ts";
import { loadConfig } from "./config.ts";
import { exitCodes, UsageError } from "./failure.ts";
import { printable } from "./format.ts";
import { formatNext } from "./held.ts";
import type { Shell } from "./shell.ts";
import { changeState } from "./state.ts";

export interface ResolveFlags {
  readonly keep: string;
}

const versions: readonly Decision[] = ["from", "to", "both"];
const phrases: Readonly<Record<Decision, string>> = {
  from: 'the version of "from" stands',
  to: 'the version of "to" stands',
  both: "both versions stand, under two names",
};

/** Decides one conflict. */
export async function resolve(shell: Shell, id: string, flags: ResolveFlags): Promise<number> {
  const keep = parseKeep(flags.keep);
  const { rules } = loadConfig(shell);
  const { output } = shell;
  await changeState(shell, (store) => {
    const open = store ? listConflicts(store, rules) : [];
    const conflict = open.find((each) => each.id === id);
    if (!store || !conflict)
      throw new UsageError(
        unknown(
          id,
          open.map((each) => each.id),
        ),
      );
    const { rule, path } = conflict;
    const doing = { action: "decide-conflict", rule, item: id, path };
    audited(store, doing, () => resolveConflict(store, id, keep), `keep ${keep}`);
    output.document({ id, rule, path, keep });
    output.print(`${id}  ${printable(path)}: ${phrases[keep]}.`);
    output.print(formatNext(store, rule, shell));
  });
  return exitCodes.done;
}

function parseKeep(text: string): Decision {
  const version = versions.find((each) => each === text);
  if (version) return version;
  const near = nearest(text, versions);
  const meant = near === null ? "" : `; did you mean "${near}"?`;
  throw new UsageError(`--keep: "${text}" is none of from, to and both${meant}`);
}

function unknown(id: string, known: readonly string[]): string {
  const list = known.length === 0 ? "none is open" : `there are: ${known.join(", ")}`;
  return `there is no open conflict "${id}" (${list})`;
}
