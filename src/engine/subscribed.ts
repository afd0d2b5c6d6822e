import { isProviderError } from "../core/error.ts";
import type { Subscription } from "../core/provider.ts";
import type { KeptSubscription } from "../store/subscriptions.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { reached } from "./time.ts";
import { ignoreAbort } from "./together.ts";
import { bellOf, createBell } from "./wake.ts";

export interface SubscribedOptions {
  /** Where the account's service is to call. */
  readonly address: string;
  /** 32 to 128 URL-safe characters that nobody can guess. */
  readonly newSecret: () => string;
  /** Told when the service's calls can't be had, once until they can. */
  readonly onProblem: (message: string) => void;
}

/** An account whose service is to call when there may be news, for as long as `run` goes on. */
export interface Subscribed {
  readonly account: EngineAccount;
  /** What the service may call for, the oldest first. */
  readonly kept: readonly KeptSubscription[];
  /** Whether a call came since the promise that holds now was made, and calls did not fail to come since. */
  isLive(): boolean;
  /** A true call came. */
  heard(): void;
  /** The feed had something of which no call told. */
  missed(): void;
  /** The service wants it renewed now, or has given it up. */
  ask(what: "renew" | "remake"): void;
  /** Makes, renews and remakes the subscription until the signal ends it; leaves it behind then. */
  run(signal: AbortSignal): Promise<void>;
}

/** So many finds of the safety net without any call between them: the service does not call any more. */
const toleratedMisses = 3;
const firstRetryMs = 60_000;
const lastRetryMs = 60 * 60_000;
/** Calls that never come are no reason to subscribe again and again. */
const remakeGapMs = 60 * 60_000;

/** Only the account whose `kept` it is given writes to them from then on. */
export function createSubscribed(
  account: EngineAccount,
  kept: readonly KeptSubscription[],
  { store, clock }: EngineContext,
  options: SubscribedOptions,
): Subscribed {
  const { provider } = account;
  const orders = createBell();
  let rows = [...kept];
  let order: "renew" | "remake" | null = null;
  let misses = 0;
  let isTrusted = false;
  let isBroken = false;

  const current = () => rows.findLast(({ expiresAt }) => expiresAt.getTime() > clock.now());

  function keep(subscription: Subscription, secret: string): void {
    const row = {
      ...subscription,
      secret,
      account: account.id,
      address: options.address,
      settingsHash: account.settingsHash,
      madeAt: new Date(clock.now()),
    };
    store.subscriptions.put(row);
    rows = [...rows.filter(({ id }) => id !== row.id), row];
  }

  function forget(row: KeptSubscription): void {
    store.subscriptions.remove(row);
    rows = rows.filter((each) => each !== row);
  }

  async function make(): Promise<void> {
    if (!provider.subscribe) return;
    const secret = options.newSecret();
    keep(await provider.subscribe({ address: options.address, secret }), secret);
    // What happened since the last call that came, or until this one is in force, is told by nobody.
    bellOf(account).ring();
  }

  /** Where it can't be ended now it lapses by itself, or is ended when the next one is made. */
  async function end(row: KeptSubscription): Promise<void> {
    try {
      if (row.settingsHash === account.settingsHash) await provider.unsubscribe?.(row);
      forget(row);
    } catch (error) {
      if (!isProviderError(error)) throw error;
    }
  }

  async function renew(row: KeptSubscription): Promise<void> {
    if (!provider.renew) return make();
    try {
      keep(await provider.renew(row), row.secret);
    } catch (error) {
      if (!isProviderError(error, "not-found")) throw error;
      forget(row);
      await make();
    }
  }

  /**
   * Does what is to be done now; gives when it is to be looked at again. What takes over is there before what
   * it replaces is ended, so that at no time nobody calls.
   */
  async function tend(): Promise<number> {
    for (const row of rows) if (row.expiresAt.getTime() <= clock.now()) forget(row);
    const asked = order;
    const row = current();
    if (!row || asked === "remake" || !isOurs(row)) await make();
    else if (asked === "renew" || renewAtMs(row) <= clock.now()) await renew(row);
    if (order === asked) order = null;
    const made = current();
    for (const each of rows) if (each !== made) await end(each);
    return made ? renewAtMs(made) : clock.now() + lastRetryMs;
  }

  const isOurs = (row: KeptSubscription) =>
    row.address === options.address && row.settingsHash === account.settingsHash;

  async function tended(retryMs: number, signal: AbortSignal): Promise<number> {
    try {
      const atMs = await tend();
      isBroken = false;
      return atMs;
    } catch (error) {
      signal.throwIfAborted();
      if (!isProviderError(error)) throw error;
      if (!isBroken) {
        const { name } = account;
        options.onProblem(
          `account "${name}" is polled, because its service can't be asked to call: ${error.message}`,
        );
      }
      isBroken = true;
      return clock.now() + retryMs;
    }
  }

  function ask(what: "renew" | "remake"): void {
    order = order === "remake" ? order : what;
    orders.ring();
  }

  return {
    account,
    ask,
    get kept() {
      return rows;
    },
    isLive: () => isTrusted && current() !== undefined,
    heard() {
      isTrusted = true;
      misses = 0;
    },
    missed() {
      misses += 1;
      if (misses < toleratedMisses) return;
      isTrusted = false;
      const madeMs = current()?.madeAt.getTime() ?? Number.POSITIVE_INFINITY;
      if (clock.now() - madeMs < remakeGapMs) return;
      misses = 0;
      ask("remake");
    },
    async run(signal) {
      for (let retryMs = firstRetryMs; ; ) {
        const { rings } = orders;
        const atMs = await tended(retryMs, signal);
        retryMs = isBroken ? Math.min(lastRetryMs, retryMs * 2) : firstRetryMs;
        await untilEither(Math.max(atMs, clock.now() + firstRetryMs), rings, signal);
      }
    },
  };

  async function untilEither(atMs: number, heard: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const waits = [reached(clock, atMs, both), orders.after(heard, both)];
    await Promise.race(waits.map((wait) => wait.catch(ignoreAbort(both))));
    over.abort();
    signal.throwIfAborted();
  }
}

/** Half of its life before the end, so that many attempts may fail; spread by its id, so that not all come at once. */
function renewAtMs({ id, madeAt, expiresAt }: KeptSubscription): number {
  const lifeMs = expiresAt.getTime() - madeAt.getTime();
  const spread = [...id].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 997, 0);
  return madeAt.getTime() + lifeMs * (0.5 - 0.1 * (spread / 997));
}
