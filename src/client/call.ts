import type { Operations } from "./api.ts";
import { errorOf, SynclineError, timedOut, unreachable } from "./error.ts";
import { retryAfter, retryAfterOf } from "./retry.ts";

/** How the server is asked. */

export interface SynclineOptions {
  /** Of `syncline serve`, with the path below which it lies: `https://example.com/sync/`. */
  readonly address: string | URL;
  /** An API key, `syncline_...`, which the dashboard makes under *Settings*; it may what its scopes say. */
  readonly key: string;
  /** How long a call may take in all, its retries included. Default 30 s; of those that work with the services 5 min. */
  readonly timeoutMs?: number;
  /** How often a call is tried again where that is safe; default 2. */
  readonly retries?: number;
  /** In the place of the runtime's own. */
  readonly fetch?: (input: URL, init: RequestInit) => Promise<Response>;
}

/** For one call. */
export interface CallOptions {
  /** Ends it; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** In the place of the client's. */
  readonly timeoutMs?: number;
}

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a request is made of. */
export interface Given<Operation extends keyof Operations> {
  /** In the place of what stands in braces. */
  readonly at?: Readonly<Record<string, string | number>>;
  readonly query?: Operations[Operation]["query"];
  readonly body?: Operations[Operation]["body"];
}

interface Asking extends CallOptions {
  /** How long such a call may take where nobody says otherwise. */
  readonly usualMs?: number;
}

export interface Line {
  /** Asks the API. `SynclineError`, or the signal's reason. */
  ask<Operation extends keyof Operations>(
    operation: Operation,
    given: Given<Operation>,
    options?: Asking,
  ): Promise<Operations[Operation]["answer"]>;
  /** One answer of an address, whatever it is, without another attempt and without an end of its time. */
  open(path: string, signal: AbortSignal): Promise<Response>;
}

const usualTimeoutMs = 30_000;

export function createLine(options: SynclineOptions): Line {
  const base = new URL(options.address);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  const {
    key,
    retries = 2,
    fetch: send = (input, init) => globalThis.fetch(input, init),
  } = options;
  const headers = { authorization: `Bearer ${key}`, accept: "application/json" };

  async function answer(url: URL, init: RequestInit): Promise<Response> {
    const signal = init.signal ?? null;
    for (let number = 0; ; number++) {
      signal?.throwIfAborted();
      const found = await send(url, init).catch((cause: unknown) => {
        signal?.throwIfAborted();
        return unreachable(url, cause);
      });
      const failed = found instanceof SynclineError;
      if (!failed && found.ok) return found;
      const status = failed ? null : found.status;
      const retryAfterMs = failed ? null : retryAfterOf(found);
      const attempt = { number, method: init.method ?? "GET", status, retryAfterMs };
      const waitMs = retryAfter(attempt, retries);
      if (waitMs === null) throw failed ? found : await errorOf(found);
      if (!failed) await found.body?.cancel();
      await pause(waitMs, signal);
    }
  }

  return {
    async ask<Operation extends keyof Operations>(
      operation: Operation,
      { at = {}, query, body }: Given<Operation>,
      given: Asking = {},
    ) {
      const [method = "", pattern = ""] = operation.split(" ");
      const path = pattern.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(at[name] ?? ""));
      const url = new URL(`api/v1${path}`, base);
      for (const [name, value] of Object.entries((query ?? {}) as Values)) {
        if (value !== undefined) url.searchParams.set(name, String(value));
      }
      const timeoutMs = given.timeoutMs ?? options.timeoutMs ?? given.usualMs ?? usualTimeoutMs;
      const time = AbortSignal.timeout(timeoutMs);
      const signal = given.signal ? AbortSignal.any([given.signal, time]) : time;
      const sent = body === undefined || body === null ? {} : { body: JSON.stringify(body) };
      const type = "body" in sent ? { "content-type": "application/json" } : {};
      const init = {
        method,
        headers: { ...headers, ...type },
        redirect: "manual",
        signal,
      } as const;
      try {
        const found = await jsonOf(url, await answer(url, { ...init, ...sent }), signal);
        return found as Operations[Operation]["answer"];
      } catch (error) {
        given.signal?.throwIfAborted();
        throw time.aborted ? timedOut(url, timeoutMs) : error;
      }
    },
    async open(path, signal) {
      const url = new URL(path, base);
      return send(url, { headers, redirect: "manual", signal }).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw unreachable(url, cause);
      });
    },
  };
}

/** A page that a proxy gives in the place of the answer is no answer either. */
async function jsonOf(url: URL, answer: Response, signal: AbortSignal): Promise<unknown> {
  const isJson = /^application\/json(;|$)/.test(answer.headers.get("content-type") ?? "");
  if (!isJson) throw await errorOf(answer);
  return answer.json().catch((cause: unknown) => {
    signal.throwIfAborted();
    throw unreachable(url, cause);
  });
}

/** Rejects with the signal's reason when that is aborted first. */
export function pause(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}
