import type { ChangePage, Entry, ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { Provider } from "../core/provider.ts";
import type { EngineAccount } from "./context.ts";
import { isForgotten } from "./own.ts";

/**
 * What is below folders that a page of changes tells of although they were removed just now with another one that
 * held them, parents first: somebody took them out in that very instant, and a feed tells of no item below a folder
 * that is moved. Call it before anything of the page is known.
 */
export async function findEscaped(
  account: EngineAccount,
  { changes, stage }: ChangePage,
  nowMs: number,
): Promise<readonly Entry[]> {
  const { tree, provider } = account;
  // A listing names everything by itself.
  if (stage !== "changes") return [];
  const folders = changes.flatMap((change) => {
    if (change.type === "gone" || change.entry.kind !== "folder") return [];
    const { id } = change.entry;
    return tree.get(id) === null && isForgotten(account, id, nowMs) ? [id] : [];
  });
  const found: Entry[] = [];
  for (const folder of new Set(folders)) found.push(...(await listBelow(provider, folder)));
  return found;
}

/** Makes known what was found, as far as nothing newer is known of it; in the transaction that makes its folder known. */
export function observeEscaped({ tree }: EngineAccount, found: readonly Entry[]): void {
  for (const entry of found) {
    if (entry.parent === null || tree.get(entry.parent) === null) continue;
    if (tree.get(entry.id) === null) tree.observe(entry);
  }
}

/** All below a folder, parents first; nothing where it is gone, or is not for this account to look into. */
async function listBelow(provider: Provider, folder: ItemId): Promise<Entry[]> {
  const found: Entry[] = [];
  const folders = [folder];
  for (const each of folders) {
    try {
      for await (const entry of provider.list(each)) {
        found.push(entry);
        if (entry.kind === "folder") folders.push(entry.id);
      }
    } catch (error) {
      if (!isProviderError(error, "not-found", "forbidden")) throw error;
    }
  }
  return found;
}
