import { Hono } from "hono";
import { z } from "zod";
import type { CalledFor } from "../engine/subscriptions.ts";
import { bellOf } from "../engine/wake.ts";
import { echo, say } from "./answer.ts";
import type { Calls } from "./calls.ts";
import { isSame } from "./proof.ts";

const notification = z.object({
  subscriptionId: z.string(),
  clientState: z.string().nullish(),
  lifecycleEvent: z.string().optional(),
});
const notifications = z.object({ value: z.array(notification).min(1) });
type Notification = z.infer<typeof notification>;

/**
 * Microsoft Graph's calls (Graph docs: "Receive change notifications through webhooks", "Reduce missing
 * subscriptions and change notifications"): of changes and of the subscriptions' own life, at one address.
 */
export function oneDriveCalls({ find }: Pick<Calls, "find">): Hono {
  const app = new Hono();
  app.post("/", async (context) => {
    const token = context.req.query("validationToken");
    if (token !== undefined) return echo(context, token);
    const parsed = notifications.safeParse(await context.req.json().catch(() => null));
    if (!parsed.success) return say(context, 400, "That is no notification.\n");
    const known = parsed.data.value.flatMap((each) => {
      const called = find("onedrive", each.subscriptionId);
      return called ? [{ each, called }] : [];
    });
    if (known.length === 0) return say(context, 404, "There is no such subscription.\n");
    const proven = known.filter(({ each, called }) =>
      isSame(each.clientState ?? "", called.secret),
    );
    if (proven.length === 0) return say(context, 401, "The client state is another one.\n");
    for (const { each, called } of proven) heed(each, called);
    return say(context, 202, "");
  });
  return app;
}

function heed({ lifecycleEvent }: Notification, { account, heard, ask }: CalledFor): void {
  heard();
  if (lifecycleEvent === "reauthorizationRequired") return ask("renew");
  if (lifecycleEvent === "subscriptionRemoved") ask("remake");
  // Of a change, of changes that were `missed`, or of what may have been missed since the removal.
  bellOf(account).ring();
}
