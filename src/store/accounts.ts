import { eq, sql } from "drizzle-orm";
import type { Cursor, ItemId } from "../core/entry.ts";
import type { Failure } from "../core/error.ts";
import type { Grant, Identity, TokenStore, Tokens } from "../core/provider.ts";
import type { Destinations } from "./destinations.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { accounts, items, unreadable } from "./schema.ts";
import type { Sealer } from "./seal.ts";
import { contexts } from "./sealed.ts";

export type AccountRow = typeof accounts.$inferSelect;
export type FeedStage = AccountRow["stage"];

export interface Accounts {
  /** The account's row; made when it is new. `settingsHash` is kept from when it was last identified. */
  ensure(name: string, provider: string): AccountRow;
  get(id: number): AccountRow;
  all(): AccountRow[];
  /** Each account once, by its name: as it was read last, be it through a rule's encryption. */
  lastRead(): AccountRow[];
  /**
   * Remembers who is signed in. When that is somebody else than before, all that is known of the account
   * is forgotten: its tree, its cursor and the links that name its ids.
   */
  identify(id: number, identity: Identity, settingsHash: string): void;
  setRoot(id: number, root: ItemId): void;
  /** Begins a whole listing: what is known stays, and is in doubt until the listing names it. */
  beginListing(id: number): void;
  /** Saves a place in the feed; in the transaction of the page that leads there. */
  moveCursor(id: number, cursor: Cursor, stage: FeedStage): void;
  /** A whole listing, and all that it left open, is dealt with. */
  endDoubt(id: number): void;
  /** The feed was read to its end just now. Other processes, and the next one, may learn of it five minutes later. */
  setRead(id: number): void;
  /** Why it can't be read, in words for people, and as a kind, until it can. */
  setProblem(id: number, problem: string, failure: Failure): void;
  /** Tokens of one grant: those of another one are not found. */
  tokens(id: number, settingsHash: string): TokenStore;
  /** What was learned of that grant with its tokens; null: it has brought none yet. */
  grant(id: number, settingsHash: string): Grant | null;
}

/** When an account was read, a process knows to the millisecond; it is put on disk no more often than this. */
const keptReadMs = 5 * 60_000;

/** What a rule with `encrypt` sees of an account is kept as an account of its own. */
export const viewName = (account: string, rule: string, names: string | null): string =>
  [account, rule, ...(names === null ? [] : [names])].join("#");

const accountOf = (name: string): string => name.split("#")[0] ?? name;

export function createAccounts(
  db: Db,
  sealer: Sealer,
  now: () => number,
  destinations: Destinations,
): Accounts {
  const statements = prepare(db);
  const get = (id: number): AccountRow => {
    const row = statements.byId.get({ id });
    if (!row) throw new Error(`account ${id} is not in the state`);
    return row;
  };
  const set = (id: number, values: Partial<AccountRow>) =>
    db.update(accounts).set(values).where(eq(accounts.id, id)).run();

  function forget(id: number): void {
    for (const table of [items, unreadable]) {
      db.delete(table).where(eq(table.account, id)).run();
    }
    destinations.forget(id);
    set(id, { cursor: null, root: null, stage: "done", tokens: null, tokensHash: null });
  }

  const unsealTokens = (row: AccountRow, settingsHash: string): string | null =>
    row.tokens && row.tokensHash === settingsHash
      ? sealer.unseal(row.tokens, contexts.tokens(row))
      : null;

  function loadTokens(id: number, settingsHash: string): KeptTokens | null {
    const text = unsealTokens(get(id), settingsHash);
    if (!text) return null;
    const { expiresAt, grantEndsAt, usedSince, ...stored } = JSON.parse(text);
    return {
      ...stored,
      expiresAt: new Date(expiresAt),
      ...(grantEndsAt && { grantEndsAt: new Date(grantEndsAt) }),
      ...(usedSince && { usedSince: new Date(usedSince) }),
    };
  }

  /** When an account was read, later than what is kept of that. */
  const reads = new Map<number, Date>();
  const asRead = (row: AccountRow): AccountRow => {
    const readAt = reads.get(row.id);
    return readAt && row.readAt ? { ...row, readAt } : row;
  };
  const all = () => db.select().from(accounts).all().map(asRead);

  return {
    get: (id) => asRead(get(id)),
    all,
    lastRead: () =>
      [...Map.groupBy(all(), ({ name }) => accountOf(name))].flatMap(([name, rows]) => {
        const [newest] = rows.toSorted((a, b) => Number(b.readAt ?? 0) - Number(a.readAt ?? 0));
        return newest ? [{ ...newest, name }] : [];
      }),
    ensure(name, provider) {
      const known = statements.byName.get({ name });
      if (known?.provider === provider) return known;
      if (known) {
        return db.transaction(() => {
          forget(known.id);
          set(known.id, { provider, identity: null, settingsHash: "" });
          return get(known.id);
        });
      }
      return db.insert(accounts).values({ name, provider, settingsHash: "" }).returning().get();
    },
    identify(id, identity, settingsHash) {
      const before = get(id);
      if (before.identity !== null && before.identity !== identity.id) {
        forget(id);
        // Asking who is signed in may have brought the new grant's tokens already.
        const { tokens, tokensHash } = before;
        if (unsealTokens(before, settingsHash)) set(id, { tokens, tokensHash });
      }
      set(id, { identity: identity.id, label: identity.label, settingsHash });
    },
    setRoot: (id, root) => void set(id, { root }),
    beginListing: (id) =>
      void set(id, { epoch: get(id).epoch + 1, stage: "listing", cursor: null }),
    moveCursor(id, cursor, stage) {
      const row = get(id);
      if (row.cursor !== cursor || row.stage !== stage) {
        statements.moveCursor.run({ id, cursor, stage });
      }
    },
    setRead(id) {
      const { readAt, problem } = get(id);
      const isFresh = readAt !== null && Math.abs(now() - readAt.getTime()) < keptReadMs;
      reads.delete(id);
      if (isFresh && problem === null) reads.set(id, new Date(now()));
      else statements.setRead.run({ id, readAt: now() });
    },
    setProblem: (id, problem, failure) => void set(id, { problem, failure }),
    endDoubt: (id) => void set(id, { stage: "done", listedAt: new Date(now()) }),
    tokens: (id, settingsHash) => ({
      load() {
        const kept = loadTokens(id, settingsHash);
        if (!kept) return null;
        const { usedSince: _, ...tokens } = kept;
        return tokens;
      },
      save(tokens) {
        const context = contexts.tokens({ name: get(id).name, tokensHash: settingsHash });
        const before = loadTokens(id, settingsHash);
        // Of a grant from before this was noted, nobody knows.
        const usedSince = before ? before.usedSince : new Date(now());
        const kept = { ...(before?.scopes && { scopes: before.scopes }), ...tokens, usedSince };
        const sealed = sealer.seal(JSON.stringify(kept), context);
        set(id, { tokens: sealed, tokensHash: settingsHash });
      },
    }),
    grant(id, settingsHash) {
      const kept = loadTokens(id, settingsHash);
      if (!kept) return null;
      const { usedSince = null, scopes = null, grantEndsAt = null } = kept;
      return { usedSince, scopes, endsAt: grantEndsAt };
    },
  };
}

interface KeptTokens extends Tokens {
  /** When the grant brought its first tokens. */
  readonly usedSince?: Date;
}

/** Those that every run and every reading of a feed asks for. */
function prepare(db: Db) {
  const byId = eq(accounts.id, sql.placeholder("id"));
  return prepared({
    byId: () => db.select().from(accounts).where(byId).prepare(),
    byName: () =>
      db
        .select()
        .from(accounts)
        .where(eq(accounts.name, sql.placeholder("name")))
        .prepare(),
    moveCursor: () =>
      db
        .update(accounts)
        .set({ cursor: raw("cursor"), stage: raw("stage") })
        .where(byId)
        .prepare(),
    setRead: () =>
      db
        .update(accounts)
        .set({ readAt: raw("readAt"), problem: null, failure: null })
        .where(byId)
        .prepare(),
  });
}
