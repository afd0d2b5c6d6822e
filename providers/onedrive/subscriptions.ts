import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock, Subscription, SubscriptionRequest } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import type { Drive } from "./drive.ts";
import { describe } from "./errors.ts";

/** A little under the 42,300 minutes that are allowed (Graph docs: "subscription resource type", lifetime). */
const lifeMs = 42_000 * 60_000;

/** The calls that Graph makes when a drive may have changed. */
export interface Subscriptions {
  subscribe(request: SubscriptionRequest): Promise<Subscription>;
  renew(subscription: Subscription): Promise<Subscription>;
  unsubscribe(subscription: Subscription): Promise<void>;
}

interface SubscriptionFacts {
  readonly id?: string;
  readonly expirationDateTime?: string;
}

/** One subscription on the whole drive, as every kind of drive takes it; it also tells when it is about to end. */
export function createSubscriptions(api: Api, drive: Drive, clock: Clock): Subscriptions {
  const expiry = () => ({ expirationDateTime: new Date(clock.now() + lifeMs).toISOString() });

  function subscriptionOf({ id, expirationDateTime }: SubscriptionFacts): Subscription {
    if (id && expirationDateTime) {
      return { id, resource: null, expiresAt: new Date(expirationDateTime) };
    }
    throw new ProviderError("unexpected", "onedrive: the answer names no subscription");
  }

  return {
    async subscribe({ address, secret }) {
      const attempt = { operation: "subscribe", item: address };
      const json = {
        changeType: "updated",
        notificationUrl: address,
        lifecycleNotificationUrl: address,
        resource: `${await drive.base()}/root`,
        clientState: secret,
        ...expiry(),
      };
      try {
        const request = { attempt, method: "POST", url: "/subscriptions", json } as const;
        return subscriptionOf(await api.ask<SubscriptionFacts>(request));
      } catch (error) {
        if (!isProviderError(error, "already-exists", "not-found")) throw error;
        const words = `${describe(attempt)}: ${error.message}`;
        throw new ProviderError("unexpected", words, { cause: error });
      }
    },

    async renew({ id }) {
      const attempt = { operation: "renew", item: `the subscription ${id}` };
      const url = `/subscriptions/${encodeURIComponent(id)}`;
      return subscriptionOf(
        await api.ask<SubscriptionFacts>({ attempt, method: "PATCH", url, json: expiry() }),
      );
    },

    async unsubscribe({ id }) {
      const attempt = { operation: "end", item: `the subscription ${id}` };
      const url = `/subscriptions/${encodeURIComponent(id)}`;
      await api.send({ attempt, method: "DELETE", url, answers: [404, 410] });
    },
  };
}
