import { createHash } from "node:crypto";
import type { DropboxSettings } from "../../src/core/account.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { ProviderContext, Tokens } from "../../src/core/provider.ts";
import { untilAborted } from "../../src/http/abort.ts";
import { sendWithin } from "../../src/http/bounds.ts";
import { boundsFor } from "./bounds.ts";
import { type Attempt, asThrown, sentence } from "./refusal.ts";
import { scopes } from "./scopes.ts";

/** What an app is to Dropbox's sign-in. */
export type App = Pick<DropboxSettings, "clientId" | "clientSecret" | "origin">;

/** Access tokens for one account. */
export interface Auth {
  /** One that is good for some minutes yet. `unauthorized` when the grant is dead. */
  accessToken(signal?: AbortSignal): Promise<string>;
  /** Another one than `refused`, which Dropbox did not take although its time was not over. */
  renew(refused: string, signal?: AbortSignal): Promise<string>;
}

/** What a code is exchanged for. */
export interface Grant {
  /** Good until the person revokes it; Dropbox never gives another one in its place. */
  readonly refreshToken: string;
  readonly tokens: Tokens;
  /** `dbid:...` */
  readonly accountId: string;
}

/** A token is renewed so long before its end that no request outlives it on its way. */
const marginMs = 5 * 60_000;
const timeoutMs = 60_000;

/** Keeps one access token fresh and stored; however many requests wait, one refresh is under way. */
export function openAuth(settings: DropboxSettings, context: ProviderContext): Auth {
  const { account, clock } = context;
  let tokens = context.tokens.load();
  let refreshing: Promise<Tokens> | null = null;

  const refresh = async () => {
    const attempt = { account, operation: "refresh the sign-in", item: "" };
    const form = { grant_type: "refresh_token", refresh_token: settings.refreshToken };
    const answer = await requestToken(settings, form, attempt, context.fetch);
    tokens = tokensOf(answer, attempt, clock.now());
    context.tokens.save(tokens);
    return tokens;
  };
  const shared = async (signal: AbortSignal | undefined) => {
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
    return (await untilAborted(refreshing, signal)).accessToken;
  };
  return {
    async accessToken(signal) {
      const fresh = tokens !== null && tokens.expiresAt.getTime() - marginMs > clock.now();
      return fresh && tokens !== null ? tokens.accessToken : shared(signal);
    },
    async renew(refused, signal) {
      const other = tokens !== null && tokens.accessToken !== refused;
      return other && tokens !== null ? tokens.accessToken : shared(signal);
    },
  };
}

/**
 * Where a person agrees. Without `redirectUri` Dropbox shows the code to copy, for machines without a
 * browser. `codeVerifier`: 43 to 128 characters, needed where the app has no secret. (Dropbox docs: OAuth guide.)
 */
export function authorizeUrl(
  app: App,
  request: {
    readonly redirectUri?: string;
    readonly state?: string;
    readonly codeVerifier?: string;
  },
): string {
  const url = new URL("/oauth2/authorize", app.origin?.authorize ?? "https://www.dropbox.com");
  const parameters = {
    client_id: app.clientId,
    response_type: "code",
    // Without it there is no refresh token.
    token_access_type: "offline",
    scope: scopes.join(" "),
    redirect_uri: request.redirectUri,
    state: request.state,
    ...(request.codeVerifier !== undefined && {
      code_challenge: createHash("sha256").update(request.codeVerifier).digest("base64url"),
      code_challenge_method: "S256",
    }),
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/**
 * The grant for a code that a person brought back; `redirectUri` and `codeVerifier` as in `authorizeUrl`.
 * `unauthorized` when the code is wrong, used or too old.
 */
export async function exchangeCode(
  app: App,
  code: string,
  request: {
    readonly redirectUri?: string;
    readonly codeVerifier?: string;
    /** Milliseconds since 1970; the token's end is counted from it. */
    readonly now: number;
  },
): Promise<Grant> {
  const attempt = { account: "sign-in", operation: "exchange the code", item: "" };
  const form = {
    grant_type: "authorization_code",
    code,
    ...(request.redirectUri !== undefined && { redirect_uri: request.redirectUri }),
    ...(request.codeVerifier !== undefined && { code_verifier: request.codeVerifier }),
  };
  const answer = await requestToken(app, form, attempt);
  const { refresh_token, account_id } = answer;
  if (typeof refresh_token !== "string" || typeof account_id !== "string") {
    throw new ProviderError("unexpected", sentence(attempt, "an answer without a refresh token"));
  }
  const tokens = tokensOf(answer, attempt, request.now);
  return { refreshToken: refresh_token, tokens, accountId: account_id };
}

/** Parameters go in the body, as the SDK's way, the URL, leaves secrets in the logs of proxies. */
async function requestToken(
  app: App,
  form: Readonly<Record<string, string>>,
  attempt: Attempt,
  send?: typeof fetch,
): Promise<Record<string, unknown>> {
  const url = new URL("/oauth2/token", app.origin?.token ?? "https://api.dropboxapi.com");
  const secret = app.clientSecret === undefined ? {} : { client_secret: app.clientSecret };
  const body = new URLSearchParams({ ...form, client_id: app.clientId, ...secret });
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await sendWithin(boundsFor(app), send)(url, { method: "POST", body, signal });
    const answer = parse(await response.text());
    if (response.ok) return answer;
    throw refusedToken(answer, response, attempt);
  } catch (error) {
    throw asThrown(error, attempt);
  }
}

function refusedToken(
  answer: Record<string, unknown>,
  { status, headers }: Response,
  attempt: Attempt,
): Error {
  const code = String(answer.error ?? "no reason given");
  const reason = `${code} (${String(answer.error_description ?? status)})`;
  if (code === "invalid_grant") {
    const advice = `sign in again: the grant was revoked or never was: ${reason}`;
    return new ProviderError("unauthorized", sentence(attempt, advice));
  }
  if (code === "invalid_client" || code === "unauthorized_client" || status === 401) {
    const advice = `the app key or secret is wrong: ${reason}`;
    return new ProviderError("unauthorized", sentence(attempt, advice));
  }
  return Object.assign(new Error(reason), { status, headers, error: reason });
}

function tokensOf(answer: Record<string, unknown>, attempt: Attempt, now: number): Tokens {
  const { access_token, expires_in, scope } = answer;
  if (typeof access_token !== "string" || typeof expires_in !== "number") {
    throw new ProviderError("unexpected", sentence(attempt, "an answer without a token"));
  }
  return {
    accessToken: access_token,
    expiresAt: new Date(now + expires_in * 1000),
    ...(typeof scope === "string" && { scopes: scope.split(" ") }),
  };
}

/** The object that the text is as JSON; empty for what is none, such as a proxy's page. */
function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
