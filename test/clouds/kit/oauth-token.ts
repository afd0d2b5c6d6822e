import { createHash } from "node:crypto";
import {
  type Asserted,
  type Grant,
  mintAccessToken,
  openGrant,
  revoke,
  type State,
  type TokenRefusal,
} from "./oauth-state.ts";
import { type Answer, type CloudRequest, json } from "./request.ts";

const byAssertion = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Exchanges a code, a refresh token or an assertion for an access token (RFC 6749 4.1.3 and 6, RFC 7523). */
export async function answerToken(state: State, request: CloudRequest): Promise<Answer> {
  const parameters = await parametersOf(request);
  const grantType = parameters.get("grant_type");
  if (grantType === byAssertion && state.assertions) {
    return assertedAnswer(state, state.assertions(parameters.get("assertion") ?? ""));
  }
  if (grantType !== "authorization_code" && grantType !== "refresh_token") {
    return failure("unsupported_grant_type", `grant_type: ${grantType}`);
  }
  const given = givenClient(request, parameters);
  const client = state.clients.find(({ clientId }) => clientId === given.id);
  if (client === undefined) return failure("invalid_client", "no such client_id", 401);
  const found =
    grantType === "refresh_token"
      ? (state.refreshTokens.get(parameters.get("refresh_token") ?? "") ?? null)
      : takeCode(state, parameters);
  if (found === null || found.revoked || found.clientId !== client.clientId) {
    return failure("invalid_grant", `${grantType} is invalid or revoked`);
  }
  const needsSecret = !found.pkce || state.pkceNeedsSecret;
  const proven = given.secret === (client.clientSecret ?? null);
  if (!proven && (needsSecret || given.secret !== null)) {
    return failure("invalid_client", "client_secret is wrong or missing", 401);
  }
  return tokenAnswer(state, found, grantType);
}

/** The scope is left out, as it is the one that was asked for. */
function assertedAnswer(state: State, asserted: Asserted | TokenRefusal): Answer {
  if ("error" in asserted) return failure(asserted.error, asserted.description, asserted.status);
  const grant = openGrant(state, { ...asserted, offline: false, pkce: false });
  return json(200, {
    access_token: mintAccessToken(state, grant),
    expires_in: state.settings.accessTokenSeconds,
    token_type: "Bearer",
  });
}

function tokenAnswer(
  state: State,
  grant: Grant,
  grantType: "authorization_code" | "refresh_token",
): Answer {
  const first = grantType === "authorization_code" && grant.refreshToken !== null;
  return json(200, {
    access_token: mintAccessToken(state, grant),
    expires_in: state.settings.accessTokenSeconds,
    token_type: "bearer",
    scope: grant.scopes.join(" "),
    ...(first ? { refresh_token: grant.refreshToken } : {}),
    ...state.extraFields?.(grant, grantType),
  });
}

/** A code is good once, for the address and the verifier it was made for. */
function takeCode(state: State, parameters: URLSearchParams): Grant | null {
  const code = parameters.get("code") ?? "";
  const known = state.codes.get(code);
  state.codes.delete(code);
  if (known === undefined || known.expiresAt <= state.now()) return null;
  if (known.redirectUri !== parameters.get("redirect_uri")) return null;
  const verifier = parameters.get("code_verifier");
  if (known.challenge === null) return verifier === null ? known.grant : null;
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return null;
  const digest = createHash("sha256").update(verifier).digest("base64url");
  return digest === known.challenge ? known.grant : null;
}

/** Parameters of the form body and of the query, as services take both. */
async function parametersOf(request: CloudRequest): Promise<URLSearchParams> {
  const parameters = new URLSearchParams(request.url.searchParams);
  for (const [name, value] of new URLSearchParams(await request.text()))
    parameters.set(name, value);
  return parameters;
}

function givenClient(
  request: CloudRequest,
  parameters: URLSearchParams,
): { id: string | null; secret: string | null } {
  const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (basic === undefined) {
    return { id: parameters.get("client_id"), secret: parameters.get("client_secret") };
  }
  const [id = "", secret = ""] = Buffer.from(basic, "base64").toString("utf8").split(":");
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
}

/** Ends a grant (RFC 7009). */
export async function answerRevoke(state: State, request: CloudRequest): Promise<Answer> {
  const token = (await parametersOf(request)).get("token") ?? "";
  return revoke(state, token) ? json(200, {}) : failure("invalid_token", "token is not known");
}

function failure(error: string, description: string, status = 400): Answer {
  return json(status, { error, error_description: description });
}
