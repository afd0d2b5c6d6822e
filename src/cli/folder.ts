import type { Entry } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { sameName } from "../core/names.ts";
import { formatLocation } from "../core/rule.ts";
import { byAge } from "../core/scope.ts";
import type { EngineAccount } from "../engine/context.ts";

/**
 * Null when the folder is really there now, else what is wrong. Asks for each part of the path: for the
 * item that the mirror has there, and only where it has none for the whole folder above it.
 */
export async function folderProblem(
  account: EngineAccount,
  path: readonly string[],
): Promise<string | null> {
  let folder = await account.provider.root();
  for (const [depth, name] of path.entries()) {
    const next = (await known(account, folder, name)) ?? (await listed(account, folder, name));
    if (!next) {
      const missing = formatLocation({ account: account.name, path: path.slice(0, depth + 1) });
      return `the folder ${missing} does not exist: create it, or correct "from"`;
    }
    // Adapters that speak in paths find the way to its children through the mirror.
    account.tree.observe(next);
    folder = next;
  }
  return null;
}

async function known(account: EngineAccount, parent: Entry, name: string): Promise<Entry | null> {
  const [entry] = matching(account, account.tree.named(parent.id, name), name);
  if (!entry) return null;
  try {
    const now = await account.provider.stat(entry.id);
    return now.parent === parent.id ? (matching(account, [now], name)[0] ?? null) : null;
  } catch (error) {
    if (isProviderError(error, "not-found")) return null;
    throw error;
  }
}

async function listed(account: EngineAccount, parent: Entry, name: string): Promise<Entry | null> {
  const found: Entry[] = [];
  for await (const entry of account.provider.list(parent.id)) {
    found.push(...matching(account, [entry], name));
  }
  return found.sort(byAge)[0] ?? null;
}

/** Folders of that name, the eldest first, as a rule finds its folder. */
function matching({ provider }: EngineAccount, entries: readonly Entry[], name: string): Entry[] {
  const { names } = provider.traits;
  return entries
    .filter((entry) => entry.kind === "folder" && sameName(entry.name, name, names))
    .sort(byAge);
}
