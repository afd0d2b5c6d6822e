import { randomUUID } from "node:crypto";
import { systemClock } from "../engine/system-clock.ts";
import { createNotifier, type Notifier, type NotifierOptions } from "../notify/notifier.ts";
import type { Session } from "./session.ts";

/** What `watch` and `serve` tell people with. */
export const notifierOf = (
  { app }: Session,
  options: Omit<NotifierOptions, "store" | "clock" | "newId">,
): Notifier =>
  createNotifier({ store: app.store, clock: systemClock, newId: randomUUID, ...options });

/** Tells people of it while `work` goes on, and has stopped when that ends. */
export async function notifying(notifier: Notifier, work: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const running = notifier.run(over.signal);
  try {
    await work();
  } finally {
    over.abort(new Error("the program ends"));
    await running;
  }
}
