import type { Caller, Insistence, Line } from "../kit/caller.ts";

/** How notifications go wrong; may be changed while the stand-in runs. */
export interface NotificationControls {
  /** Chance that one is never sent: the line's `loss`. */
  dropped: number;
  /** Chance that one is sent twice: the line's `repeat`. */
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

/** Nothing goes wrong yet, unless it does on the line. */
export function createControls(line: Line): NotificationControls {
  return {
    get dropped() {
      return line.loss;
    },
    set dropped(chance) {
      line.loss = chance;
    },
    get repeated() {
      return line.repeat;
    },
    set repeated(chance) {
      line.repeat = chance;
    },
    delayMs: 0,
    paused: false,
    answerMs: 3000,
    retryMs: 1000,
    giveUpMs: 4 * 3600 * 1000,
  };
}

/** Sends a notification, with repetitions until it is taken with 2xx in time. */
export function deliver(
  caller: Caller,
  controls: NotificationControls,
  address: string,
  body: object,
): void {
  const insistence: Insistence = (attempt, status) => {
    if (status !== null && status >= 200 && status < 300) return null;
    const waitedMs = controls.retryMs * (2 ** attempt - 1);
    return waitedMs > controls.giveUpMs ? null : controls.retryMs * 2 ** (attempt - 1);
  };
  const headers = { "content-type": "application/json" };
  const call = { method: "POST", address, headers, body: JSON.stringify(body) } as const;
  caller.send({ ...call, patienceMs: controls.answerMs }, insistence);
}

/**
 * Asks an address whether it wants notifications (Graph docs: "Notification endpoint validation"): it has to give
 * the token back as plain text within 10 s. Null: it does; else why not.
 */
export async function validate(
  caller: Caller,
  address: string,
  token: string,
): Promise<string | null> {
  const asked = new URL(address);
  asked.searchParams.append("validationToken", token);
  const answer = await caller.ask({
    method: "POST",
    address: asked.href,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
  if (answer === null) return "The address can't be reached, or did not answer in time.";
  const { status, headers, text } = answer;
  if (status !== 200) return `HTTP status code is '${status}', expected 'OK'.`;
  const isPlain = /^text\/plain\b/i.test(headers.get("content-type") ?? "");
  return isPlain && text === token ? null : "The answer is not the validation token as plain text.";
}
