import type { Entry, ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { Provider } from "../core/provider.ts";
import type { EngineAccount } from "./context.ts";

/** The item as the service knows it now; null when it is gone or in the trash. */
export async function statOrNull(provider: Provider, id: ItemId): Promise<Entry | null> {
  try {
    return await provider.stat(id);
  } catch (error) {
    if (isProviderError(error, "not-found")) return null;
    throw error;
  }
}

/** As `statOrNull`, but never older than what a feed has told while the service was asked. */
export async function statNow(
  { tree, provider }: Pick<EngineAccount, "tree" | "provider">,
  id: ItemId,
): Promise<Entry | null> {
  for (;;) {
    const before = tree.get(id);
    const found = await statOrNull(provider, id);
    const now = tree.get(id);
    if (isSame(before, now) || isSame(now, found)) return found;
  }
}

/**
 * Takes in what an answer, or a refusal, showed of an item besides. A feed may have told newer of it before that
 * arrived, and tells it only once: where the mirror says anything else the service is asked for the item.
 */
export async function takeIn(
  account: Pick<EngineAccount, "tree" | "provider">,
  shown: Entry | null,
): Promise<void> {
  if (!shown) return;
  const { tree } = account;
  const isKnown = isSame(tree.get(shown.id), shown);
  const now = isKnown ? shown : await statNow(account, shown.id);
  if (now) tree.observe(now);
}

/** Whether two states of one item, null where it is not there, say the same of its place and content. */
export function isSame(a: Entry | null, b: Entry | null): boolean {
  if (!a || !b) return a === b;
  return a.parent === b.parent && a.name === b.name && a.revision === b.revision;
}
