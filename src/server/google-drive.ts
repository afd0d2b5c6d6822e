import { Hono } from "hono";
import { bellOf } from "../engine/wake.ts";
import { say } from "./answer.ts";
import type { Calls } from "./calls.ts";
import { isSame } from "./proof.ts";

/**
 * Google Drive's calls (Drive docs: "Notifications for resource changes"): nothing but headers. They bear no
 * signature: the token that was given with the channel proves them.
 */
export function googleDriveCalls({ find }: Pick<Calls, "find">): Hono {
  const app = new Hono();
  app.post("/", (context) => {
    const header = (name: string) => context.req.header(`x-goog-${name}`) ?? "";
    const called = find("google-drive", header("channel-id"));
    if (!called) return say(context, 404, "There is no such channel.\n");
    const isOurs = called.resource === null || called.resource === header("resource-id");
    if (!isSame(header("channel-token"), called.secret) || !isOurs) {
      return say(context, 401, "The token is not that of this channel.\n");
    }
    called.heard();
    // `sync` says that the channel is open, and of no change.
    if (header("resource-state") !== "sync") bellOf(called.account).ring();
    return say(context, 200, "");
  });
  return app;
}
