import { and, asc, eq } from "drizzle-orm";
import type { Subscription } from "../core/provider.ts";
import type { Db } from "./open.ts";
import { subscriptions } from "./schema.ts";
import type { Sealer } from "./seal.ts";
import { contexts } from "./sealed.ts";

/** A promise of a service to call, with what a call is known by. */
export interface KeptSubscription extends Subscription {
  readonly account: number;
  readonly address: string;
  readonly secret: string;
  /** Of the account when it was made. */
  readonly settingsHash: string;
  /** Made, or last renewed. */
  readonly madeAt: Date;
}

export interface Subscriptions {
  /** The oldest first. One that can't be unsealed is forgotten: its calls could not be told from forged ones. */
  all(): KeptSubscription[];
  /** Keeps a new one, or a later end of one that is known. */
  put(subscription: KeptSubscription): void;
  remove(subscription: Pick<KeptSubscription, "account" | "id">): void;
}

export function createSubscriptions(db: Db, sealer: Sealer): Subscriptions {
  function remove({ account, id }: Pick<KeptSubscription, "account" | "id">): void {
    const where = and(eq(subscriptions.account, account), eq(subscriptions.id, id));
    db.delete(subscriptions).where(where).run();
  }

  return {
    all() {
      const rows = db.select().from(subscriptions).orderBy(asc(subscriptions.madeAt)).all();
      return rows.flatMap((row) => {
        const secret = sealer.unseal(row.secret, contexts.subscription(row));
        if (secret !== null) return [{ ...row, secret }];
        remove(row);
        return [];
      });
    },
    put(subscription) {
      const secret = sealer.seal(subscription.secret, contexts.subscription(subscription));
      const values = { ...subscription, secret };
      db.insert(subscriptions)
        .values(values)
        .onConflictDoUpdate({ target: [subscriptions.account, subscriptions.id], set: values })
        .run();
    },
    remove,
  };
}
