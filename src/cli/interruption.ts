import { constants } from "node:os";
import { Interrupted } from "./failure.ts";

/** How long what is in flight may take to end after the program was asked to stop. */
const graceMs = 10_000;
/** One Ctrl-C can arrive several times: from the terminal, and again through npm or the starter. */
const sameRequestMs = 1_000;

export interface Interruption {
  /** Aborted with an `Interrupted`, or with what `abort` was given. */
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Lets signals end the program at once again. */
  dispose(): void;
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort. A second one, or one that is not answered
 * within ten seconds, ends the program hard: the state bears that at any time.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let firstAt: number | null = null;

  function interrupt(name: (typeof names)[number]): void {
    const exitCode = 128 + constants.signals[name];
    const nowMs = performance.now();
    firstAt ??= nowMs;
    if (nowMs - firstAt > sameRequestMs) process.exit(exitCode);
    if (controller.signal.aborted) return;
    controller.abort(new Interrupted(exitCode));
    setTimeout(() => process.exit(exitCode), graceMs).unref();
  }

  for (const name of names) process.on(name, interrupt);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    dispose() {
      for (const name of names) process.off(name, interrupt);
    },
  };
}
