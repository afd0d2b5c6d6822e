import { closeSync, openSync } from "node:fs";
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
 * within ten seconds, ends the program hard: the state bears that at any time. With `onHangup` a SIGHUP asks for
 * that instead, as of a service, unless it says that the program's terminal is gone.
 */
export function listenForInterruption(onHangup?: () => void): Interruption {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let firstAt: number | null = null;

  function interrupt(name: (typeof names)[number]): void {
    if (name === "SIGHUP" && onHangup && !hasLostTerminal()) return onHangup();
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

/** Whether the program was started in a terminal that is closed by now. */
function hasLostTerminal(): boolean {
  if (!process.stderr.isTTY) return false;
  try {
    closeSync(openSync("/dev/tty", "r"));
    return false;
  } catch {
    return true;
  }
}
