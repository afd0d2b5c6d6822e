import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type Failure, isProviderError } from "../core/error.ts";
import { RuleError } from "../engine/job.ts";
import { ReviewError } from "../engine/review.ts";

/** What an answer says that is none: in words for people, with what to do. */
export interface Problem {
  /** One word for programs. */
  readonly code: string;
  readonly message: string;
  /** Which part of what was sent is wrong, as `where.smallerThan`. */
  readonly field?: string;
  /** What to do about it. */
  readonly mend?: string;
  /** Of a text that was sent, from 1. */
  readonly line?: number;
}

/** Thrown by whoever can't give what was asked for. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: ContentfulStatusCode;
  readonly problem: Problem;

  /** `options.cause`: of a configuration that is not right, what is wrong of it. */
  constructor(status: ContentfulStatusCode, problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.status = status;
    this.problem = problem;
  }
}

/** The one way in which an answer says that something is wrong. */
export function answerProblem(
  context: Context,
  status: ContentfulStatusCode,
  problem: Problem,
): Response {
  return context.json({ error: problem }, status, { "cache-control": "no-store" });
}

/** Services' failures as statuses of ours: theirs is never passed on as if it were about this request. */
const statuses: Readonly<Partial<Record<Failure, ContentfulStatusCode>>> = {
  "not-found": 404,
  "already-exists": 409,
  changed: 409,
  "name-refused": 422,
};

/** Null: nobody foresaw it. */
export function refusedBy(error: unknown): Refused | null {
  if (error instanceof Refused) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ReviewError) return new Refused(409, { code: "moved-on", message });
  if (error instanceof RuleError) return new Refused(409, { code: "rule", message });
  if (!isProviderError(error)) return null;
  const { failure } = error;
  return new Refused(statuses[failure] ?? 502, { code: failure, message });
}
