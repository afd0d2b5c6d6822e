import type { EngineContext, Job } from "./context.ts";
import { type Intent, type PutBackIntent, type Recovering, recoverOne } from "./intent.ts";
import { recoverPutBack } from "./put-back-recovery.ts";
import { dropStaleUploads } from "./uploads.ts";

/**
 * Settles what a killed run, or a request of unknown outcome, left open; call it when both mirrors are up
 * to date. Each open intent is asked for at the provider: what is there is linked when it is what was sent,
 * even if the source has moved on since, so that no later step takes our own work for a person's. Anything
 * else is left to the planner. What was done is told in `run`. A create that did not happen keeps its
 * reserved id, because the lost request may still take effect: repeated with that id it can't make a second
 * item; it goes into `reservations`. Left parts are removed, but for those of uploads that can go on.
 */
export async function recover(
  job: Job,
  context: EngineContext,
  recovering: Recovering,
): Promise<void> {
  for (const row of context.store.intents.ofDestination(job.destination.id)) {
    const intent = row.body as Intent;
    // What is to be brought back is: see `rescue`.
    if (intent.type === "rescue") continue;
    if (isPutBack(intent)) await recoverPutBack(job, context, row.id, intent, recovering.run);
    else await recoverOne(job, context, row, intent, recovering);
  }
  await dropStaleUploads(job, context, recovering.run);
}

const isPutBack = (intent: Intent): intent is Extract<Intent, PutBackIntent> =>
  intent.type === "revert" || intent.type === "restore";
