/** How a call ended that may be tried again. */
export interface Attempt {
  /** From 0. */
  readonly number: number;
  readonly method: string;
  /** Of the answer; null: there was none. */
  readonly status: number | null;
  /** What the answer asked for; null: nothing. */
  readonly retryAfterMs: number | null;
}

const firstMs = 250;
/** Whoever wants to be left alone for longer is told about, not waited for. */
const mostMs = 30_000;

/**
 * How long to wait before the next attempt; null: it is not safe, or no use. Reading may be repeated at any time.
 * What changes something is repeated only where it was turned away before anything was done: an answer that was lost
 * leaves open whether it was.
 */
export function retryAfter(attempt: Attempt, retries: number): number | null {
  const { number, method, status, retryAfterMs } = attempt;
  if (number >= retries) return null;
  const isTurnedAway = status === 429;
  const isPassing = status === null || status === 502 || status === 503 || status === 504;
  if (!isTurnedAway && !(isPassing && method === "GET")) return null;
  const waitMs = retryAfterMs ?? firstMs * 2 ** number;
  return waitMs <= mostMs ? waitMs : null;
}

/** A `Retry-After` in seconds; null: there is none, or it is a date. */
export function retryAfterOf(answer: Response): number | null {
  const text = answer.headers.get("retry-after");
  return text !== null && /^\d+$/.test(text) ? Number(text) * 1_000 : null;
}
