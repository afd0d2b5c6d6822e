import type { Entry } from "./entry.ts";

/**
 * What went wrong, as far as a caller can act on it:
 * - `not-found`: the item, or the folder it should go to, is not there.
 * - `already-exists`: the place is taken, or the reserved id is used; `existing` says by what.
 * - `changed`: the item is no longer at the revision that the request named; `existing` is what it is now.
 * - `unauthorized`: the grant is dead; only a person can sign in again.
 * - `forbidden`: this item, or this request, is not allowed to this account.
 * - `rate-limited`: too many requests; `retryAfterMs` where the service says how long to wait.
 * - `out-of-space`: the account's quota is used up.
 * - `too-large`: the service takes or exports no file of this size.
 * - `name-refused`: the service does not take this name.
 * - `cursor-expired`: the change feed must begin again with a whole listing.
 * - `corrupt`: bytes arrived with another hash or size than announced.
 * - `unavailable`: network failure, timeout, 5xx; nothing is known of the effect.
 * - `unexpected`: an answer that the adapter doesn't know; carries the service's own words.
 */
export const failures = [
  "not-found",
  "already-exists",
  "changed",
  "unauthorized",
  "forbidden",
  "rate-limited",
  "out-of-space",
  "too-large",
  "name-refused",
  "cursor-expired",
  "corrupt",
  "unavailable",
  "unexpected",
] as const;
export type Failure = (typeof failures)[number];

const retryable: ReadonlySet<Failure> = new Set(["rate-limited", "unavailable", "corrupt"]);

export interface ProviderErrorOptions {
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | null;
  /** With `already-exists` and `changed`: what is there now, where the adapter knows. */
  readonly existing?: Entry | null;
  readonly cause?: unknown;
}

/** The only error that a `Provider` throws (but for an abort, which throws the signal's reason). */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly failure: Failure;
  readonly retryAfterMs: number | null;
  readonly existing: Entry | null;

  /** `message`: lower case, names service, operation and item; never holds a secret. */
  constructor(failure: Failure, message: string, options: ProviderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.existing = options.existing ?? null;
  }

  /** Whether the same request may succeed later without anybody doing anything. */
  get retryable(): boolean {
    return retryable.has(this.failure);
  }
}

/** Whether `error` is a ProviderError, and one of the given failures where any are given. */
export function isProviderError(error: unknown, ...among: Failure[]): error is ProviderError {
  return error instanceof ProviderError && (among.length === 0 || among.includes(error.failure));
}

/** Whether an upload that failed so can go on later from where it was: bytes that are wrong stay so. */
export function isResumable(error: unknown): boolean {
  return isProviderError(error) && error.retryable && error.failure !== "corrupt";
}
