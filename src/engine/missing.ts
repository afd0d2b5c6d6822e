import { isProviderError } from "../core/error.ts";
import { type ItemRef, refKey, type Step, touchedBy } from "../core/plan.ts";
import type { EngineContext, Job } from "./context.ts";
import { dropOwn, isOwn } from "./own.ts";
import { statNow } from "./stat.ts";

/**
 * Asks for each item that a step names, and its new folder, after a service did not find one of them: a feed
 * may leave out for good that an item is gone, and the step would be planned again without end. What the
 * service does not have is taken for gone; not what we made or changed just now, which it may only not show yet.
 */
export async function dropMissing(job: Job, context: EngineContext, step: Step): Promise<void> {
  const { store, clock } = context;
  const refs = new Map([...touchedBy(step), ...folderOf(step)].map((ref) => [refKey(ref), ref]));
  for (const { side, item } of refs.values()) {
    const account = job[side];
    if (!account.tree.get(item) || isOwn(account, item, clock.now())) continue;
    try {
      if ((await statNow(account, item)) !== null) continue;
      store.transaction(() => dropOwn(account, item, clock.now()));
    } catch (error) {
      // Who can't be asked now is asked when the step fails again.
      if (!isProviderError(error)) throw error;
    }
  }
}

function folderOf({ action, side }: Step): ItemRef[] {
  const place = "at" in action ? action.at : "to" in action ? action.to : null;
  return place && "id" in place.parent ? [{ side, item: place.parent.id }] : [];
}
