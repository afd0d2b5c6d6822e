import { createHash } from "node:crypto";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import { takeDeviceCode } from "./identity-device.ts";
import { identityError } from "./identity-errors.ts";
import { signIdToken } from "./identity-keys.ts";
import {
  type Client,
  dayMs,
  type Grant,
  type IdentityState,
  isTenantOf,
  mintAccessToken,
  mintRefreshToken,
  readScopes,
} from "./identity-state.ts";

/** A grant that may have tokens, or the answer that says why not. */
type Taken = { readonly grant: Grant } | { readonly answer: Answer };

/** Exchanges a code, a refresh token or a device code for tokens. */
export async function answerToken(state: IdentityState, request: CloudRequest): Promise<Answer> {
  const form = new URLSearchParams(await request.text());
  const fail = (error: string, number: number) => identityError(state, error, number);
  if (!isTenantOf(state, request.params[0] ?? "")) return fail("invalid_request", 90002);
  const client = state.clients.find(({ clientId }) => clientId === form.get("client_id"));
  if (client === undefined) return fail("unauthorized_client", 700016);
  const wrong = wrongSecret(client, form.get("client_secret"));
  if (wrong !== null) return fail("invalid_client", wrong);
  const scopes = readScopes(form.get("scope"));
  if (scopes.unknown.length > 0) return fail("invalid_scope", 70011);
  const taken = take(state, client, form);
  if ("answer" in taken) return taken.answer;
  const refused = scopes.known.some((scope) => !mayAsk(taken.grant, scope));
  if (refused) return identityError(state, "invalid_grant", 65001, "consent_required");
  const asked = scopes.known.length === 0 ? taken.grant.scopes : scopes.known;
  return tokens(state, taken.grant, asked, form.get("client_info") === "1");
}

/** OpenID's own scopes are never refused. */
function mayAsk(grant: Grant, scope: string): boolean {
  return grant.scopes.includes(scope) || ["openid", "profile", "email"].includes(scope);
}

function wrongSecret({ clientSecret }: Client, given: string | null): number | null {
  if (clientSecret === undefined) return given === null ? null : 700025;
  if (given === null) return 7000218;
  return given === clientSecret ? null : 7000215;
}

function take(state: IdentityState, client: Client, form: URLSearchParams): Taken {
  switch (form.get("grant_type")) {
    case "authorization_code":
      return takeCode(state, client, form);
    case "refresh_token":
      return takeRefreshToken(state, client, form.get("refresh_token") ?? "");
    case "urn:ietf:params:oauth:grant-type:device_code":
    // The name before RFC 8628, which msal-node sends to this day.
    case "device_code":
      return takeDeviceCode(state, client, form.get("device_code") ?? "");
    default:
      return { answer: identityError(state, "unsupported_grant_type", 70003) };
  }
}

/** A code is good once, for the address and the verifier it was made for. */
function takeCode(state: IdentityState, client: Client, form: URLSearchParams): Taken {
  const fail = (number: number) => ({ answer: identityError(state, "invalid_grant", number) });
  const known = state.codes.get(form.get("code") ?? "");
  if (known === undefined || known.grant.clientId !== client.clientId) return fail(70000);
  if (known.redeemed) return fail(54005);
  if (known.expiresAt <= state.now()) return fail(70008);
  if (known.redirectUri !== form.get("redirect_uri")) return fail(500112);
  known.redeemed = true;
  const verifier = form.get("code_verifier");
  const digest =
    verifier === null ? null : createHash("sha256").update(verifier).digest("base64url");
  return digest === known.challenge ? { grant: known.grant } : fail(501481);
}

function takeRefreshToken(state: IdentityState, client: Client, token: string): Taken {
  const known = state.refreshTokens.get(token);
  if (known === undefined || known.grant.clientId !== client.clientId) {
    return { answer: identityError(state, "invalid_grant", 70000, "bad_token") };
  }
  const { dead } = known.grant;
  if (dead !== null) {
    return { answer: identityError(state, "invalid_grant", dead.number, dead.suberror) };
  }
  if (known.usedAt + state.settings.refreshTokenDays * dayMs <= state.now()) {
    const number = state.driveType === "personal" ? 70000 : 700082;
    return { answer: identityError(state, "invalid_grant", number, "bad_token") };
  }
  known.usedAt = state.now();
  return { grant: known.grant };
}

function tokens(
  state: IdentityState,
  grant: Grant,
  asked: readonly string[],
  withClientInfo: boolean,
): Answer {
  const { accessTokenSeconds } = state.settings;
  const { id: uid, tenantId: utid } = state.user;
  const offline = grant.scopes.includes("offline_access");
  const info = Buffer.from(JSON.stringify({ uid, utid })).toString("base64url");
  return json(
    200,
    {
      token_type: "Bearer",
      scope: asked.filter((scope) => scope !== "offline_access").join(" "),
      expires_in: accessTokenSeconds,
      ext_expires_in: accessTokenSeconds,
      access_token: mintAccessToken(state, grant),
      ...(offline ? { refresh_token: mintRefreshToken(state, grant) } : {}),
      ...(asked.includes("openid") ? { id_token: signIdToken(state, grant) } : {}),
      ...(withClientInfo ? { client_info: info } : {}),
    },
    { "cache-control": "no-store, no-cache" },
  );
}
