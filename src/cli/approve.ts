import { approveHold, listHolds } from "../engine/review.ts";
import { audited } from "./audited.ts";
import { loadConfig, selectRule } from "./config.ts";
import { CommandFailure, exitCodes } from "./failure.ts";
import { formatHold, formatNext, type HoldFlags } from "./held.ts";
import type { Shell } from "./shell.ts";
import { changeState } from "./state.ts";

/** Lets what is held of a rule go on, once. */
export async function approve(shell: Shell, name: string, flags: HoldFlags): Promise<number> {
  const rule = selectRule(loadConfig(shell), name);
  const { output } = shell;
  await changeState(shell, (store) => {
    if (!store) throw new CommandFailure(`nothing of rule "${name}" is held: it has not run yet`);
    const doing = { action: "approve", rule: name, item: flags.set ?? null };
    audited(store, doing, () => approveHold(store, rule, flags.set));
    const approved = listHolds(store, [rule]).filter((held) => held.approved);
    output.document({ rule: name, approved });
    output.print(approved.map((held) => formatHold(held, shell)).join("\n"));
    output.print(formatNext(store, name, shell));
  });
  return exitCodes.done;
}
