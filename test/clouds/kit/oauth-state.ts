import { randomText } from "./random.ts";

/** An application that people can let in. */
export interface OAuthClient {
  readonly clientId: string;
  /** Absent: a public client, which must use PKCE. */
  readonly clientSecret?: string;
  /** Exact addresses, or patterns for them. */
  readonly redirectUris: readonly (string | RegExp)[];
}

/** What a person allowed to a client; lives until it is revoked. */
export interface Grant {
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Null where the client did not ask for offline access. */
  readonly refreshToken: string | null;
  /** Whether it came by PKCE: a refresh then needs no secret. */
  readonly pkce: boolean;
  /** Who acts, where it is not the person that the stand-in is for. */
  readonly actor?: string;
  revoked: boolean;
}

/** Whom an assertion signs in. */
export type Asserted = Pick<Grant, "clientId" | "scopes" | "actor">;

/** An error of a token request (RFC 6749 5.2). */
export interface TokenRefusal {
  readonly error: string;
  readonly description: string;
  /** Default: 400. */
  readonly status?: number;
}

/** What an access token is worth; a grant only where it may pass. */
export type TokenState =
  | { readonly status: "valid"; readonly grant: Grant }
  | { readonly status: "expired" | "revoked" | "unknown"; readonly grant: null };

/** What may change while a stand-in runs. */
export interface Settings {
  /** `auto` grants at once, `form` asks a person with Allow and Deny. */
  consent: "auto" | "form";
  /** How long an access token is good for. */
  accessTokenSeconds: number;
}

/** How a service's sign-in differs from another's. */
export interface OAuthOptions extends Readonly<Settings> {
  readonly now: () => number;
  readonly random: () => number;
  readonly clients: readonly OAuthClient[];
  readonly paths: {
    readonly authorize: readonly string[];
    readonly token: readonly string[];
    readonly revoke?: readonly string[];
  };
  /** All there are; asked for by name, or all of them where `scope` is left out. */
  readonly scopes: readonly string[];
  /** Whether an authorize request, by its parameters, earns a refresh token. */
  readonly isOffline: (parameters: URLSearchParams) => boolean;
  /** Whether a request without redirect_uri shows the code for a person to copy. */
  readonly canPasteCode: boolean;
  /** Whether a confidential client's refresh needs its secret even where the grant came by PKCE. */
  readonly pkceNeedsSecret: boolean;
  /** What becomes of a signed assertion (RFC 7523); absent: none is taken. */
  readonly assertions?: (assertion: string) => Asserted | TokenRefusal;
  /** What stands before each token, as in the service's own. */
  readonly tokenPrefix: string;
  /** Fields of the token answer that only this service has. */
  readonly extraFields?: (
    grant: Grant,
    grantType: "authorization_code" | "refresh_token",
  ) => Record<string, string>;
}

/** What a code stands for until it is exchanged. */
interface Code {
  readonly grant: Grant;
  readonly redirectUri: string | null;
  readonly challenge: string | null;
  readonly expiresAt: number;
}

/** Everything that a stand-in's sign-in remembers. */
export interface State extends OAuthOptions {
  readonly settings: Settings;
  readonly codes: Map<string, Code>;
  readonly refreshTokens: Map<string, Grant>;
  readonly accessTokens: Map<string, { readonly grant: Grant; expiresAt: number }>;
}

/** Writes down what a person allowed. */
export function openGrant(
  state: State,
  given: Asserted & { readonly offline: boolean; readonly pkce: boolean },
): Grant {
  const { offline, ...about } = given;
  const refreshToken = offline ? `${state.tokenPrefix}r-${randomText(state.random, 40)}` : null;
  const grant: Grant = { ...about, refreshToken, revoked: false };
  if (refreshToken !== null) state.refreshTokens.set(refreshToken, grant);
  return grant;
}

/** A new access token of a grant. */
export function mintAccessToken(state: State, grant: Grant): string {
  const token = `${state.tokenPrefix}${randomText(state.random, 60)}`;
  const expiresAt = state.now() + state.settings.accessTokenSeconds * 1000;
  state.accessTokens.set(token, { grant, expiresAt });
  return token;
}

/** What an access token is worth now. */
export function check(state: State, accessToken: string): TokenState {
  const known = state.accessTokens.get(accessToken);
  if (known === undefined) return { status: "unknown", grant: null };
  if (known.grant.revoked) return { status: "revoked", grant: null };
  if (known.expiresAt <= state.now()) return { status: "expired", grant: null };
  return { status: "valid", grant: known.grant };
}

/** Ends the grant of a refresh or access token; false: no such token. */
export function revoke(state: State, token: string): boolean {
  const grant = state.refreshTokens.get(token) ?? state.accessTokens.get(token)?.grant;
  if (grant === undefined) return false;
  grant.revoked = true;
  return true;
}
