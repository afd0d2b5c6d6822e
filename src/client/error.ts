/** What the server says of something that it refuses, and what the client says of what it did not get. */
export interface Problem {
  /**
   * One word for programs: that of the server, such as `scope`, `not-found` or `moved-on`; or the client's own:
   * - `unreachable`: no answer came, or it was cut off.
   * - `timeout`: none came in the time that the call had.
   * - `redirected`: the server is at another address.
   * - `no-answer`: what came is none of Syncline's.
   */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** What to do about it. */
  readonly mend?: string;
  /** Which part of what was sent is wrong, as `where.smallerThan`. */
  readonly field?: string;
  /** Of a text that was sent, from 1. */
  readonly line?: number;
}

/** A call that did not do what it was to do. */
export class SynclineError extends Error {
  override readonly name = "SynclineError";
  /** One word for programs; see `Problem`. */
  readonly code: string;
  /** What to do about it; null where nothing is known to help. */
  readonly mend: string | null;
  /** Which part of what was sent is wrong; null: none. */
  readonly field: string | null;
  /** Of a text that was sent, from 1; null: it is about none. */
  readonly line: number | null;
  /** Of the answer; null: there was none. */
  readonly status: number | null;

  constructor(problem: Problem, status: number | null, cause?: unknown) {
    super(problem.message, cause === undefined ? undefined : { cause });
    this.code = problem.code;
    this.mend = problem.mend ?? null;
    this.field = problem.field ?? null;
    this.line = problem.line ?? null;
    this.status = status;
  }
}

/** What an answer that is none says, whoever gave it: the server, or a proxy before it. */
export async function errorOf(answer: Response): Promise<SynclineError> {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    const address = answer.headers.get("location") ?? "another address";
    const message = `The server sends on to ${address}.`;
    return new SynclineError(
      { code: "redirected", message, mend: "Give the client that address." },
      status,
    );
  }
  const body: unknown = await answer.json().catch(() => null);
  const problem = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  if (isProblem(problem)) return new SynclineError(problem, status);
  const message = `The answer is none of Syncline's (status ${status}).`;
  const mend = "Check the address, and what stands between here and there.";
  return new SynclineError({ code: "no-answer", message, mend }, status);
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, message } = value as Partial<Record<string, unknown>>;
  return typeof code === "string" && typeof message === "string";
}

/** For a call that had no answer at all. */
export function unreachable(address: URL, cause: unknown): SynclineError {
  const message = `${address.origin} can't be reached.`;
  const mend = "Check that syncline serve runs there, and the network between.";
  return new SynclineError({ code: "unreachable", message, mend }, null, cause);
}

/** For a call that took too long. */
export function timedOut(address: URL, timeoutMs: number): SynclineError {
  const message = `${address.pathname} gave no answer within ${timeoutMs / 1_000} s.`;
  const mend = "Give the call more time with timeoutMs. What it began may go on there.";
  return new SynclineError({ code: "timeout", message, mend }, null);
}
