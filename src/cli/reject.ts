import { listHolds, rejectHold } from "../engine/review.ts";
import { audited } from "./audited.ts";
import { loadConfig, selectRule } from "./config.ts";
import { CommandFailure, exitCodes } from "./failure.ts";
import { formatCount } from "./format.ts";
import { formatNext, type HoldFlags } from "./held.ts";
import type { Shell } from "./shell.ts";
import { changeState } from "./state.ts";

/** Drops what is held of a rule: what was to be removed is put back. */
export async function reject(shell: Shell, name: string, flags: HoldFlags): Promise<number> {
  const rule = selectRule(loadConfig(shell), name);
  const { output } = shell;
  await changeState(shell, (store) => {
    if (!store) throw new CommandFailure(`nothing of rule "${name}" is held: it has not run yet`);
    const before = listHolds(store, [rule]);
    const doing = { action: "reject", rule: name, item: flags.set ?? null };
    audited(store, doing, () => rejectHold(store, rule, flags.set));
    const left = listHolds(store, [rule]).map(({ set }) => set);
    const rejected = before.filter(({ set }) => !left.includes(set));
    output.document({ rule: name, rejected });
    for (const { kind, items, to } of rejected) {
      const what =
        kind === "deletes" ? "stays, and is put back at the other side" : "stays as it is";
      output.print(`${formatCount(items.length, "item")} (${name} → ${to}): what is held ${what}.`);
    }
    output.print(formatNext(store, name, shell));
  });
  return exitCodes.done;
}
