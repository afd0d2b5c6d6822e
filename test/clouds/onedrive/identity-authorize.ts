import { randomText } from "../kit/random.ts";
import { type Answer, type CloudRequest, redirect, text } from "../kit/request.ts";
import {
  type Client,
  type Grant,
  type IdentityState,
  isTenantOf,
  readScopes,
} from "./identity-state.ts";

const codeMs = 10 * 60 * 1000;

/** The page a person signs in at, and where it sends them (Entra docs: "OAuth 2.0 authorization code flow"). */
export async function answerAuthorize(
  state: IdentityState,
  request: CloudRequest,
): Promise<Answer> {
  const query = request.url.searchParams;
  if (!isTenantOf(state, request.params[0] ?? ""))
    return text(400, "AADSTS90002: Tenant not found.");
  const client = state.clients.find(({ clientId }) => clientId === query.get("client_id"));
  if (client === undefined) return text(400, "AADSTS700016: Application was not found.");
  const redirectUri = query.get("redirect_uri") ?? "";
  // A bad redirect address is told to the person, never by redirecting to it.
  if (!client.redirectUris.some((allowed) => allowed.test(redirectUri))) {
    return text(400, `AADSTS50011: The redirect URI '${redirectUri}' does not match.`);
  }
  const complaint = complaintOf(query);
  if (complaint !== null) return back(query, complaint);
  if (request.method === "GET" && state.settings.consent === "form") return consentForm(client);
  const decision = new URLSearchParams(request.method === "POST" ? await request.text() : "");
  if (decision.get("decision") === "deny") {
    return back(query, {
      error: "access_denied",
      error_description: "AADSTS65004: User declined to consent to access the app.",
    });
  }
  return back(query, { code: mintCode(state, client, query) });
}

function complaintOf(query: URLSearchParams): Record<string, string> | null {
  if (query.get("response_type") !== "code") {
    return { error: "unsupported_response_type", error_description: "AADSTS700054: response_type" };
  }
  const { known, unknown } = readScopes(query.get("scope"));
  if (unknown.length > 0 || known.length === 0) {
    return { error: "invalid_scope", error_description: `AADSTS70011: ${unknown.join(" ")}` };
  }
  const challenge = query.get("code_challenge");
  if (challenge === null) return null;
  const sound = query.get("code_challenge_method") === "S256" && /^[\w-]{43}$/.test(challenge);
  return sound
    ? null
    : { error: "invalid_request", error_description: "AADSTS501491: code_challenge" };
}

function back(query: URLSearchParams, result: Readonly<Record<string, string>>): Answer {
  const target = new URL(query.get("redirect_uri") ?? "");
  const state = query.get("state");
  const values = { ...result, ...(state === null ? {} : { state }) };
  if (query.get("response_mode") === "form_post") return formPost(target, values);
  for (const [name, value] of Object.entries(values)) target.searchParams.set(name, value);
  return redirect(target.href);
}

function formPost(target: URL, values: Readonly<Record<string, string>>): Answer {
  const inputs = Object.entries(values).map(
    ([name, value]) =>
      `<input type="hidden" name="${name}" value="${value.replaceAll('"', "&quot;")}">`,
  );
  return html(
    `<form method="post" action="${target.href}">${inputs.join("")}<button>Continue</button></form>` +
      "<script>document.forms[0].submit()</script>",
  );
}

function consentForm({ clientId }: Client): Answer {
  return html(
    `<p>${clientId} would like to open and change your files.</p><form method="post">` +
      '<button name="decision" value="allow">Accept</button> ' +
      '<button name="decision" value="deny">Cancel</button></form>',
  );
}

/** A page of the sign-in. */
export function html(body: string): Answer {
  const page = `<!doctype html><title>Stand-in sign-in</title>${body}`;
  return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: page };
}

function mintCode(state: IdentityState, client: Client, query: URLSearchParams): string {
  const code = `M.C5_BAY.2.U.${randomText(state.random, 43)}`;
  const grant: Grant = {
    clientId: client.clientId,
    scopes: readScopes(query.get("scope")).known,
    nonce: query.get("nonce"),
    dead: null,
  };
  state.codes.set(code, {
    grant,
    redirectUri: query.get("redirect_uri") ?? "",
    challenge: query.get("code_challenge"),
    expiresAt: state.now() + codeMs,
    redeemed: false,
  });
  return code;
}
