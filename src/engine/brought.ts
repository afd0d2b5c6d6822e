import type { Brought, StepEffect } from "../core/effect.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import type { Side } from "../core/plan.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { readFeedOf } from "./job.ts";

/** How often a feed is asked for a folder that came back, before that is left to the next run. */
const looks = 5;

/** Whether the mirror knows a folder that came back: the feed tells it, with all that came with it. */
export async function isTold(
  account: EngineAccount,
  context: EngineContext,
  id: ItemId,
  signal: AbortSignal,
): Promise<boolean> {
  for (let look = 1; look <= looks && !account.tree.get(id); look++) {
    // The first answer may be to a question that was asked before.
    if (look > 1) await context.clock.sleep(500 * look, signal);
    await readFeedOf(account, context, signal);
  }
  return account.tree.get(id) !== null;
}

/** What bringing back did, with all that came with a folder. */
export function restoredEffect({ tree }: EngineAccount, side: Side, entry: Entry): StepEffect {
  const { id, kind, parent, name, revision } = entry;
  const effect = { side, id, kind, before: null, after: { parent, name, revision } };
  if (kind !== "folder") return effect;
  const below: Brought[] = tree.subtree(id).flatMap((item) => {
    const found = item === id ? null : tree.get(item);
    return found ? [{ id: item, revision: found.revision }] : [];
  });
  return { ...effect, below };
}
