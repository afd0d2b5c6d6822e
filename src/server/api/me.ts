import { createRoute, z } from "@hono/zod-openapi";
import { scopes } from "../access.ts";
import type { Engine } from "../engine.ts";
import { authFor, type GuardOptions } from "../guard.ts";
import { permissionsOf, scopesOf } from "../who.ts";
import { answers, callerOf, createApi, done, instant, isDone, takes, unknown } from "./kit.ts";

/** What people see and end of their own: sessions and API keys. */

const session = z.object({
  id: z.string(),
  current: z.boolean(),
  createdAt: instant,
  usedAt: instant,
  expiresAt: instant,
  address: z.string().nullable(),
  agent: z.string().nullable(),
});

const key = z.object({
  id: z.string(),
  name: z.string(),
  start: z.string().nullable(),
  scopes: z.array(z.enum(scopes)),
  createdAt: instant,
  expiresAt: instant.nullable(),
  usedAt: instant.nullable(),
});

const id = { params: z.object({ id: z.string() }) };
const daySeconds = 86_400;

const routes = {
  sessions: createRoute({
    method: "get",
    path: "/me/sessions",
    summary: "Where you are signed in",
    responses: answers(z.object({ sessions: z.array(session) }), "The newest first."),
  }),
  endSession: createRoute({
    method: "delete",
    path: "/me/sessions/{id}",
    summary: "Signs you out somewhere",
    request: id,
    responses: answers(done, "That session is over."),
  }),
  keys: createRoute({
    method: "get",
    path: "/me/keys",
    summary: "Your API keys",
    responses: answers(z.object({ keys: z.array(key) }), "The newest first."),
  }),
  makeKey: createRoute({
    method: "post",
    path: "/me/keys",
    summary: "Makes an API key, which is shown this once",
    request: takes(
      z.object({
        name: z.string().trim().min(1, "Enter a name.").max(32),
        scopes: z.array(z.enum(scopes)).min(1, "Choose what it may be used for."),
        days: z.number().int().min(1).max(365).nullable().default(null),
      }),
    ),
    responses: answers(z.object({ id: z.string(), key: z.string() }), "The key."),
  }),
  removeKey: createRoute({
    method: "delete",
    path: "/me/keys/{id}",
    summary: "Ends an API key",
    request: id,
    responses: answers(done, "It is good for nothing any more."),
  }),
};

export function meApi(options: GuardOptions & { readonly engine: Engine }) {
  const { people } = options.engine.store;
  return createApi()
    .openapi(routes.sessions, (context) => {
      const { who } = context.var;
      const current = who.kind === "person" ? who.session.id : null;
      const sessions = people
        .sessionsOf(callerOf(who).id)
        .map(({ updatedAt, ipAddress, userAgent, ...rest }) => ({
          ...rest,
          current: rest.id === current,
          usedAt: updatedAt,
          address: ipAddress,
          agent: userAgent,
        }));
      return context.json({ sessions }, 200);
    })
    .openapi(routes.endSession, (context) => {
      const { id } = context.req.valid("param");
      if (!people.endSession(callerOf(context.var.who).id, id)) throw unknown("session", id);
      return context.json(isDone, 200);
    })
    .openapi(routes.keys, (context) => {
      const keys = people
        .keysOf(callerOf(context.var.who).id)
        .map(({ name, permissions, lastRequest, ...rest }) => ({
          ...rest,
          name: name ?? "",
          scopes: scopesOf(JSON.parse(permissions ?? "null")),
          usedAt: lastRequest,
        }));
      return context.json({ keys }, 200);
    })
    .openapi(routes.makeKey, async (context) => {
      const { name, scopes, days } = context.req.valid("json");
      context.set("told", [{ item: name, why: scopes.join(", ") }]);
      const { id, key } = await authFor(options, context).api.createApiKey({
        body: {
          name,
          userId: callerOf(context.var.who).id,
          permissions: permissionsOf(scopes),
          ...(days !== null && { expiresIn: days * daySeconds }),
        },
      });
      return context.json({ id, key }, 200);
    })
    .openapi(routes.removeKey, (context) => {
      const { id } = context.req.valid("param");
      if (!people.removeKey(callerOf(context.var.who).id, id)) throw unknown("API key", id);
      return context.json(isDone, 200);
    });
}
