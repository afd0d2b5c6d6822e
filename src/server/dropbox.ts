import { Hono } from "hono";
import { z } from "zod";
import { bellOf } from "../engine/wake.ts";
import { echo, say } from "./answer.ts";
import type { Calls } from "./calls.ts";
import { isSigned } from "./proof.ts";

const notification = z.object({ list_folder: z.object({ accounts: z.array(z.string()) }) });

/** Dropbox's calls (Dropbox docs: "Webhooks"); the address is entered in the app's own settings there. */
export function dropboxCalls({ dropboxApps }: Pick<Calls, "dropboxApps">): Hono {
  const app = new Hono();

  app.get("/", (context) => {
    const challenge = context.req.query("challenge");
    if (challenge === undefined) return say(context, 404, "Dropbox asks here with a challenge.\n");
    return echo(context, challenge);
  });

  app.post("/", async (context) => {
    const body = new Uint8Array(await context.req.arrayBuffer());
    const signature = context.req.header("x-dropbox-signature") ?? "";
    const signing = dropboxApps().filter(({ secret }) => isSigned(body, signature, secret));
    if (signing.length === 0) return say(context, 401, "The signature is not Dropbox's.\n");
    const parsed = notification.safeParse(jsonOf(body));
    if (!parsed.success) return say(context, 400, "That names no accounts.\n");
    for (const identity of new Set(parsed.data.list_folder.accounts)) {
      for (const { accounts } of signing) {
        for (const account of accounts.get(identity) ?? []) bellOf(account).ring();
      }
    }
    return say(context, 200, "");
  });

  return app;
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return null;
  }
}
