import { type OAuthClient, openGrant, type State } from "./oauth-state.ts";
import { randomText } from "./random.ts";
import { type Answer, type CloudRequest, redirect, text } from "./request.ts";

const codeSeconds = 600;

/** The page a person comes to, and where it sends them (RFC 6749 4.1.1, RFC 7636). */
export async function answerAuthorize(state: State, request: CloudRequest): Promise<Answer> {
  const parameters = request.url.searchParams;
  const client = state.clients.find(({ clientId }) => clientId === parameters.get("client_id"));
  if (client === undefined) return text(400, "Invalid client_id: there is no such app");
  const redirectUri = parameters.get("redirect_uri");
  // RFC 6749 4.1.2.1: a bad redirect address is told to the person, never by redirecting to it.
  if (!isRedirectAllowed(state, client, redirectUri)) {
    return text(400, `Invalid redirect_uri: ${redirectUri}`);
  }
  const complaint = complaintOf(state, client, parameters);
  if (complaint !== null) return back(redirectUri, parameters, complaint);
  if (request.method === "GET" && state.settings.consent === "form") return consentForm(client);
  const decision = new URLSearchParams(request.method === "POST" ? await request.text() : "");
  if (decision.get("decision") === "deny") {
    return back(redirectUri, parameters, { error: "access_denied" });
  }
  return back(redirectUri, parameters, { code: mintCode(state, client, parameters) });
}

function isRedirectAllowed(state: State, client: OAuthClient, redirectUri: string | null): boolean {
  if (redirectUri === null) return state.canPasteCode;
  return client.redirectUris.some((allowed) =>
    typeof allowed === "string" ? allowed === redirectUri : allowed.test(redirectUri),
  );
}

function complaintOf(
  { scopes }: State,
  client: OAuthClient,
  parameters: URLSearchParams,
): Record<string, string> | null {
  if (parameters.get("response_type") !== "code") return { error: "unsupported_response_type" };
  const unknown = scopesOf(parameters).filter((scope) => !scopes.includes(scope));
  if (unknown.length > 0) return { error: "invalid_scope", error_description: unknown.join(" ") };
  const challenge = parameters.get("code_challenge");
  if (challenge === null) {
    return client.clientSecret === undefined ? { error: "invalid_request" } : null;
  }
  const s256 = parameters.get("code_challenge_method") === "S256";
  return s256 && /^[\w-]{43}$/.test(challenge) ? null : { error: "invalid_request" };
}

function back(
  redirectUri: string | null,
  parameters: URLSearchParams,
  result: Readonly<Record<string, string>>,
): Answer {
  if (redirectUri === null) {
    const code = result.code;
    if (code === undefined) return text(400, JSON.stringify(result));
    return html(`<p>Enter this code to finish:</p><input id="auth-code" readonly value="${code}">`);
  }
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(result)) target.searchParams.set(name, value);
  const state = parameters.get("state");
  if (state !== null) target.searchParams.set("state", state);
  return redirect(target.href);
}

function consentForm({ clientId }: OAuthClient): Answer {
  return html(
    `<p>${clientId} would like to see and change your files.</p><form method="post">` +
      `<button name="decision" value="allow">Allow</button> ` +
      `<button name="decision" value="deny">Deny</button></form>`,
  );
}

function html(body: string): Answer {
  const page = `<!doctype html><title>Stand-in sign-in</title>${body}`;
  return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: page };
}

function mintCode(state: State, client: OAuthClient, parameters: URLSearchParams): string {
  const code = randomText(state.random, 43);
  const challenge = parameters.get("code_challenge");
  const wanted = scopesOf(parameters);
  const scopes = wanted.length === 0 ? state.scopes : wanted;
  const offline = state.isOffline(parameters);
  const clientId = client.clientId;
  state.codes.set(code, {
    grant: openGrant(state, { clientId, scopes, offline, pkce: challenge !== null }),
    redirectUri: parameters.get("redirect_uri"),
    challenge,
    expiresAt: state.now() + codeSeconds * 1000,
  });
  return code;
}

function scopesOf(parameters: URLSearchParams): readonly string[] {
  return (parameters.get("scope") ?? "").split(/\s+/).filter((scope) => scope !== "");
}
