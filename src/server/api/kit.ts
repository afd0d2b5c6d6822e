import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Caller } from "../access.ts";
import type { Env } from "../guard.ts";
import { answerProblem, Refused } from "../problem.ts";

/** What every part of the API is made with. */

/** A part of the API; what is sent and does not fit is refused with the field named. */
export function createApi() {
  return new OpenAPIHono<Env>({
    defaultHook(result, context) {
      if (result.success) return;
      const [issue] = result.error.issues;
      const field = issue?.path.join(".") ?? "";
      return answerProblem(context, 400, {
        code: "invalid",
        message:
          field === "" ? (issue?.message ?? "It does not fit.") : `${field}: ${issue?.message}`,
        ...(field !== "" && { field }),
      });
    },
  });
}

/** The only answer of a route that is none of a refusal. */
export function answers<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { 200: { description, content: { "application/json": { schema } } } };
}

/** What a route takes as JSON. */
export function takes<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } } as const;
}

/** The answer of what only does something. */
export const done = z.object({ done: z.literal(true) });
export const isDone = { done: true } as const;

/** A list that is given and never taken. */
export const list = <Schema extends z.ZodType>(schema: Schema) => z.array(schema).readonly();

export const instant = z.iso.datetime().meta({ description: "An instant in UTC, ISO 8601." });
export const role = z.enum(["viewer", "editor", "admin"]);

/** For addresses below which something is not. */
export function unknown(what: string, name: string, mend?: string): Refused {
  return new Refused(404, {
    code: "not-found",
    message: `There is no ${what} "${name}".`,
    ...(mend !== undefined && { mend }),
  });
}

/** Whoever is signed in: the guard lets nobody else through to where this is asked. */
export function callerOf(who: Env["Variables"]["who"]): Caller {
  if (who.kind === "nobody") throw new Error("the guard let nobody through");
  return who.user;
}
