import { randomUUID } from "node:crypto";
import type { Rule } from "../core/rule.ts";
import { type ClockWatchOptions, watchClock } from "../engine/clock-jump.ts";
import { systemClock } from "../engine/system-clock.ts";
import { createHooks, type Hooks } from "../notify/hooks.ts";
import { createNotifier, type Notifier, type NotifierOptions } from "../notify/notifier.ts";
import { noteWarning } from "./config.ts";
import { formatSpan } from "./format.ts";
import type { Session } from "./session.ts";
import type { Shell } from "./shell.ts";

/** What `watch` and `serve` tell people with. */
export const notifierOf = (
  { app }: Session,
  options: Omit<NotifierOptions, "store" | "clock" | "newId">,
): Notifier =>
  createNotifier({ store: app.store, clock: systemClock, newId: randomUUID, ...options });

/** Tells whoever reads the log when the clock jumps. */
export const clockWatch = (
  onProblem: (message: string) => void,
  { clock = systemClock, elapsed = () => performance.now() }: Partial<ClockWatchOptions> = {},
): Pick<Notifier, "run"> => ({
  run: (signal) =>
    watchClock({ clock, elapsed, onJump: (byMs) => onProblem(jumpWords(byMs)) }, signal),
});

function jumpWords(byMs: number): string {
  const size = formatSpan(Math.abs(byMs));
  return byMs > 0
    ? `the clock of this machine went ahead by ${size}: it slept, or the clock was set; what was missed is caught up once`
    : `the clock of this machine was set back by ${size}: schedules go by the new time; let NTP keep it (timedatectl set-ntp true)`;
}

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
