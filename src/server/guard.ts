import type { Context, MiddlewareHandler } from "hono";
import { demandOf, type Refusal, refusalOf, type Who } from "./access.ts";
import { say } from "./answer.ts";
import type { Told } from "./audited.ts";
import type { Auth } from "./auth.ts";
import { type Bindings, isOwnPage, originOf } from "./caller.ts";
import { answerProblem, type Problem } from "./problem.ts";
import { whoAsks } from "./who.ts";

/** What every handler finds of the one who asks. */
export interface Env {
  Bindings: Bindings;
  Variables: {
    who: Who;
    /** What a handler has to add for the audit log, a row each; absent: what the address says is all. */
    told?: readonly Told[];
  };
}

export interface GuardOptions {
  readonly auths: { readonly http: Auth; readonly https: Auth };
  readonly publicUrl: string | null;
}

/** The sign-in whose cookies belong to the address under which the caller sees us. */
export function authFor({ auths, publicUrl }: GuardOptions, context: Context): Auth {
  return originOf(context, publicUrl).startsWith("https:") ? auths.https : auths.http;
}

/** Lets nobody through who may not; what is not in the table of routes is not there. */
export function guard(
  options: GuardOptions,
  onRefusal: (context: Context<Env>, who: Who, why: string) => void,
): MiddlewareHandler<Env> {
  return async (context, next) => {
    const { method, path } = context.req;
    const demand = demandOf(method, path);
    if (!demand) return nothingHere(context);
    // Services call without a page, and prove themselves otherwise.
    const isOwn = path.startsWith("/webhooks/") || isOwnPage(context, options.publicUrl);
    if (!isReading(method) && !isOwn) return answerProblem(context, 403, foreignPage);
    const isOpen = demand.role === "anyone";
    const who: Who = isOpen
      ? { kind: "nobody" }
      : await whoAsks(context, authFor(options, context));
    const refusal = refusalOf(who, demand);
    if (refusal) {
      onRefusal(context, who, problems[refusal].message);
      return answerProblem(context, statuses[refusal], problems[refusal]);
    }
    context.set("who", who);
    return next();
  };
}

const isReading = (method: string) => method === "GET" || method === "HEAD";

export function nothingHere(context: Context): Response {
  if (!context.req.path.startsWith("/api/")) {
    return say(context, 404, "There is nothing at this address.\n");
  }
  return answerProblem(context, 404, {
    code: "not-found",
    message: "There is nothing at this address.",
    mend: "/api/openapi.json lists all addresses.",
  });
}

const foreignPage: Problem = {
  code: "foreign-page",
  message: "This request was made by a page of another address.",
  mend: "Open the dashboard by its own address. A proxy before it must pass on Host or X-Forwarded-Host, or SYNCLINE_PUBLIC_URL must name the address.",
};

const statuses = { "sign-in-needed": 401, role: 403, scope: 403 } as const;

const problems: Readonly<Record<Refusal, Problem>> = {
  "sign-in-needed": {
    code: "sign-in-needed",
    message: "You are not signed in.",
    mend: "Sign in, or send an API key: Authorization: Bearer syncline_...",
  },
  role: {
    code: "role",
    message: "Your role does not allow this.",
    mend: "Ask an admin to do it, or to give you another role.",
  },
  scope: {
    code: "scope",
    message: "This API key may not be used for this.",
    mend: "Make a key with a wider scope, where there is one: some things only a person who is signed in may do.",
  },
};
