import type { ItemRef } from "../core/plan.ts";
import type { EngineContext, Job } from "./context.ts";

/** What a person was asked, or has said, of an item is dealt with. */
export function unqueue({ destination }: Job, ref: ItemRef, store: EngineContext["store"]): void {
  store.conflicts.remove(destination.id, ref);
  store.decisions.remove(destination.id, ref);
}
