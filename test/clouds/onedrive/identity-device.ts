import { randomText } from "../kit/random.ts";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import { html } from "./identity-authorize.ts";
import { identityError } from "./identity-errors.ts";
import {
  type Client,
  type Grant,
  type IdentityState,
  isTenantOf,
  readScopes,
} from "./identity-state.ts";

const userCodeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** Starts a sign-in on another device (Entra docs: "OAuth 2.0 device authorization grant flow"). */
export async function answerDeviceCode(
  state: IdentityState,
  request: CloudRequest,
): Promise<Answer> {
  const form = new URLSearchParams(await request.text());
  if (!isTenantOf(state, request.params[0] ?? "")) {
    return identityError(state, "invalid_request", 90002);
  }
  const client = state.clients.find(({ clientId }) => clientId === form.get("client_id"));
  if (client === undefined) return identityError(state, "unauthorized_client", 700016);
  if (client.clientSecret !== undefined) return identityError(state, "invalid_client", 7000218);
  const { known: scopes, unknown } = readScopes(form.get("scope"));
  if (unknown.length > 0 || scopes.length === 0) {
    return identityError(state, "invalid_scope", 70011);
  }
  const { deviceCodeSeconds, deviceIntervalSeconds, consent } = state.settings;
  const deviceCode = randomText(state.random, 80);
  const userCode = randomText(state.random, 8, userCodeAlphabet);
  const verificationUri = `${state.origin()}/link`;
  state.deviceCodes.set(deviceCode, {
    grant: { clientId: client.clientId, scopes, nonce: null, dead: null },
    userCode,
    expiresAt: state.now() + deviceCodeSeconds * 1000,
    state: consent === "auto" ? "approved" : "pending",
  });
  return json(200, {
    user_code: userCode,
    device_code: deviceCode,
    verification_uri: verificationUri,
    expires_in: deviceCodeSeconds,
    interval: deviceIntervalSeconds,
    message: `To sign in, use a web browser to open the page ${verificationUri} and enter the code ${userCode} to authenticate.`,
  });
}

/** What polling with a device code comes to. */
export function takeDeviceCode(
  state: IdentityState,
  client: Client,
  deviceCode: string,
): { readonly grant: Grant } | { readonly answer: Answer } {
  const known = state.deviceCodes.get(deviceCode);
  const fail = (error: string, number: number) => ({ answer: identityError(state, error, number) });
  if (known === undefined || known.grant.clientId !== client.clientId) {
    return fail("bad_verification_code", 70020);
  }
  if (known.state === "redeemed") return fail("invalid_grant", 54005);
  if (known.expiresAt <= state.now()) return fail("expired_token", 70019);
  if (known.state === "declined") return fail("authorization_declined", 70018);
  if (known.state === "pending") return fail("authorization_pending", 70016);
  known.state = "redeemed";
  return { grant: known.grant };
}

/** A person answers the question on the other device. False: there is no such code, or not any more. */
export function decideDeviceCode(
  state: IdentityState,
  userCode: string,
  decision: "approved" | "declined",
): boolean {
  for (const known of state.deviceCodes.values()) {
    if (known.userCode !== userCode.toUpperCase() || known.state !== "pending") continue;
    if (known.expiresAt <= state.now()) continue;
    known.state = decision;
    return true;
  }
  return false;
}

/** The page where a person types the code in. */
export async function answerLinkPage(state: IdentityState, request: CloudRequest): Promise<Answer> {
  if (request.method === "GET") {
    return html(
      '<form method="post"><input name="code" aria-label="Code">' +
        '<button name="decision" value="approved">Allow</button> ' +
        '<button name="decision" value="declined">Cancel</button></form>',
    );
  }
  const form = new URLSearchParams(await request.text());
  const decision = form.get("decision") === "declined" ? "declined" : "approved";
  const found = decideDeviceCode(state, form.get("code") ?? "", decision);
  return html(found ? "<p>You can close this page.</p>" : "<p>That code didn't work.</p>");
}
