import { createHash } from "node:crypto";
import type { OneDriveSettings } from "../../src/core/account.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { ProviderContext, Tokens } from "../../src/core/provider.ts";
import { byCode, byDevice, byRefreshToken, describe } from "./errors.ts";
import {
  authorizePage,
  type LoginContext,
  requestDeviceTokens,
  requestTokens,
  type SignInSettings,
} from "./login.ts";
import { scopesOf } from "./scopes.ts";

/** A token is renewed so long before its end that no request outlives it on its way. */
const marginMs = 5 * 60_000;

/** Keeps one account signed in. */
export interface Authorizer {
  /**
   * Runs `attempt` with a valid access token; once more with a new one when it fails with `unauthorized`.
   * `unauthorized` when the refresh token is dead, too.
   */
  authorized<T>(attempt: (accessToken: string) => Promise<T>): Promise<T>;
  /** What the sign-in may do; null: Microsoft does not tell. `unauthorized` when the refresh token is dead. */
  scopes(): Promise<readonly string[] | null>;
}

/**
 * Access tokens come from `tokens` while they last, new ones go there; so does each refresh token, as every
 * refresh brings a newer one in its place. However many requests wait, one refresh is under way.
 */
export function createAuthorizer(
  settings: OneDriveSettings,
  { tokens, clock, fetch }: ProviderContext,
): Authorizer {
  let held = tokens.load();
  let refreshing: Promise<Tokens> | null = null;

  async function refresh(): Promise<Tokens> {
    const refreshToken = held?.refreshToken ?? settings.refreshToken;
    const granted = await requestTokens(settings, { clock, fetch }, byRefreshToken, (client) =>
      client.acquireTokenByRefreshToken({ refreshToken, scopes: scopesOf(settings) }),
    );
    held = { refreshToken, ...granted };
    tokens.save(held);
    return held;
  }

  function renewed(): Promise<Tokens> {
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  return {
    scopes: async () => (held?.scopes ? held : await renewed()).scopes ?? null,
    async authorized(attempt) {
      const isFresh = held !== null && held.expiresAt.getTime() - marginMs > clock.now();
      const { accessToken } = isFresh && held ? held : await renewed();
      try {
        return await attempt(accessToken);
      } catch (error) {
        if (!isProviderError(error, "unauthorized")) throw error;
        // Requests in flight together fail together: only the first of them asks for a new token.
        const isOld = held === null || held.accessToken === accessToken;
        return attempt((isOld ? await renewed() : (held ?? (await renewed()))).accessToken);
      }
    },
  };
}

/**
 * Where to send a person's browser; sends no request. `codeVerifier`: 43 to 128 random URL-safe characters
 * (RFC 7636), given again to `exchangeCode`; `state`: random, to be compared on return.
 */
export function authorizeUrl(
  settings: SignInSettings,
  request: {
    readonly redirectUri: string;
    readonly state: string;
    readonly codeVerifier: string;
  },
): Promise<string> {
  const { redirectUri, state, codeVerifier } = request;
  const codeChallenge = createHash("sha256").update(codeVerifier).digest("base64url");
  return authorizePage(settings, { redirectUri, state, codeChallenge });
}

/** The refresh token for the code of the redirect. `unauthorized`: the code is wrong, used or too old. */
export async function exchangeCode(
  settings: SignInSettings,
  request: {
    readonly code: string;
    readonly codeVerifier: string;
    readonly redirectUri: string;
  },
  context: LoginContext,
): Promise<string> {
  const tokens = await requestTokens(settings, context, byCode, (client) =>
    client.acquireTokenByCode({ ...request, scopes: scopesOf(settings) }),
  );
  return refreshTokenOf(tokens);
}

/**
 * The refresh token once the person has entered the code that `show` gets, on any device with a browser.
 * `unauthorized` when they decline, or do not come in time (15 minutes).
 */
export async function signInByDevice(
  settings: SignInSettings,
  show: (prompt: { readonly url: string; readonly code: string }) => void,
  context: LoginContext,
): Promise<string> {
  return refreshTokenOf(await requestDeviceTokens(settings, context, byDevice, show));
}

function refreshTokenOf({ refreshToken }: Tokens): string {
  if (refreshToken !== undefined) return refreshToken;
  const words = `${describe(byCode)}: the sign-in gave no refresh token`;
  throw new ProviderError("unexpected", words);
}
