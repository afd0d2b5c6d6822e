import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { say } from "./answer.ts";
import { type ApiOptions, createWholeApi, describe } from "./api/api.ts";
import { authPath } from "./auth.ts";
import type { Calls } from "./calls.ts";
import { createConnections } from "./connections.ts";
import { dropboxCalls } from "./dropbox.ts";
import { eventsOf } from "./events.ts";
import { googleDriveCalls } from "./google-drive.ts";
import { authFor, type Env, guard, nothingHere } from "./guard.ts";
import { safeHeaders } from "./headers.ts";
import { limitBody } from "./limit.ts";
import { oauthReturn } from "./oauth.ts";
import { oneDriveCalls } from "./onedrive.ts";
import { loadPage } from "./page.ts";
import { answerProblem, refusedBy } from "./problem.ts";
import { signIn } from "./sign-in.ts";
import { whoAsks } from "./who.ts";

export interface ServerOptions {
  readonly calls: Calls;
  /** Whether rules are being watched. */
  readonly isReady: () => boolean;
  /** Something in the server itself is wrong. */
  readonly onError: (error: Error) => void;
  /** Absent: services' calls and probes are all that is answered. */
  readonly dashboard?: Omit<ApiOptions, "connections">;
}

/** A thousand of Graph's notifications in one call fit. */
const mostBytes = 1024 * 1024;

/**
 * What `serve` answers to the outside. Services' calls are proven, answered at once and never waited for:
 * they ring a bell, which costs next to nothing.
 */
export function createServerApp({ calls, isReady, onError, dashboard }: ServerOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.use(safeHeaders);
  app.use(limitBody(mostBytes));
  if (dashboard) app.use(guard(dashboard));
  app.route("/webhooks/dropbox", dropboxCalls(calls));
  app.route("/webhooks/google-drive", googleDriveCalls(calls));
  app.route("/webhooks/onedrive", oneDriveCalls(calls));
  app.get("/healthz", (context) => say(context, 200, "ok\n"));
  app.get("/readyz", (context) =>
    isReady() ? say(context, 200, "ready\n") : say(context, 503, "not ready\n"),
  );
  app.notFound((context) => say(context, 404, "There is nothing at this address.\n"));
  if (dashboard) addDashboard(app, dashboard);
  app.onError((error, context) => {
    // Whoever leaves in the middle of a call is no fault of ours.
    if (context.req.raw.signal.aborted) return say(context, 400, "The call broke off.\n");
    const refused = refusedBy(error);
    if (refused) return answerProblem(context, refused.status, refused.problem);
    if (error instanceof HTTPException) {
      return answerProblem(context, error.status, { code: "invalid", message: error.message });
    }
    onError(error);
    if (!context.req.path.startsWith("/api/")) {
      return say(context, 500, "Something is wrong here; the log says more.\n");
    }
    return answerProblem(context, 500, {
      code: "broken",
      message: "Something is wrong here.",
      mend: "Try again. The log of this server says more.",
    });
  });
  return app;
}

function addDashboard(app: Hono<Env>, given: Omit<ApiOptions, "connections">): void {
  const connections = createConnections(given.engine);
  const options = { ...given, connections };
  const api = createWholeApi(options);
  app.notFound(nothingHere);
  const document = describe(api, options.version);
  app.route("/api/v1", api);
  app.route(authPath, signIn(options));
  const who = (context: Context<Env>) => whoAsks(context, authFor(options, context));
  app.get("/events", eventsOf({ hub: options.engine.hub, who }));
  const page = loadPage();
  app.get("/", page.index);
  app.get("/assets/:name", page.asset);
  app.get("/oauth/:provider/callback", oauthReturn(connections));
  app.get("/api/openapi.json", (context) => context.json(document));
}
