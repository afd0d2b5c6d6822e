import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { say } from "./answer.ts";
import { createWholeApi, describe } from "./api/api.ts";
import { audited, recordRefusal } from "./audited.ts";
import { type AuthOptions, authPath, createAuths } from "./auth.ts";
import { createConnections } from "./connections.ts";
import type { Engine } from "./engine.ts";
import { eventsOf } from "./events.ts";
import { authFor, type Env, guard, nothingHere } from "./guard.ts";
import { safeHeaders } from "./headers.ts";
import { limitBody, limitDepth, mostBytes } from "./limit.ts";
import { oauthReturn } from "./oauth.ts";
import { loadPage } from "./page.ts";
import { answerProblem, refusedBy } from "./problem.ts";
import type { SetUp } from "./set-up.ts";
import { signIn } from "./sign-in.ts";
import { whoAsks } from "./who.ts";

export interface DashboardOptions extends Omit<AuthOptions, "store"> {
  readonly engine: Engine;
  readonly setUp: SetUp;
  readonly publicUrl: string | null;
  readonly version: string;
  /** Something in the server itself is wrong. */
  readonly onError: (error: Error) => void;
}

/**
 * The page, its API and its sign-in. What it takes to load them is more than an idle program needs in all: whoever
 * serves loads this module when somebody first asks for it.
 */
export function createDashboard(given: DashboardOptions): Hono<Env> {
  const { engine, onError } = given;
  const auths = createAuths({ ...given, store: engine.store });
  const options = { ...given, auths, connections: createConnections(engine) };
  const api = createWholeApi(options);
  const document = describe(api, options.version);
  const page = loadPage();
  const who = (context: Context<Env>) => whoAsks(context, authFor(options, context));

  const app = new Hono<Env>();
  app.use(safeHeaders(given.publicUrl));
  app.use(limitBody(mostBytes), limitDepth());
  app.use(guard(options, (...refused) => recordRefusal(engine.store, ...refused)));
  app.use(audited(engine.store));
  app.route("/api/v1", api);
  app.route(authPath, signIn({ ...options, now: engine.now }));
  app.get("/api/openapi.json", (context) => context.json(document));
  app.get("/events", eventsOf({ hub: engine.hub, who }));
  app.get("/metrics", async (context) => {
    const { metricsOf } = await import("./metrics.ts");
    const { text, type } = await metricsOf(engine, options.version);
    return context.body(text, 200, { "content-type": type });
  });
  app.get("/oauth/:provider/callback", oauthReturn(options.connections));
  app.get("/", page.index);
  app.get("/assets/:name", page.asset);
  app.notFound(nothingHere);
  app.onError((error, context) => {
    // Whoever leaves in the middle of a call is no fault of ours.
    if (context.req.raw.signal.aborted) return say(context, 400, "The call broke off.\n");
    const refused = refusedBy(error);
    if (refused) return answerProblem(context, refused.status, refused.problem);
    if (error instanceof HTTPException) {
      return answerProblem(context, error.status, { code: "invalid", message: error.message });
    }
    onError(error);
    return answerProblem(context, 500, {
      code: "broken",
      message: "Something is wrong here.",
      mend: "Try again. The log of this server says more.",
    });
  });
  return app;
}
