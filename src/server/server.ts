import { Hono } from "hono";
import { say } from "./answer.ts";
import type { Calls } from "./calls.ts";
import { dropboxCalls } from "./dropbox.ts";
import { googleDriveCalls } from "./google-drive.ts";
import type { Env } from "./guard.ts";
import { safeHeaders } from "./headers.ts";
import { type Itself, proofHeader } from "./itself.ts";
import { limitBody, limitRefused, mostBytes } from "./limit.ts";
import { oneDriveCalls } from "./onedrive.ts";

export interface ServerOptions {
  readonly calls: Calls;
  /** Whether rules are being watched. */
  readonly isReady: () => boolean;
  /** The address under which others see it; null: the one that they say. */
  readonly publicUrl: string | null;
  /** Absent: nobody can tell this installation from another. */
  readonly itself?: Itself;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Something in the server itself is wrong. */
  readonly onError: (error: Error) => void;
  /** What answers all else, loaded when it is first asked. Absent: nothing does. */
  readonly dashboard?: () => Promise<Hono<Env>>;
}

/**
 * What `serve` answers to the outside. Services' calls are proven, answered at once and never waited for:
 * they ring a bell, which costs next to nothing.
 */
export function createServerApp(options: ServerOptions): Hono<Env> {
  const { calls, isReady, onError, dashboard, publicUrl, now, itself } = options;
  const app = new Hono<Env>();
  app.use(safeHeaders(publicUrl));
  app.use("/webhooks/*", limitRefused(now), limitBody(mostBytes));
  app.route("/webhooks/dropbox", dropboxCalls(calls));
  app.route("/webhooks/google-drive", googleDriveCalls(calls));
  app.route("/webhooks/onedrive", oneDriveCalls(calls));
  app.get("/healthz", (context) => {
    const proof = itself?.answer(context.req.query("question") ?? "");
    if (proof) context.header(proofHeader, proof);
    return say(context, 200, "ok\n");
  });
  app.get("/readyz", (context) =>
    isReady() ? say(context, 200, "ready\n") : say(context, 503, "not ready\n"),
  );
  app.notFound(async (context) => {
    if (dashboard) return (await dashboard()).fetch(context.req.raw, context.env);
    return say(context, 404, "There is nothing at this address.\n");
  });
  app.onError((error, context) => {
    // Whoever leaves in the middle of a call is no fault of ours.
    if (context.req.raw.signal.aborted) return say(context, 400, "The call broke off.\n");
    onError(error);
    return say(context, 500, "Something is wrong here; the log says more.\n");
  });
  return app;
}
