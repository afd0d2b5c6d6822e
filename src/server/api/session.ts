import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Store } from "../../store/open.ts";
import { personOf } from "../audited.ts";
import { type Auth, clientHeader, longestPassword, shortestPassword } from "../auth.ts";
import { clientOf } from "../caller.ts";
import type { Engine } from "../engine.ts";
import { authFor, type Env, type GuardOptions } from "../guard.ts";
import { Refused } from "../problem.ts";
import { addPerson, hashOfToken, type SetUp } from "../set-up.ts";
import { whoAsks } from "../who.ts";
import { answers, createApi, done, isDone, role, takes } from "./kit.ts";

/** What somebody needs who is not signed in yet. */

export interface SessionApiOptions extends GuardOptions {
  readonly engine: Engine;
  readonly setUp: SetUp;
  readonly version: string;
}

const person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  twoFactor: z.boolean(),
  passkeys: z.number().int(),
});

const session = z
  .object({
    state: z.enum(["set-up", "signed-out", "signed-in"]),
    user: person.nullable(),
    version: z.string(),
  })
  .openapi("Session");

const password = z
  .string()
  .min(shortestPassword, `A password needs ${shortestPassword} characters or more.`)
  .max(longestPassword, `A password has at most ${longestPassword} characters.`);
const name = z.string().trim().min(1, "Enter a name.").max(100);
const newcomer = { name, password };

const routes = {
  session: createRoute({
    method: "get",
    path: "/session",
    summary: "Who is signed in, or what is to be done first",
    responses: answers(session, "How it stands."),
  }),
  setUp: createRoute({
    method: "post",
    path: "/set-up",
    summary: "Makes the first admin, with the code that the terminal shows, and signs them in",
    request: takes(z.object({ code: z.string(), email: z.email(), ...newcomer })),
    responses: answers(done, "The admin is signed in."),
  }),
  invitation: createRoute({
    method: "get",
    path: "/invitations/{token}",
    summary: "What an invitation is for",
    request: { params: z.object({ token: z.string() }) },
    responses: answers(z.object({ email: z.string(), role }), "The invitation holds."),
  }),
  join: createRoute({
    method: "post",
    path: "/invitations/{token}",
    summary: "Takes an invitation, and signs the person in",
    request: { params: z.object({ token: z.string() }), ...takes(z.object(newcomer)) },
    responses: answers(done, "The person is signed in."),
  }),
};

export function sessionApi(options: SessionApiOptions) {
  const { setUp, version, engine } = options;
  const { store } = engine;

  async function stateOf(context: Context<Env>): Promise<z.input<typeof session>> {
    const who = await whoAsks(context, authFor(options, context));
    const user = who.kind === "nobody" ? null : store.people.get(who.user.id);
    const state = user ? "signed-in" : setUp.isOpen() ? "set-up" : "signed-out";
    return { state, user: user && facts(user), version };
  }

  return createApi()
    .openapi(routes.session, async (context) => context.json(await stateOf(context), 200))
    .openapi(routes.setUp, async (context) => {
      const { code, ...newcomer } = context.req.valid("json");
      const auth = authFor(options, context);
      await setUp.begin(code, newcomer, auth);
      context.set("told", [{ actor: personOf(newcomer.email, store) }]);
      await letIn(context, auth, newcomer);
      return context.json(isDone, 200);
    })
    .openapi(routes.invitation, (context) => {
      const { email, role } = invitationOf(context.req.valid("param").token, store);
      return context.json({ email, role }, 200);
    })
    .openapi(routes.join, async (context) => {
      const { id, email, role } = invitationOf(context.req.valid("param").token, store);
      const { name, password } = context.req.valid("json");
      const auth = authFor(options, context);
      await addPerson({ name, email, password, role }, auth);
      store.people.uninvite(id);
      context.set("told", [{ actor: personOf(email, store), why: role }]);
      await letIn(context, auth, { email, password });
      return context.json(isDone, 200);
    });
}

function facts({ createdAt: _, ...rest }: ReturnType<Store["people"]["all"]>[number]) {
  return rest;
}

function invitationOf(token: string, { people }: Store) {
  const found = people.invitationOf(hashOfToken(token));
  if (found) return found;
  throw new Refused(404, {
    code: "not-found",
    message: "This invitation does not hold any more.",
    mend: "Ask an admin for another one.",
  });
}

/** Signs somebody in, with the cookies that belong to it. */
async function letIn(
  context: Context<Env>,
  auth: Auth,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<void> {
  const asked = new Headers(context.req.raw.headers);
  asked.set(clientHeader, clientOf(context, context.env ?? {}));
  const { headers } = await auth.api.signInEmail({
    body: { email, password },
    headers: asked,
    returnHeaders: true,
  });
  for (const cookie of headers.getSetCookie()) {
    context.header("set-cookie", cookie, { append: true });
  }
}
