import type { ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { sides } from "../core/plan.ts";
import { pathBelow } from "../core/scope.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { Store } from "../store/open.ts";
import type { UnreadableRow } from "../store/unreadable.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { endOf } from "./place.ts";
import { statNow } from "./stat.ts";

/** How many items are asked for at once. */
const batch = 200;

/**
 * Looks whether items that the service refused to show can be seen again: at one of them with each reading of the
 * feed, and at the others when that one can. No feed need tell of it.
 */
export async function lookAgain(account: EngineAccount, { store }: EngineContext): Promise<void> {
  const refused = store.unreadable.of(account.id).filter((row) => row.refused);
  const [first, ...others] = refused;
  if (!first || !(await isSeen(account, store, first))) return;
  for (let at = 0; at < others.length; at += batch) {
    await Promise.all(others.slice(at, at + batch).map((row) => isSeen(account, store, row)));
  }
}

async function isSeen(
  account: EngineAccount,
  store: Store,
  { item }: UnreadableRow,
): Promise<boolean> {
  const { id, tree } = account;
  try {
    const entry = await statNow(account, item);
    store.transaction(() => {
      if (entry) tree.observe(entry);
      else tree.drop(item);
      store.unreadable.clear(id, item);
    });
    return true;
  } catch (error) {
    if (isProviderError(error, "forbidden")) return false;
    throw error;
  }
}

/** Forgets what lies in something that is gone, and, where each reading tells of all, what this one did not name. */
export function forgetReadable(
  { id, tree, provider }: EngineAccount,
  { unreadable }: Store,
  told: ReadonlySet<ItemId>,
): void {
  if (provider.traits.liveFeed) unreadable.keep(id, told);
  for (const { item } of unreadable.of(id)) if (!tree.get(item)) unreadable.clear(id, item);
}

/** Why something in the folders of a destination, or above them, can't be read at present; each reason once. */
export function unreadableIn(row: DestinationRow, store: Store): string[] {
  const reasons = sides.flatMap((side) => {
    const { account, root } = endOf(row, side);
    return unreadableAt(account, root, store);
  });
  return [...new Set(reasons)];
}

/** The same of one folder, a reason for each item. */
export function unreadableAt(account: number, root: ItemId | null, store: Store): string[] {
  const tree = store.trees.of(account);
  const concerns = (item: ItemId) =>
    root !== null && (pathBelow(tree, root, item) ?? pathBelow(tree, item, root)) !== null;
  return store.unreadable
    .of(account)
    .filter(({ item }) => concerns(item))
    .map(({ reason }) => reason);
}
