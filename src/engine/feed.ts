import type { Change, ChangePage, Entry, ItemId } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Store } from "../store/open.ts";
import { createFinds, type Finds, takeComparison } from "./comparison.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { findEscaped, observeEscaped } from "./escaped.ts";
import { isOwn, recallOwn } from "./own.ts";
import { isSame, statNow } from "./stat.ts";
import { forgetReadable, lookAgain } from "./unreadable.ts";
import { bellOf } from "./wake.ts";

/** What one reading of a feed brought. */
export interface FeedReading {
  readonly changes: number;
  /** How often the account's bell had rung when it began: what rings later is not in it. */
  readonly rings: number;
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
  const { rings } = bellOf(account);
  recallOwn(account, context.store, context.clock.now());
  await ensureKnown(account, context);
  const reading = { changes: 0, rings, unreadable: new Set<ItemId>() };
  try {
    await follow(account, context, reading);
  } catch (error) {
    if (!isProviderError(error, "cursor-expired")) throw error;
    accounts.beginListing(account.id);
    await follow(account, context, reading);
  }
  if (accounts.get(account.id).stage === "doubt") await settleDoubt(account, context);
  if (takeComparison(account)) await compareAll(account, context, reading);
  else await lookAgain(account, context);
  forgetReadable(account, context.store, reading.unreadable);
  accounts.setRead(account.id);
  context.tell({ type: "feed", account: account.name, changes: reading.changes });
  return reading;
}

/**
 * Lists everything anew, as after an expired cursor, and tells what that found beyond what the feed had told.
 * Who was marked by it is looked at like after any change.
 */
async function compareAll(
  account: EngineAccount,
  context: EngineContext,
  reading: Pick<Gathering, "unreadable">,
): Promise<void> {
  const { store, clock } = context;
  const { cursor } = store.accounts.get(account.id);
  if (cursor === null) return;
  const finds = createFinds(account, clock.now);
  store.accounts.beginListing(account.id);
  await follow(account, context, { changes: 0, unreadable: reading.unreadable }, finds);
  await settleDoubt(account, context, finds);
  if (finds.names().length > 0) {
    for await (const page of account.provider.changes(cursor)) finds.forgive(page);
  }
  context.tell({ type: "comparison", account: account.name, missed: finds.names() });
}

/** Asks who is signed in when the settings are new, and for the root when it is not known. */
export async function ensureKnown(account: EngineAccount, { store }: EngineContext): Promise<void> {
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

/** What grows while a feed is read. */
interface Gathering {
  changes: number;
  /** What pages have told that they can't tell of. */
  readonly unreadable: Set<ItemId>;
}

async function follow(
  account: EngineAccount,
  context: EngineContext,
  reading: Gathering,
  finds?: Finds,
): Promise<void> {
  const { store } = context;
  const { cursor } = store.accounts.get(account.id);
  if (cursor === null) store.accounts.beginListing(account.id);
  // What a live feed tells is older than our own requests only where these went out meanwhile.
  const sinceMs = account.provider.traits.liveFeed ? context.clock.now() : undefined;
  for await (const page of account.provider.changes(cursor)) {
    finds?.look(page);
    await applyPage(account, context, page, sinceMs);
    reading.changes += page.changes.length;
    for (const { id } of page.unreadable ?? []) reading.unreadable.add(id);
  }
}

/**
 * A feed may lag behind our own requests, and a page may be older than one that was answered meanwhile:
 * where it contradicts what we did just now the item is asked for, so that our own work is never taken
 * back in the mirror and then seen as a person's. What is known then stands where the page tells of the item: a
 * page that is told anew may remove and bring back the folder that holds it before that.
 */
async function applyPage(
  account: EngineAccount,
  context: EngineContext,
  page: ChangePage,
  sinceMs?: number,
): Promise<void> {
  const { tree } = account;
  const isOurs = (id: ItemId) => isOwn(account, id, context.clock.now(), sinceMs);
  const escaped = await findEscaped(account, page, context.clock.now());
  const last = new Map(page.changes.map((change) => [idOf(change), change]));
  // What an item that we changed was before its last state in the page may be older than our own work.
  const changes = page.changes.filter(
    (change) => last.get(idOf(change)) === change || !isOurs(idOf(change)),
  );
  const asked = new Map<ItemId, Word>();
  for (;;) {
    const doubtful = changes.filter(
      (change): change is Put =>
        change.type === "put" &&
        isOurs(change.entry.id) &&
        !asked.has(change.entry.id) &&
        !isSame(tree.get(change.entry.id), change.entry),
    );
    if (doubtful.length === 0) break;
    const words = doubtful.map(
      async (each) => [idOf(each), await ask(each, account, context, escaped)] as const,
    );
    for (const [id, word] of await Promise.all(words)) asked.set(id, word);
  }
  const told = changes.flatMap((change): Change[] => {
    if (asked.get(idOf(change)) !== "known") return [change];
    const entry = tree.get(idOf(change));
    return entry ? [{ type: "put", entry }] : [];
  });
  context.store.transaction(() => {
    refuseFormer(account, context.store);
    apply(account, context.store, { ...page, changes: told });
    observeEscaped(account, escaped);
  });
}

/** Settings may change in the midst of a reading: what the former ones still bring may be somebody else's. */
function refuseFormer({ id, name, settingsHash }: EngineAccount, { accounts }: Store): void {
  if (accounts.get(id).settingsHash === settingsHash) return;
  throw new ProviderError("unavailable", `"${name}" has other settings now: it is read with these`);
}

const idOf = (change: Change): ItemId => (change.type === "gone" ? change.id : change.entry.id);

/** Whether the service's own word for an item is in the mirror now, or the page has to be believed. */
type Word = "known" | "page";

/**
 * Takes the service's own word for one item, never older than what came while it was asked for, an answer to us
 * too. The page has to be believed where that an item can't be found by what the mirror knows of it is no evidence
 * that it is gone, and where only the page tells of a folder.
 */
async function ask(
  { entry: told }: Put,
  account: EngineAccount,
  { store }: EngineContext,
  escaped: readonly Entry[],
): Promise<Word> {
  const { tree } = account;
  const entry = await statNow(account, told.id);
  if (!entry) return tree.get(told.id) === null ? "known" : "page";
  const isKnown = (folder: ItemId | null) => folder !== null && tree.get(folder) !== null;
  if (!isKnown(entry.parent) || !isKnown(told.parent)) return "page";
  store.transaction(() => {
    tree.observe(entry);
    observeEscaped(account, escaped);
  });
  return "known";
}

type Put = Extract<Change, { readonly type: "put" }>;

function apply(account: EngineAccount, store: EngineContext["store"], page: ChangePage): void {
  const { epoch, stage } = store.accounts.get(account.id);
  account.tree.apply(page, epoch);
  store.unreadable.apply(account.id, page);
  const next = { listing: "listing", listed: "doubt", changes: stage } as const;
  store.accounts.moveCursor(account.id, page.next, next[page.stage]);
}

async function settleDoubt(
  account: EngineAccount,
  { store }: EngineContext,
  finds?: Finds,
): Promise<void> {
  const { epoch } = store.accounts.get(account.id);
  const { tree } = account;
  for (let after: ItemId | null = null; ; ) {
    const doubtful: ItemId[] = tree.unseen(epoch, after, doubtBatch);
    if (doubtful.length === 0) break;
    await Promise.all(
      doubtful.map(async (id) => {
        const entry = await statNow(account, id).catch((error: unknown) => {
          if (!isProviderError(error, "forbidden")) throw error;
          const { message: reason } = error;
          store.unreadable.put({ account: account.id, item: id, reason, refused: true });
          return undefined;
        });
        // Out of sight is no word of being gone: it stays as it is.
        if (entry === undefined) return tree.confirm(id, epoch);
        const known = tree.get(id);
        if (!entry && known) finds?.gone(known);
        store.transaction(() => {
          store.unreadable.clear(account.id, id);
          if (!entry) return tree.drop(id);
          tree.observe(entry);
          tree.confirm(id, epoch);
        });
      }),
    );
    after = doubtful.at(-1) ?? null;
  }
  await findFolders(account, store);
  store.accounts.endDoubt(account.id);
}

/**
 * A listing may leave out a folder and name what that holds, which would then seem to have left the scope until
 * another listing names it, too: it is asked for, and what holds it in turn. One that the account can't see stays
 * unknown.
 */
async function findFolders(account: EngineAccount, store: EngineContext["store"]): Promise<void> {
  const { tree } = account;
  const asked = new Set<ItemId>();
  for (;;) {
    const unknown = tree.unknownFolders().filter((id) => !asked.has(id));
    if (unknown.length === 0) return;
    await Promise.all(
      unknown.slice(0, doubtBatch).map(async (id) => {
        asked.add(id);
        const entry = await statNow(account, id).catch((error: unknown) => {
          if (!isProviderError(error, "forbidden")) throw error;
          return null;
        });
        if (entry) store.transaction(() => tree.observe(entry));
      }),
    );
  }
}
