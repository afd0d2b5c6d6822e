import { isProviderError } from "../core/error.ts";
import type { KeptSubscription } from "../store/subscriptions.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import type { ServiceCalls } from "./follow.ts";
import { createSubscribed, type Subscribed, type SubscribedOptions } from "./subscribed.ts";
import { createGroup, type Member } from "./together.ts";

export interface SubscriptionsOptions extends Omit<SubscribedOptions, "address"> {
  /** Ends all of it. */
  readonly signal: AbortSignal;
  /** Under which services reach `/webhooks/SERVICE`; null: nowhere, and what was promised is ended. */
  readonly publicUrl: string | null;
  /** An account of the state, where the configuration still has it. */
  readonly open: (account: number) => EngineAccount | null;
}

/** The calls that services have promised, and what they lead to. */
export interface Subscriptions extends ServiceCalls {
  /**
   * These are the accounts whose news are awaited from now on: what others were promised is ended, and those that
   * were followed already go on. Those whose services take no subscription are left out.
   */
  follow(accounts: readonly EngineAccount[]): void;
  /** Keeps all of them alive until the signal ends it. */
  run(): Promise<void>;
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
  const group = createGroup(options.signal);
  const followed = new Map<EngineAccount, { subscribed: Subscribed; member: Member | null }>();
  let isRunning = false;
  const all = () => [...followed.values()].map(({ subscribed }) => subscribed);
  const of = ({ id }: EngineAccount) => all().find(({ account }) => account.id === id);

  /** What is ended may be in the midst of a request that makes another promise. */
  function begin(ending: readonly Promise<void>[]): void {
    for (const each of followed.values()) {
      each.member ??= group.begin((signal) => [each.subscribed.run(signal)]);
    }
    group.begin(() => [Promise.all(ending).then(endRest)]);
  }

  async function endRest(): Promise<void> {
    for (const [account, rows] of Map.groupBy(store.subscriptions.all(), (row) => row.account)) {
      if (all().some((each) => each.account.id === account)) continue;
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
      for (const subscribed of all()) {
        if (subscribed.account.provider.kind !== service) continue;
        const row = subscribed.kept.find((each) => each.id === id);
        const { account, heard, ask } = subscribed;
        if (row) return { id, secret: row.secret, resource: row.resource, account, heard, ask };
      }
      return null;
    },
    follow(accounts) {
      const awaited =
        publicUrl === null ? [] : accounts.filter(({ provider }) => provider.subscribe);
      const gone = [...followed].filter(([account]) => !awaited.includes(account));
      for (const [account] of gone) followed.delete(account);
      const over = new Error("nobody awaits its news any more");
      const ending = gone.flatMap(([, { member }]) => member?.end(over) ?? []);
      const kept = Map.groupBy(store.subscriptions.all(), ({ account }) => account);
      for (const account of awaited.filter((each) => !followed.has(each))) {
        const address = `${publicUrl}/webhooks/${account.provider.kind}`;
        const rows = kept.get(account.id) ?? [];
        const subscribed = createSubscribed(account, rows, context, { ...options, address });
        followed.set(account, { subscribed, member: null });
      }
      if (isRunning) begin(ending);
    },
    async run() {
      isRunning = true;
      begin([]);
      await group.over();
    },
  };
}
