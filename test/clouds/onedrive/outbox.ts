import type { NotificationControls } from "./notifications.ts";

/** Notifications that wait for their time: one a subscription, however much changed. */
export interface Outbox {
  put(subscriptionId: string, url: string): void;
  /** It is not sent after all. */
  take(subscriptionId: string): void;
  stop(): void;
}

const pausedCheckMs = 20;

/** Gives to `send` what is due, one call an address. */
export function createOutbox(
  controls: NotificationControls,
  send: (url: string, subscriptionIds: readonly string[]) => void,
): Outbox {
  const waiting = new Map<string, string>();
  let timer: NodeJS.Timeout | null = null;

  function schedule(delayMs: number): void {
    timer ??= setTimeout(flush, delayMs).unref();
  }

  function flush(): void {
    timer = null;
    if (controls.paused) return schedule(pausedCheckMs);
    const byUrl = Map.groupBy(waiting, ([, url]) => url);
    waiting.clear();
    for (const [url, entries] of byUrl)
      send(
        url,
        entries.map(([id]) => id),
      );
  }

  return {
    put(subscriptionId, url) {
      waiting.set(subscriptionId, url);
      schedule(controls.delayMs);
    },
    take: (subscriptionId) => void waiting.delete(subscriptionId),
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
