import { createRoute, z } from "@hono/zod-openapi";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { hashOfToken, newToken } from "../set-up.ts";
import { answers, createApi, done, instant, isDone, role, takes, unknown } from "./kit.ts";

/** Who may use this dashboard; an admin's affair. */

const user = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  twoFactor: z.boolean(),
  passkeys: z.number().int(),
  createdAt: instant,
});
const invitation = z.object({
  id: z.number().int(),
  email: z.string(),
  role,
  expiresAt: instant,
});

const ofUser = { params: z.object({ id: z.string() }) };
const weekMs = 7 * 86_400_000;

const routes = {
  list: createRoute({
    method: "get",
    path: "/users",
    summary: "Everybody who may sign in",
    responses: answers(z.object({ users: z.array(user) }), "In the order in which they came."),
  }),
  change: createRoute({
    method: "patch",
    path: "/users/{id}",
    summary: "Gives somebody another role",
    request: { ...ofUser, ...takes(z.object({ role })) },
    responses: answers(done, "It holds from their next request on."),
  }),
  remove: createRoute({
    method: "delete",
    path: "/users/{id}",
    summary: "Takes somebody out, with their sessions and API keys",
    request: ofUser,
    responses: answers(done, "They can't sign in any more."),
  }),
  invitations: createRoute({
    method: "get",
    path: "/invitations",
    summary: "Who is invited",
    responses: answers(z.object({ invitations: z.array(invitation) }), "Those that still hold."),
  }),
  invite: createRoute({
    method: "post",
    path: "/invitations",
    summary: "Invites somebody: the link for them, which is shown this once",
    request: takes(z.object({ email: z.email(), role })),
    responses: answers(
      z.object({
        invitation,
        token: z.string().meta({ description: "The end of the link: `#/join/TOKEN`." }),
      }),
      "The invitation holds for a week.",
    ),
  }),
  uninvite: createRoute({
    method: "delete",
    path: "/invitations/{id}",
    summary: "Takes an invitation back",
    request: { params: z.object({ id: z.coerce.number().int() }) },
    responses: answers(done, "Its link leads nowhere any more."),
  }),
};

export function usersApi({ store: { people }, now }: Engine) {
  const known = (id: string) => {
    if (!people.get(id)) throw unknown("user", id);
  };
  return createApi()
    .openapi(routes.list, (context) => context.json({ users: people.all() }, 200))
    .openapi(routes.change, (context) => {
      const { id } = context.req.valid("param");
      known(id);
      const { role } = context.req.valid("json");
      context.set("told", [{ why: `${people.get(id)?.email}: ${role}` }]);
      if (!people.setRole(id, role)) throw lastAdmin();
      return context.json(isDone, 200);
    })
    .openapi(routes.remove, (context) => {
      const { id } = context.req.valid("param");
      known(id);
      context.set("told", [{ why: people.get(id)?.email ?? null }]);
      if (!people.remove(id)) throw lastAdmin();
      return context.json(isDone, 200);
    })
    .openapi(routes.invitations, (context) =>
      context.json({ invitations: people.invitations() }, 200),
    )
    .openapi(routes.invite, (context) => {
      const { role, ...given } = context.req.valid("json");
      const email = given.email.toLowerCase();
      context.set("told", [{ item: email, why: role }]);
      if (people.all().some((each) => each.email === email)) {
        throw new Refused(409, {
          code: "known",
          message: "Somebody has this e-mail address already.",
          field: "email",
        });
      }
      const token = newToken();
      const expiresAt = new Date(now() + weekMs);
      const invitation = people.invite({ email, role, expiresAt, hash: hashOfToken(token) });
      return context.json({ invitation, token }, 200);
    })
    .openapi(routes.uninvite, (context) => {
      const { id } = context.req.valid("param");
      if (!people.uninvite(id)) throw unknown("invitation", String(id));
      return context.json(isDone, 200);
    });
}

const lastAdmin = () =>
  new Refused(409, {
    code: "last-admin",
    message: "Nobody else is an admin.",
    mend: "Make somebody else an admin first.",
  });
