import { setTimeout as sleep } from "node:timers/promises";

/** How notifications go wrong; may be changed while the stand-in runs. */
export interface NotificationControls {
  /** Chance that one is never sent. */
  dropped: number;
  /** Chance that one is sent twice. */
  repeated: number;
  /** From a change to its notification; changes in between go along (Graph docs: on average under a minute). */
  delayMs: number;
  /** While it is true nothing is sent; what waits goes when it is false again. */
  paused: boolean;
  /** An answer has to come within it (Graph docs: 3 s). */
  answerMs: number;
  /** From a failed notification to its first repetition; doubles with each. */
  retryMs: number;
  /** How long it is tried (Graph docs: 4 hours). */
  giveUpMs: number;
}

/** Carries messages to the subscribers' addresses. */
export interface Courier {
  /** Sends one, with repetitions until it is taken; never rejects. */
  deliver(url: string, body: object): Promise<void>;
  /** Gives up what is under way; what comes later is delivered again. */
  stop(): void;
}

export function createCourier(controls: NotificationControls, random: () => number): Courier {
  let running = new AbortController();
  async function once(url: string, body: object, signal: AbortSignal): Promise<boolean> {
    const timeout = AbortSignal.timeout(controls.answerMs);
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.any([signal, timeout]),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      // Whatever kept the subscriber from answering, a repetition is the answer to it.
      return false;
    }
  }
  async function insist(url: string, body: object): Promise<void> {
    const { signal } = running;
    let waitMs = controls.retryMs;
    for (let passedMs = 0; !(await once(url, body, signal)); passedMs += waitMs, waitMs *= 2) {
      if (signal.aborted || passedMs + waitMs > controls.giveUpMs) return;
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
  return {
    async deliver(url, body) {
      if (random() < controls.dropped) return;
      const times = random() < controls.repeated ? 2 : 1;
      await Promise.all(Array.from({ length: times }, () => insist(url, body)));
    },
    stop() {
      running.abort();
      running = new AbortController();
    },
  };
}

/**
 * Asks an address whether it wants notifications (Graph docs: "Notification endpoint validation"): it has to give
 * the token back as plain text within 10 s. Null: it does; else why not.
 */
export async function validate(url: string, token: string): Promise<string | null> {
  const asked = new URL(url);
  asked.searchParams.append("validationToken", token);
  try {
    const answer = await fetch(asked, {
      method: "POST",
      headers: { "content-type": "text/plain; charset=utf-8" },
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    const body = await answer.text();
    const plain = /^text\/plain\b/i.test(answer.headers.get("content-type") ?? "");
    if (answer.status !== 200) return `HTTP status code is '${answer.status}', expected 'OK'.`;
    return plain && body === token ? null : "The answer is not the validation token as plain text.";
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    return timedOut
      ? "Subscription validation request timed out."
      : "The address can't be reached.";
  }
}
