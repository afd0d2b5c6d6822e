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

/** What was known of an item when something was asked of the service. */
export interface Asked {
  readonly known: Entry | null;
  readonly turn: number;
}

export const askedOf = ({ tree }: Pick<EngineAccount, "tree">, id: ItemId): Asked => ({
  known: tree.get(id),
  turn: tree.turnOf(id),
});

/** Of an item that is still to be made. */
export const unmade: Asked = { known: null, turn: 0 };

/** Whether nothing was told of the item since then, not even what was taken back. */
export function isUntold(
  { tree }: Pick<EngineAccount, "tree">,
  id: ItemId,
  { known, turn }: Asked,
): boolean {
  return tree.turnOf(id) === turn && isSame(tree.get(id), known);
}

/** As `statOrNull`, but never older than what a feed has told while the service was asked. */
export async function statNow(
  account: Pick<EngineAccount, "tree" | "provider">,
  id: ItemId,
): Promise<Entry | null> {
  for (;;) {
    const asked = askedOf(account, id);
    const found = await statOrNull(account.provider, id);
    if (isUntold(account, id, asked) || isSame(account.tree.get(id), found)) return found;
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
