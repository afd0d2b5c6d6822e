import { randomUUID } from "node:crypto";
import type { Rule } from "../core/rule.ts";
import { systemClock } from "../engine/system-clock.ts";
import { createHooks, type Hooks } from "../notify/hooks.ts";
import { createNotifier, type Notifier, type NotifierOptions } from "../notify/notifier.ts";
import { noteWarning } from "./config.ts";
import type { Session } from "./session.ts";
import type { Shell } from "./shell.ts";

/** What `watch` and `serve` tell people with. */
export const notifierOf = (
  { app }: Session,
  options: Omit<NotifierOptions, "store" | "clock" | "newId">,
): Notifier =>
  createNotifier({ store: app.store, clock: systemClock, newId: randomUUID, ...options });

/** What programs are told with of what was done. `rules`: as they are now. */
export const hooksOf = (
  { app }: Session,
  rules: () => readonly Rule[],
  onProblem: (message: string) => void,
): Hooks =>
  createHooks({ store: app.store, clock: systemClock, env: process.env, rules, onProblem });

/** Tells people and programs of it while `work` goes on, and has stopped when that ends. */
export async function notifying(
  tellers: readonly Pick<Notifier, "run">[],
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const running = Promise.all(tellers.map((teller) => teller.run(over.signal)));
  try {
    await work();
  } finally {
    over.abort(new Error("the program ends"));
    await running;
  }
}

/** Calls the hooks for what a command does that ends by itself: before it for what was left, and when it is done. */
export async function withHooks<T>(
  session: Session,
  { output }: Shell,
  work: () => Promise<T>,
): Promise<T> {
  const { app, signal } = session;
  const hooks = hooksOf(
    session,
    () => app.config.rules,
    (message) => noteWarning(output, message),
  );
  await hooks.drain(signal);
  try {
    return await work();
  } finally {
    await hooks.drain(signal);
  }
}
