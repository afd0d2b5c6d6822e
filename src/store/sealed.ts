import { getTableColumns, isNotNull, sql } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Db } from "./open.ts";
import { accounts, madeAccounts, madeContacts, subscriptions, uploads } from "./schema.ts";
import { unseal } from "./seal.ts";

/** All that is sealed in a state, and which row each of it is bound to. */

export const contexts = {
  tokens: (row: { readonly name: string; readonly tokensHash: string | null }) =>
    `${row.name} ${row.tokensHash}`,
  subscription: (row: { readonly account: number; readonly id: string }) =>
    `subscription ${row.account} ${row.id}`,
  upload: (row: { readonly operation: string }) => `upload ${row.operation}`,
  madeAccount: (row: { readonly name: string }) => `account of the dashboard ${row.name}`,
  madeContact: (row: { readonly id: string }) => `notification of the dashboard ${row.id}`,
};

/** One sealed value of a row. */
export interface SealedValue {
  readonly sealed: Buffer;
  readonly context: string;
  /** Puts another in its place. */
  replace(sealed: Buffer): void;
}

export interface SealedColumn {
  readonly table: SQLiteTable;
  readonly column: string;
  /** All that is there; each can be replaced while it is looked at. */
  values(db: Db): SealedValue[];
}

/** Every column that is sealed: what is missing here a change of the key would lose. */
export const sealedColumns: readonly SealedColumn[] = [
  column(accounts, "tokens", contexts.tokens),
  column(subscriptions, "secret", contexts.subscription),
  column(uploads, "state", contexts.upload),
  column(madeAccounts, "fields", contexts.madeAccount),
  column(madeContacts, "fields", contexts.madeContact),
];

function column<T extends SQLiteTable>(
  table: T,
  name: keyof T["_"]["columns"] & string,
  contextOf: (row: T["$inferSelect"]) => string,
): SealedColumn {
  const columns = getTableColumns(table);
  const rowid = sql<number>`rowid`;
  return {
    table,
    column: name,
    values: (db) =>
      db
        .select({ rowid, row: columns })
        .from(table as SQLiteTable)
        .where(isNotNull(columns[name] as never))
        .all()
        .map(({ rowid: id, row }) => ({
          sealed: (row as Record<string, Buffer>)[name] as Buffer,
          context: contextOf(row as T["$inferSelect"]),
          replace: (sealed) =>
            void db
              .update(table as SQLiteTable)
              .set({ [name]: sealed })
              .where(sql`rowid = ${id}`)
              .run(),
        })),
  };
}

/** How many values are sealed, and which of them, in words for people, the key does not open. */
export function proveSealed(
  db: Db,
  key: Uint8Array,
): { readonly values: number; readonly unopened: readonly string[] } {
  const values = sealedColumns.flatMap((column) => column.values(db));
  const closed = values.filter(({ sealed, context }) => unseal(key, sealed, context) === null);
  return { values: values.length, unopened: closed.map(({ context }) => context) };
}
