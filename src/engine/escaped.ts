import type { ChangePage, ItemId } from "../core/entry.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { droppedBelow } from "./own.ts";
import { statOrNull } from "./stat.ts";

/** What is still to be asked for, parents first. */
const escaped = new WeakMap<EngineAccount, Set<ItemId>>();

/**
 * Notes what was in a folder that a page tells of although we removed it just now with another one that held it:
 * somebody took it out in that very instant, and a feed tells of no item below a folder that is moved. Call it
 * before the page is applied.
 */
export function noteEscaped(account: EngineAccount, { changes }: ChangePage): void {
  const items = escaped.get(account) ?? new Set();
  escaped.set(account, items);
  for (const change of changes) {
    if (change.type === "gone" || change.entry.kind !== "folder") continue;
    if (account.tree.get(change.entry.id)) continue;
    for (const id of droppedBelow(account, change.entry.id)) items.add(id);
  }
}

/** Asks for what was noted, but for what the feed has told after all; what fails is asked for next time. */
export async function findEscaped(account: EngineAccount, { store }: EngineContext): Promise<void> {
  const { tree, provider } = account;
  const items = escaped.get(account) ?? new Set();
  for (const id of items) {
    const entry = tree.get(id) ? null : await statOrNull(provider, id);
    items.delete(id);
    if (!entry?.parent || tree.get(id) || !tree.get(entry.parent)) continue;
    store.transaction(() => tree.observe(entry));
  }
}
