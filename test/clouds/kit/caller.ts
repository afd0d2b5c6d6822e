import { setTimeout as sleep } from "node:timers/promises";

/** How a stand-in's calls to its clients go; may be changed while running. */
export interface Line {
  /** Chance that a call gets lost, and the stand-in does not notice; default 0. */
  loss: number;
  /** Chance that a call is made twice; default 0. */
  repeat: number;
  /** Each call waits a random time up to this, so that they overtake each other; default 0. */
  delayMs: number;
  /** Nothing gets through, and the stand-in notices; default false. */
  isCut: boolean;
  /** How fast the time between attempts passes: 60 makes a minute a second; default 1. */
  hurry: number;
}

export interface Call {
  readonly method: "GET" | "POST";
  /** https, as all services demand. */
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long an answer is waited for; default ten seconds. */
  readonly patienceMs?: number;
}

export interface CallAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How long to wait before the next attempt; null: none. `status` null: there was no answer. */
export type Insistence = (attempt: number, status: number | null) => number | null;

/** A service's calls to addresses that its clients have named. */
export interface Caller {
  readonly line: Line;
  /** An https origin is served there, as behind a proxy that ends TLS; no other address is ever reached. */
  lead(publicOrigin: string, localOrigin: string): void;
  /** Calls once, whatever the line's chances, and gives the answer; null when none came in time. */
  ask(call: Call): Promise<CallAnswer | null>;
  /** Calls until it is answered as `insistence` wants; returns at once. */
  send(call: Call, insistence: Insistence): void;
  /** Attempts that were made so far, by what they were answered; null: not at all. */
  readonly attempts: readonly (number | null)[];
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
}

const defaultPatienceMs = 10_000;

export function createCaller(random: () => number): Caller {
  const line: Line = { loss: 0, repeat: 0, delayMs: 0, isCut: false, hurry: 1 };
  const leads = new Map<string, string>();
  const attempts: (number | null)[] = [];
  const under = new Set<Promise<void>>();

  async function ask(call: Call): Promise<CallAnswer | null> {
    const { method, address, headers, body, patienceMs = defaultPatienceMs } = call;
    const url = new URL(address);
    const local = leads.get(url.origin);
    if (local === undefined || line.isCut) return null;
    try {
      const answer = await fetch(`${local}${url.pathname}${url.search}`, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(patienceMs),
        ...(headers && { headers }),
        ...(body !== undefined && { body }),
      });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch {
      // Refused, broken off or too slow: for a service that is all the same.
      return null;
    }
  }

  async function insist(call: Call, insistence: Insistence): Promise<void> {
    await sleep(random() * line.delayMs, undefined, { ref: false });
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(call);
      const status = answer?.status ?? null;
      attempts.push(status);
      const waitMs = insistence(attempt, status);
      if (waitMs === null) return;
      await sleep(waitMs / line.hurry, undefined, { ref: false });
    }
  }

  return {
    line,
    attempts,
    ask,
    lead: (publicOrigin, localOrigin) => void leads.set(publicOrigin, localOrigin),
    send(call, insistence) {
      if (random() < line.loss) return;
      for (let copies = random() < line.repeat ? 2 : 1; copies > 0; copies--) {
        const calling = insist(call, insistence).finally(() => under.delete(calling));
        under.add(calling);
      }
    },
    async idle() {
      while (under.size > 0) await Promise.all(under);
    },
  };
}
