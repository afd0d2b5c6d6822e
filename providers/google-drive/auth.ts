import { createHash } from "node:crypto";
import { type Credentials, gaxios, OAuth2Client } from "google-auth-library";
import type { GoogleDrivePersonSettings, GoogleDriveSettings } from "../../src/core/account.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock, ProviderContext } from "../../src/core/provider.ts";
import { endpointsOf, withOwnTransport } from "./client.ts";
import {
  byCode,
  byRefreshToken,
  type Refusal,
  type TokenAttempt,
  toNetworkError,
  toTokenError,
} from "./errors.ts";
import { driveScope } from "./scopes.ts";
import { byKey, createServiceClient } from "./service-account.ts";

/** Keeps one account signed in. */
export interface Authorizer {
  /** For the SDK, which asks it for headers. */
  readonly client: OAuth2Client;
  /**
   * Runs `attempt` with a valid access token; once more with a new one when it fails with `unauthorized`.
   * `unauthorized` when the refresh token, or the key of a service account, is dead, too.
   */
  authorized<T>(attempt: (accessToken: string) => Promise<T>): Promise<T>;
  /** What the sign-in may do; null: Google does not tell. `unauthorized`: as above. */
  scopes(): Promise<readonly string[] | null>;
}

/** What a first sign-in needs to know; the refresh token comes of it. */
export type SignInSettings = Omit<GoogleDrivePersonSettings, "provider" | "refreshToken">;

/** The outcome of a sign-in. */
export interface Grant {
  readonly refreshToken: string;
  /** When it dies: seven days on while the consent screen is in testing mode; null: not by time. */
  readonly refreshTokenExpiresAt: Date | null;
}

/** Access tokens come from `tokens` while they last, new ones go there. */
export function createAuthorizer(
  settings: GoogleDriveSettings,
  context: ProviderContext,
): Authorizer {
  const { tokens, clock } = context;
  const { client, attempt: way, refreshToken } = openWay(settings, context);
  const kept = tokens.load();
  client.setCredentials({
    refresh_token: refreshToken,
    ...(kept && { access_token: kept.accessToken, expiry_date: kept.expiresAt.getTime() }),
  });
  client.on("tokens", (granted) => saveTokens(granted, { tokens, clock }));

  const signIn = (ask: () => Promise<unknown>) => translated(way, clock, ask);
  return {
    client,
    async authorized(attempt) {
      await signIn(() => client.getAccessToken());
      const used = client.credentials.access_token ?? "";
      try {
        return await attempt(used);
      } catch (error) {
        if (!isProviderError(error, "unauthorized")) throw error;
        // Requests in flight together fail together: only the first of them asks for a new token.
        if (client.credentials.access_token === used) {
          await signIn(() => client.refreshAccessToken());
        }
        return attempt(client.credentials.access_token ?? "");
      }
    },
    async scopes() {
      if (!tokens.load()?.scopes) await signIn(() => client.refreshAccessToken());
      return tokens.load()?.scopes ?? null;
    },
  };
}

/** How the account gets its access tokens. `refreshToken`: what the SDK asks for before it asks `client` for a new one. */
function openWay(settings: GoogleDriveSettings, context: Pick<ProviderContext, "clock" | "fetch">) {
  if (settings.serviceAccount === undefined) {
    const client = createClient(settings, context.fetch);
    return { client, attempt: byRefreshToken, refreshToken: settings.refreshToken };
  }
  const client = createServiceClient(settings, context);
  return { client, attempt: byKey(settings), refreshToken: "the key is at hand" };
}

/**
 * Where to send a person's browser. `codeVerifier`: 43 to 128 random URL-safe characters (RFC 7636),
 * given again to `exchangeCode`; `state`: random, to be compared on return.
 */
export function authorizeUrl(
  settings: SignInSettings,
  request: {
    readonly redirectUri: string;
    readonly state: string;
    readonly codeVerifier: string;
  },
): string {
  const endpoint = endpointsOf(settings).oauth2AuthBaseUrl;
  const query = new URLSearchParams({
    client_id: settings.clientId,
    redirect_uri: request.redirectUri,
    response_type: "code",
    scope: driveScope,
    state: request.state,
    code_challenge: createHash("sha256").update(request.codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
    // Google gives a refresh token only for offline access, and again only when consent is asked again.
    access_type: "offline",
    prompt: "consent",
  });
  return `${endpoint}?${query}`;
}

/**
 * Trades the code of the redirect for a grant. `unauthorized`: the code is used or too old, or the
 * person did not tick the access to Drive.
 */
export async function exchangeCode(
  settings: SignInSettings,
  request: {
    readonly code: string;
    readonly codeVerifier: string;
    readonly redirectUri: string;
  },
  clock: Clock,
): Promise<Grant> {
  const client = createClient(settings);
  const { code, codeVerifier, redirectUri } = request;
  const { tokens } = await translated(byCode, clock, () =>
    client.getToken({ code, codeVerifier, redirect_uri: redirectUri }),
  );
  if (tokens.scope && !tokens.scope.split(" ").includes(driveScope)) {
    throw new ProviderError(
      "unauthorized",
      "google-drive: access to Drive was not allowed: sign in again and tick it",
    );
  }
  if (!tokens.refresh_token) {
    throw new ProviderError("unexpected", "google-drive: the sign-in gave no refresh token");
  }
  return {
    refreshToken: tokens.refresh_token,
    refreshTokenExpiresAt: expiryOf(tokens, clock.now()),
  };
}

/** Sent with the token, not in the SDK's types. Google identity docs: "Time-based access". */
function expiryOf(tokens: Credentials, now: number): Date | null {
  const seconds: unknown = Reflect.get(tokens, "refresh_token_expires_in");
  return typeof seconds === "number" ? new Date(now + seconds * 1000) : null;
}

function createClient(settings: SignInSettings, send?: typeof fetch): OAuth2Client {
  const { clientId, clientSecret } = settings;
  return withOwnTransport(settings, send, (options) => {
    return new OAuth2Client({ clientId, clientSecret, ...options });
  });
}

function saveTokens(
  granted: Credentials,
  { tokens, clock }: Pick<ProviderContext, "tokens" | "clock">,
): void {
  if (!granted.access_token || !granted.expiry_date) return;
  const grantEndsAt = expiryOf(granted, clock.now());
  tokens.save({
    accessToken: granted.access_token,
    expiresAt: new Date(granted.expiry_date),
    ...(granted.scope && { scopes: granted.scope.split(" ") }),
    ...(grantEndsAt && { grantEndsAt }),
  });
}

async function translated<T>(
  attempt: TokenAttempt,
  clock: Clock,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) throw toTokenError(refusal, attempt, clock.now());
    throw toNetworkError(error, attempt);
  }
}

/** What the service answered, or null when it did not. */
export function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof gaxios.GaxiosError) || !error.response) return null;
  const { status, data, headers } = error.response;
  return { status, body: data, retryAfter: new Headers(headers).get("retry-after") };
}
