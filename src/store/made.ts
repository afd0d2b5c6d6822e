import { asc, eq } from "drizzle-orm";
import type { Db } from "./open.ts";
import { madeAccounts, madeContacts, madeRules, pauses } from "./schema.ts";
import type { Sealer } from "./seal.ts";
import { contexts } from "./sealed.ts";

/** Fields as in a `syncline.yaml`. */
export type Fields = Readonly<Record<string, unknown>>;

export interface MadeAccount {
  readonly name: string;
  readonly provider: string;
  /** Null: it was sealed with another key than that of this data folder. */
  readonly fields: Fields | null;
}

export interface MadeRule {
  readonly name: string;
  readonly fields: Fields;
}

export interface MadeContact {
  readonly id: string;
  /** Null: as with an account. */
  readonly fields: Fields | null;
}

/** What was made in the dashboard rather than in a `syncline.yaml`. Nothing here is checked. */
export interface Made {
  accounts(): MadeAccount[];
  putAccount(name: string, provider: string, fields: Fields): void;
  removeAccount(name: string): void;
  /** In the order in which they were made. */
  rules(): MadeRule[];
  /** `former`: the name of the rule that it takes the place of. */
  putRule(name: string, fields: Fields, former?: string): void;
  removeRule(name: string): void;
  /** Entries of `notify`, in the order in which they were made. */
  contacts(): MadeContact[];
  putContact(id: string, fields: Fields): void;
  removeContact(id: string): void;
  /** Rules of the dashboard and of the file that a person has paused here. */
  paused(): ReadonlySet<string>;
  setPaused(rule: string, paused: boolean): void;
}

export function createMade(db: Db, sealer: Sealer, now: () => number): Made {
  const opened = (sealed: Buffer, context: string): Fields | null => {
    const text = sealer.unseal(sealed, context);
    return text === null ? null : JSON.parse(text);
  };
  return {
    accounts: () =>
      db
        .select()
        .from(madeAccounts)
        .orderBy(asc(madeAccounts.name))
        .all()
        .map(({ fields, ...row }) => ({
          ...row,
          fields: opened(fields, contexts.madeAccount(row)),
        })),
    putAccount(name, provider, given) {
      const fields = sealer.seal(JSON.stringify(given), contexts.madeAccount({ name }));
      const values = { provider, fields, changedAt: new Date(now()) };
      db.insert(madeAccounts)
        .values({ name, ...values })
        .onConflictDoUpdate({ target: madeAccounts.name, set: values })
        .run();
    },
    removeAccount: (name) => void db.delete(madeAccounts).where(eq(madeAccounts.name, name)).run(),
    rules: () =>
      db
        .select({ name: madeRules.name, fields: madeRules.fields })
        .from(madeRules)
        .orderBy(asc(madeRules.id))
        .all(),
    putRule(name, fields, former = name) {
      const values = { name, fields, changedAt: new Date(now()) };
      const { changes } = db.update(madeRules).set(values).where(eq(madeRules.name, former)).run();
      if (changes === 0) db.insert(madeRules).values(values).run();
    },
    removeRule: (name) => void db.delete(madeRules).where(eq(madeRules.name, name)).run(),
    contacts: () =>
      db
        .select({ id: madeContacts.id, fields: madeContacts.fields })
        .from(madeContacts)
        .orderBy(asc(madeContacts.changedAt), asc(madeContacts.id))
        .all()
        .map(({ id, fields }) => ({ id, fields: opened(fields, contexts.madeContact({ id })) })),
    putContact(id, given) {
      const fields = sealer.seal(JSON.stringify(given), contexts.madeContact({ id }));
      db.insert(madeContacts)
        .values({ id, fields, changedAt: new Date(now()) })
        .run();
    },
    removeContact: (id) => void db.delete(madeContacts).where(eq(madeContacts.id, id)).run(),
    paused: () =>
      new Set(
        db
          .select({ rule: pauses.rule })
          .from(pauses)
          .all()
          .map(({ rule }) => rule),
      ),
    setPaused(rule, paused) {
      if (!paused) db.delete(pauses).where(eq(pauses.rule, rule)).run();
      else {
        const at = new Date(now());
        db.insert(pauses).values({ rule, at }).onConflictDoNothing().run();
      }
    },
  };
}
