import { randomUUID } from "node:crypto";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock, Subscription, SubscriptionRequest } from "../../src/core/provider.ts";
import type { DriveApi } from "./api.ts";

/** The longest that Drive grants for changes (Drive docs: "Notifications for resource changes"). */
const longestLifeMs = 7 * 24 * 3_600_000;

/** See `Provider.subscribe`. A channel can't be renewed: another one takes over. */
export async function subscribe(
  api: DriveApi,
  clock: Clock,
  { address, secret }: SubscriptionRequest,
): Promise<Subscription> {
  const expiresAt = new Date(clock.now() + longestLifeMs);
  const channel = await api.watch({ id: randomUUID(), address, token: secret, expiresAt });
  const { id, resourceId, expiration } = channel;
  const expiresMs = Number(expiration);
  if (id && resourceId && expiration && Number.isFinite(expiresMs)) {
    return { id, resource: resourceId, expiresAt: new Date(expiresMs) };
  }
  throw new ProviderError(
    "unexpected",
    "google-drive: the answer names no channel, or not its end",
  );
}

/** See `Provider.unsubscribe`. */
export async function unsubscribe(api: DriveApi, { id, resource }: Subscription): Promise<void> {
  try {
    await api.stop({ id, resourceId: resource ?? "" });
  } catch (error) {
    if (!isProviderError(error, "not-found")) throw error;
  }
}
