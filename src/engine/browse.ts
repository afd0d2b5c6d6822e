import type { By } from "../core/audit.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { ensureKnown } from "./feed.ts";

/** A person who looks around in an account to choose a folder. */

export interface FolderView {
  readonly folders: readonly Folder[];
  /** How many files lie beside them. */
  readonly files: number;
  /** There are others beyond what is told. */
  readonly more: boolean;
}

export interface Folder {
  readonly id: ItemId;
  readonly name: string;
}

const mostItems = 5_000;

/** The folders in one folder, as the service lists it now, by name; null is the root. `not-found`. */
export async function foldersIn(
  account: EngineAccount,
  at: ItemId | null,
  context: EngineContext,
): Promise<FolderView> {
  const folders: Entry[] = [];
  let files = 0;
  for await (const entry of account.provider.list(at ?? (await rootOf(account, context)))) {
    if (entry.kind === "folder") folders.push(entry);
    else files += 1;
    if (folders.length + files >= mostItems) break;
  }
  note(account, folders, context);
  const sorted = folders.map(({ id, name }) => ({ id, name })).sort(byName);
  return { folders: sorted, files, more: folders.length + files >= mostItems };
}

/** `already-exists`, `not-found`, `name-refused`. */
export async function makeFolder(
  account: EngineAccount,
  { at, name, by }: { readonly at: ItemId | null; readonly name: string; readonly by: By },
  context: EngineContext,
): Promise<Folder> {
  const parent = at ?? (await rootOf(account, context));
  const entry = await account.provider.createFolder({ parent, name }, { by });
  note(account, [entry], context);
  return { id: entry.id, name: entry.name };
}

async function rootOf(account: EngineAccount, context: EngineContext): Promise<ItemId> {
  await ensureKnown(account, context);
  const { root } = context.store.accounts.get(account.id);
  if (!root) throw new Error(`the root of account "${account.name}" is not known yet`);
  return root;
}

/** Folders of this machine are found again by what is known of them alone. */
function note({ tree }: EngineAccount, entries: readonly Entry[], { store }: EngineContext): void {
  const news = entries.filter(({ id }) => tree.get(id) === null);
  if (news.length === 0) return;
  store.transaction(() => {
    for (const entry of news) tree.observe(entry);
  });
}

const byName = (a: Folder, b: Folder) => a.name.localeCompare(b.name, "en", { numeric: true });
