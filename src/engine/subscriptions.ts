import { isProviderError } from "../core/error.ts";
import type { KeptSubscription } from "../store/subscriptions.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import type { ServiceCalls } from "./follow.ts";
import { createSubscribed, type Subscribed, type SubscribedOptions } from "./subscribed.ts";

export interface SubscriptionsOptions extends Omit<SubscribedOptions, "address"> {
  /** Accounts whose news are awaited. Those whose services take no subscription are left out. */
  readonly accounts: readonly EngineAccount[];
  /** Under which services reach `/webhooks/SERVICE`; null: nowhere, and what was promised is ended. */
  readonly publicUrl: string | null;
  /** An account of the state, where the configuration still has it. */
  readonly open: (account: number) => EngineAccount | null;
}

/** The calls that services have promised, and what they lead to. */
export interface Subscriptions extends ServiceCalls {
  /** Keeps all of them alive, and ends what nobody awaits any more, until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
  /** The subscription that a call names; null when we have none such. */
  find(service: string, id: string): CalledFor | null;
}

/** What a call is proven with, and what it may ask for. */
export interface CalledFor extends Pick<KeptSubscription, "id" | "secret" | "resource"> {
  /** It is a true one: nothing else may be called before. */
  heard(): void;
  ask: Subscribed["ask"];
  readonly account: EngineAccount;
}

export function createSubscriptions(
  context: EngineContext,
  options: SubscriptionsOptions,
): Subscriptions {
  const { store } = context;
  const { publicUrl } = options;
  const kept = Map.groupBy(store.subscriptions.all(), ({ account }) => account);
  const awaited = options.accounts.filter(({ provider }) => provider.subscribe);
  const all = (publicUrl === null ? [] : awaited).map((account) =>
    createSubscribed(account, kept.get(account.id) ?? [], context, {
      ...options,
      address: `${publicUrl}/webhooks/${account.provider.kind}`,
    }),
  );
  const of = ({ id }: EngineAccount) => all.find(({ account }) => account.id === id);

  async function endRest(): Promise<void> {
    for (const [account, rows] of kept) {
      if (all.some((each) => each.account.id === account)) continue;
      const opened = options.open(account);
      for (const row of rows) await endOne(row, opened);
    }
  }

  /** Where the account is not ours any more it lapses by itself; its calls are answered with 404. */
  async function endOne(row: KeptSubscription, account: EngineAccount | null): Promise<void> {
    try {
      const isOurs = account?.settingsHash === row.settingsHash;
      if (isOurs && row.expiresAt.getTime() > context.clock.now()) {
        await account.provider.unsubscribe?.(row);
      }
      store.subscriptions.remove(row);
    } catch (error) {
      // It stays in the state, for the next start to end.
      if (!isProviderError(error)) throw error;
    }
  }

  return {
    areLive: (account) => of(account)?.isLive() ?? false,
    missed: (account) => of(account)?.missed(),
    find(service, id) {
      for (const subscribed of all) {
        if (subscribed.account.provider.kind !== service) continue;
        const row = subscribed.kept.find((each) => each.id === id);
        const { account, heard, ask } = subscribed;
        if (row) return { id, secret: row.secret, resource: row.resource, account, heard, ask };
      }
      return null;
    },
    async run(signal) {
      await Promise.all([endRest(), ...all.map((each) => each.run(signal))]);
    },
  };
}
