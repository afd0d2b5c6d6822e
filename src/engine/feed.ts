import type { ChangePage, ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { EngineAccount, EngineContext } from "./context.ts";

/** What one reading of a feed brought. */
export interface FeedReading {
  readonly changes: number;
  /** Folders that could not be read; what was known below them still stands. */
  readonly unreadable: readonly { readonly id: ItemId; readonly reason: string }[];
}

/** How many items of a listing in doubt are asked for at once. */
const doubtBatch = 200;

/**
 * Brings the mirror of an account up to its feed: every page in one transaction with the cursor behind
 * it, so that the cursor is never ahead of what was applied. An expired cursor begins a new listing, in
 * which what is not named is asked for one by one: only the provider's own word makes an item gone.
 */
export async function readFeed(
  account: EngineAccount,
  context: EngineContext,
): Promise<FeedReading> {
  const { accounts } = context.store;
  await ensureKnown(account, context);
  const reading = { changes: 0, unreadable: [] as { id: ItemId; reason: string }[] };
  try {
    await follow(account, context, reading);
  } catch (error) {
    if (!isProviderError(error, "cursor-expired")) throw error;
    accounts.beginListing(account.id);
    await follow(account, context, reading);
  }
  if (accounts.get(account.id).stage === "doubt") await settleDoubt(account, context);
  context.tell({ type: "feed", account: account.name, changes: reading.changes });
  return reading;
}

/** Asks who is signed in when the settings are new, and for the root when it is not known. */
async function ensureKnown(account: EngineAccount, { store }: EngineContext): Promise<void> {
  if (store.accounts.get(account.id).settingsHash !== account.settingsHash) {
    const identity = await account.provider.identity();
    store.transaction(() => store.accounts.identify(account.id, identity, account.settingsHash));
  }
  if (store.accounts.get(account.id).root !== null) return;
  const root = await account.provider.root();
  store.transaction(() => {
    store.accounts.setRoot(account.id, root.id);
    account.tree.observe(root);
  });
}

async function follow(
  account: EngineAccount,
  { store }: EngineContext,
  reading: { changes: number; unreadable: { id: ItemId; reason: string }[] },
): Promise<void> {
  const { cursor } = store.accounts.get(account.id);
  if (cursor === null) store.accounts.beginListing(account.id);
  for await (const page of account.provider.changes(cursor)) {
    store.transaction(() => apply(account, store, page));
    reading.changes += page.changes.length;
    reading.unreadable.push(...(page.unreadable ?? []));
  }
}

function apply(account: EngineAccount, store: EngineContext["store"], page: ChangePage): void {
  const { epoch, stage } = store.accounts.get(account.id);
  account.tree.apply(page, epoch);
  const next = { listing: "listing", listed: "doubt", changes: stage } as const;
  store.accounts.moveCursor(account.id, page.next, next[page.stage]);
}

async function settleDoubt(account: EngineAccount, { store }: EngineContext): Promise<void> {
  const { epoch } = store.accounts.get(account.id);
  const { tree, provider } = account;
  for (let after: ItemId | null = null; ; ) {
    const doubtful: ItemId[] = tree.unseen(epoch, after, doubtBatch);
    if (doubtful.length === 0) break;
    await Promise.all(
      doubtful.map(async (id) => {
        const entry = await provider.stat(id).catch((error: unknown) => {
          if (isProviderError(error, "not-found")) return null;
          throw error;
        });
        store.transaction(() => {
          if (!entry) return tree.drop(id);
          tree.observe(entry);
          tree.confirm(id, epoch);
        });
      }),
    );
    after = doubtful.at(-1) ?? null;
  }
  store.accounts.endDoubt(account.id);
}
