import { answerAuthorize } from "./oauth-authorize.ts";
import {
  check,
  mintAccessToken,
  type OAuthOptions,
  openGrant,
  revoke,
  type Settings,
  type State,
  type TokenState,
} from "./oauth-state.ts";
import { answerRevoke, answerToken } from "./oauth-token.ts";
import type { CloudRequest, Route } from "./request.ts";

/**
 * The sign-in of a running stand-in, and what tests do to it behind its back. Its settings may be
 * changed at any time, for what is asked from then on.
 */
export interface OAuth extends Settings {
  readonly routes: readonly Route[];
  /** A grant without the ways through a browser; default: the first client, all scopes, offline. */
  grant(options?: { readonly clientId?: string; readonly scopes?: readonly string[] }): Credentials;
  /** An access token of a new grant. */
  accessToken(options?: { readonly scopes?: readonly string[] }): string;
  check(accessToken: string): TokenState;
  /** Every access token given so far has expired. */
  expireAccessTokens(): void;
  /** Ends the grant of a refresh or access token, and all tokens of it. False: no such token. */
  revoke(token: string): boolean;
}

/** What a rule file needs of an account. */
interface Credentials {
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** The sign-in of a stand-in: authorization code flow with and without PKCE, refresh, revocation (RFC 6749, 7636, 7009). */
export function createOAuth(options: OAuthOptions): OAuth {
  const settings: Settings = {
    consent: options.consent,
    accessTokenSeconds: options.accessTokenSeconds,
  };
  const state: State = {
    ...options,
    settings,
    codes: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
  };
  const newGrant = (clientId: string, scopes: readonly string[]) =>
    openGrant(state, { clientId, scopes, offline: true, pkce: false });
  const rest: Omit<OAuth, keyof Settings> = {
    routes: routesOf(state),
    grant({ clientId, scopes } = {}) {
      const client = options.clients.find(
        (one) => clientId === undefined || one.clientId === clientId,
      );
      if (client === undefined) throw new Error(`no such client: ${clientId}`);
      const { refreshToken } = newGrant(client.clientId, scopes ?? options.scopes);
      if (refreshToken === null) throw new Error("an offline grant has a refresh token");
      return { clientId: client.clientId, clientSecret: client.clientSecret ?? "", refreshToken };
    },
    accessToken({ scopes } = {}) {
      const clientId = options.clients[0]?.clientId ?? "";
      return mintAccessToken(state, newGrant(clientId, scopes ?? options.scopes));
    },
    check: (accessToken) => check(state, accessToken),
    expireAccessTokens() {
      for (const token of state.accessTokens.values()) token.expiresAt = 0;
    },
    revoke: (token) => revoke(state, token),
  };
  return Object.assign(settings, rest);
}

function routesOf(state: State): readonly Route[] {
  const { authorize, token, revoke: revokePaths } = state.paths;
  return [
    ...authorize.map((path) => ({
      name: "oauth/authorize",
      method: ["GET", "POST"],
      path,
      handle: (request: CloudRequest) => answerAuthorize(state, request),
    })),
    ...token.map((path) => ({
      name: "oauth/token",
      method: "POST",
      path,
      handle: (request: CloudRequest) => answerToken(state, request),
    })),
    ...(revokePaths ?? []).map((path) => ({
      name: "oauth/revoke",
      method: "POST",
      path,
      handle: (request: CloudRequest) => answerRevoke(state, request),
    })),
  ];
}
