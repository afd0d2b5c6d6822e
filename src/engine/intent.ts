import type { ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { Target } from "../core/provider.ts";
import type { IntentRow } from "../store/intents.ts";
import type { EngineContext, Job } from "./context.ts";

/** What a step was about to do at the destination: plain data, enough to find out whether it did. */
export type Intent =
  | { readonly type: "write"; readonly target: Target }
  | { readonly type: "create-folder"; readonly id: ItemId | null }
  | { readonly type: "move"; readonly id: ItemId };

/** What an unfinished create had reserved, by the item it serves: a repeated create goes on with it. */
export type Reservations = Map<ItemId, { readonly intent: string; readonly id: ItemId }>;

/**
 * Settles what a killed run left open. Each open intent is asked for at the provider, and what is there
 * goes into the mirror: planning then adopts it, whoever wrote it. A create that did not happen keeps its
 * reserved id, because the lost request may still take effect: repeated with that id it can't make a
 * second item. Left parts are removed.
 */
export async function recover(job: Job, context: EngineContext): Promise<Reservations> {
  const reservations: Reservations = new Map();
  for (const row of context.store.intents.ofDestination(job.destination.id)) {
    await recoverOne(job, context, row, reservations);
  }
  return reservations;
}

async function recoverOne(
  { to }: Job,
  { store }: EngineContext,
  row: IntentRow,
  reservations: Reservations,
): Promise<void> {
  const intent = row.body as Intent;
  if (intent.type === "write") await to.provider.abandon?.(intent.target, row.id);
  const probe = probeOf(intent);
  const found = probe === null ? null : await statOrNull(to.provider, probe);
  const reserved = intent.type === "write" && intent.target.type === "new" ? probe : null;
  if (reserved && !found) {
    reservations.set(row.item, { intent: row.id, id: reserved });
    return;
  }
  store.transaction(() => {
    if (found) to.tree.observe(found);
    store.intents.close(row.id);
  });
}

function probeOf(intent: Intent): ItemId | null {
  if (intent.type !== "write") return intent.id;
  return intent.target.id ?? null;
}

async function statOrNull(provider: Job["to"]["provider"], id: ItemId) {
  try {
    return await provider.stat(id);
  } catch (error) {
    if (isProviderError(error, "not-found")) return null;
    throw error;
  }
}
