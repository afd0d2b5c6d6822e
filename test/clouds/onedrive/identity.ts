import type { CloudRequest, Route } from "../kit/request.ts";
import type { User } from "./context.ts";
import { answerAuthorize, html } from "./identity-authorize.ts";
import { answerDeviceCode, answerLinkPage, decideDeviceCode } from "./identity-device.ts";
import { answerDiscovery, answerInstances, answerKeys } from "./identity-discovery.ts";
import {
  allScopes,
  type Client,
  checkToken,
  type DeadGrant,
  type Grant,
  type IdentitySettings,
  type IdentityState,
  mintAccessToken,
  mintRefreshToken,
  type TokenState,
} from "./identity-state.ts";
import { answerToken } from "./identity-token.ts";
import type { DriveType } from "./item.ts";

/**
 * The Microsoft identity platform of the stand-in, and what tests do to it behind its back. Its settings may be
 * changed at any time, for what is asked from then on.
 */
export interface Identity extends IdentitySettings {
  readonly routes: readonly Route[];
  /** Two registrations: for servers ("web"), and for "mobile and desktop applications", which is public. */
  readonly clients: readonly Client[];
  /** A grant without the ways through a browser; default: the first client, all scopes. */
  grant(options?: { readonly clientId?: string; readonly scopes?: readonly string[] }): Credentials;
  /** An access token of a new grant. */
  accessToken(options?: { readonly scopes?: readonly string[] }): string;
  check(accessToken: string): TokenState;
  /** Every access token given so far has expired. */
  expireAccessTokens(): void;
  /**
   * Ends the grant of a refresh or access token; default: as after a change of password (50173, or on a personal
   * account 70000 with suberror bad_token). False: no such token.
   */
  revoke(token: string, why?: DeadGrant): boolean;
  /** A person types in a device code, and allows or declines. False: there is no such code. */
  decide(userCode: string, decision: "approved" | "declined"): boolean;
}

/** What a rule file needs of an account. */
interface Credentials {
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  readonly refreshToken: string;
}

const loopback = /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?(?:\/.*)?$/;

const clients: readonly Client[] = [
  {
    clientId: "11111111-2222-4333-8444-555555555555",
    clientSecret: "stand-in~secret",
    redirectUris: [/^https:\/\/.+/, loopback],
  },
  { clientId: "66666666-7777-4888-9999-000000000000", redirectUris: [loopback] },
];

/** The identity platform with its defaults: consent at once, tokens for an hour. */
export function createIdentity(options: {
  readonly driveType: DriveType;
  readonly user: User;
  readonly now: () => number;
  readonly random: () => number;
  readonly origin: () => string;
}): Identity {
  const settings: IdentitySettings = {
    consent: "auto",
    accessTokenSeconds: 3599,
    refreshTokenDays: 90,
    olderRefreshTokens: "work",
    deviceCodeSeconds: 900,
    deviceIntervalSeconds: 5,
  };
  const state: IdentityState = {
    ...options,
    clients,
    settings,
    codes: new Map(),
    deviceCodes: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
  };
  return Object.assign(settings, { routes: routesOf(state), clients, ...powersOver(state) });
}

function powersOver(
  state: IdentityState,
): Pick<Identity, "grant" | "accessToken" | "check" | "expireAccessTokens" | "revoke" | "decide"> {
  const personal = state.driveType === "personal";
  const revokedBy = personal ? { number: 70000, suberror: "bad_token" } : { number: 50173 };
  return {
    grant({ clientId = clients[0]?.clientId, scopes } = {}) {
      const client = clients.find((one) => one.clientId === clientId);
      if (client === undefined) throw new Error(`no such client: ${clientId}`);
      const refreshToken = mintRefreshToken(state, newGrant(client.clientId, scopes));
      return { clientId: client.clientId, clientSecret: client.clientSecret ?? "", refreshToken };
    },
    accessToken: ({ scopes } = {}) =>
      mintAccessToken(state, newGrant(clients[0]?.clientId ?? "", scopes)),
    check: (accessToken) => checkToken(state, accessToken),
    expireAccessTokens() {
      for (const token of state.accessTokens.values()) token.expiresAt = 0;
    },
    revoke(token, why = revokedBy) {
      const known = state.refreshTokens.get(token) ?? state.accessTokens.get(token);
      if (known === undefined) return false;
      known.grant.dead = why;
      return true;
    },
    decide: (userCode, decision) => decideDeviceCode(state, userCode, decision),
  };
}

function newGrant(clientId: string, scopes: readonly string[] = allScopes): Grant {
  return { clientId, scopes, nonce: null, dead: null };
}

function routesOf(state: IdentityState): readonly Route[] {
  const route = (
    name: string,
    method: Route["method"],
    path: Route["path"],
    handle: (state: IdentityState, request: CloudRequest) => ReturnType<Route["handle"]>,
  ): Route => ({ name, method, path, handle: (request) => handle(state, request) });
  return [
    route(
      "oauth/authorize",
      ["GET", "POST"],
      /^\/([^/]+)\/oauth2\/v2\.0\/authorize$/,
      answerAuthorize,
    ),
    route("oauth/token", "POST", /^\/([^/]+)\/oauth2\/v2\.0\/token$/, answerToken),
    route("oauth/devicecode", "POST", /^\/([^/]+)\/oauth2\/v2\.0\/devicecode$/, answerDeviceCode),
    route("oauth/logout", "GET", /^\/([^/]+)\/oauth2\/v2\.0\/logout$/, () =>
      html("<p>You signed out of your account.</p>"),
    ),
    route("oauth/link", ["GET", "POST"], "/link", answerLinkPage),
    route(
      "oauth/discovery",
      "GET",
      /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/,
      answerDiscovery,
    ),
    route("oauth/instances", "GET", "/common/discovery/instance", answerInstances),
    route("oauth/keys", "GET", /^\/([^/]+)\/discovery\/v2\.0\/keys$/, answerKeys),
  ];
}
