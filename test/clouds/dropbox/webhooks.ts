import { createHmac } from "node:crypto";
import type { Caller, Insistence } from "../kit/caller.ts";
import type { OAuthClient } from "../kit/oauth-state.ts";
import { randomText } from "../kit/random.ts";
import type { Context } from "./context.ts";

/** An app's webhook, as its developer enters it in the App Console (Dropbox docs: "Webhooks"). */
export interface Webhooks {
  /**
   * Asks the address with a challenge, and calls it from then on when anything in the account changes.
   * Rejects, in the console's manner, when it does not answer with that challenge as plain text.
   */
  register(address: string, clientId?: string): Promise<void>;
  remove(): void;
}

/** Delays of 10 to 320 seconds: ten minutes in all. */
const mostAttempts = 7;
const insistence: Insistence = (attempt, status) =>
  attempt < mostAttempts && (status === null || status < 200 || status > 299)
    ? 5_000 * 2 ** attempt
    : null;

export function createWebhooks(
  caller: Caller,
  { namespace, account, random }: Context,
  clients: readonly OAuthClient[],
): Webhooks {
  let hook: { readonly address: string; readonly secret: string } | null = null;

  function notify(): void {
    namespace.journal.onNext(notify);
    if (hook === null) return;
    const { address, secret } = hook;
    const body = JSON.stringify({
      list_folder: { accounts: [account.accountId] },
      delta: { users: [12345] },
    });
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const headers = { "content-type": "application/json", "x-dropbox-signature": signature };
    caller.send({ method: "POST", address, headers, body }, insistence);
  }
  namespace.journal.onNext(notify);

  return {
    async register(address, clientId) {
      const app = clients.find((each) => clientId === undefined || each.clientId === clientId);
      if (!app?.clientSecret) throw new Error("there is no such app with a secret");
      const challenge = randomText(random, 32);
      const asked = `${address}?challenge=${challenge}`;
      const answer = await caller.ask({ method: "GET", address: asked });
      const type = answer?.headers.get("content-type") ?? "";
      const sniffs = answer?.headers.get("x-content-type-options") !== "nosniff";
      if (answer?.status !== 200 || answer.text !== challenge) {
        throw new Error(`${address} did not answer with the challenge`);
      }
      if (!type.startsWith("text/plain") || sniffs) {
        throw new Error(`${address} answered with ${type}, or lets browsers guess the type`);
      }
      hook = { address, secret: app.clientSecret };
    },
    remove() {
      hook = null;
    },
  };
}
