import type { Caller } from "../kit/caller.ts";
import { randomText } from "../kit/random.ts";
import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { randomGuid } from "./ids.ts";
import { createControls, deliver, type NotificationControls } from "./notifications.ts";
import { createOutbox } from "./outbox.ts";

/** Who wants to be told of changes, and the telling. */
export interface Subscriptions {
  readonly controls: NotificationControls;
  /** Those that have not expired. */
  list(): readonly Subscription[];
  find(id: string): Subscription | undefined;
  add(fields: Omit<Subscription, "id" | "silent" | "needsReauthorization">): Subscription;
  remove(id: string): void;
  /** To be called with every change of a drive. */
  changed(drive: Drive, folders: ReadonlySet<string>): void;
  /** Sends what is told of the subscriptions themselves; default: to all that gave an address for it. */
  lifecycle(event: LifecycleEvent, id?: string): void;
  /** A token for the validation of an address. */
  newToken(): string;
  stop(): void;
}

/** Graph docs, "Lifecycle notifications". */
export type LifecycleEvent = "reauthorizationRequired" | "subscriptionRemoved" | "missed";

export interface Subscription {
  readonly id: string;
  readonly clientId: string;
  /** As it was asked for. */
  readonly resource: string;
  readonly driveId: string;
  readonly folderId: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  expiresAt: number;
  /** It is there, and tells nothing: as happens without a word. */
  silent: boolean;
  needsReauthorization: boolean;
}

export function createSubscriptions(
  context: () => Context,
  caller: Caller,
  random: () => number,
): Subscriptions {
  const controls = createControls(caller.line);
  const all = new Map<string, Subscription>();
  const find = (id: string) => {
    const found = all.get(id);
    return found === undefined || found.expiresAt <= context().now() ? undefined : found;
  };
  const list = () => [...all.keys()].flatMap((id) => find(id) ?? []);
  const outbox = createOutbox(controls, (url, ids) => {
    const due = ids.flatMap((id) => find(id) ?? []);
    const value = due.map((one) => ({ ...noteOf(context(), one), changeType: "updated" }));
    if (value.length > 0) deliver(caller, controls, url, { value });
  });
  function happen(event: LifecycleEvent, one: Subscription): void {
    if (event === "reauthorizationRequired") one.needsReauthorization = true;
    if (event === "subscriptionRemoved") all.delete(one.id);
    if (event === "missed") outbox.take(one.id);
    if (one.lifecycleNotificationUrl === null) return;
    const value = [{ ...noteOf(context(), one), lifecycleEvent: event }];
    deliver(caller, controls, one.lifecycleNotificationUrl, { value });
  }
  return {
    controls,
    list,
    find,
    add(fields) {
      const id = randomGuid(context().random);
      const added = { ...fields, id, silent: false, needsReauthorization: false };
      all.set(id, added);
      return added;
    },
    remove: (id) => void all.delete(id),
    changed(drive, folders) {
      for (const one of list()) {
        const told = one.driveId === drive.id && folders.has(one.folderId);
        if (told && !one.silent && !one.needsReauthorization)
          outbox.put(one.id, one.notificationUrl);
      }
    },
    lifecycle(event, id) {
      for (const one of list()) if (id === undefined || one.id === id) happen(event, one);
    },
    newToken: () =>
      `Validation: Testing client application & reachability: ${randomText(random, 32)}+/=`,
    stop: outbox.stop,
  };
}

function noteOf({ user }: Context, one: Subscription): object {
  return {
    subscriptionId: one.id,
    ...(one.clientState === null ? {} : { clientState: one.clientState }),
    resource: one.resource,
    tenantId: user.tenantId,
    subscriptionExpirationDateTime: new Date(one.expiresAt).toISOString(),
  };
}
