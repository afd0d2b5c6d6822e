import {
  ConfidentialClientApplication,
  type Configuration,
  type INetworkModule,
  type NetworkRequestOptions,
  PublicClientApplication,
} from "@azure/msal-node";
import type { OneDriveSettings } from "../../src/core/account.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Clock, Tokens } from "../../src/core/provider.ts";
import { sendWithin } from "../../src/http/bounds.ts";
import { parseJson } from "../../src/http/words.ts";
import { boundsFor } from "./bounds.ts";
import { type Attempt, describe, type Refusal, toNetworkError, toTokenError } from "./errors.ts";
import { scopesOf } from "./scopes.ts";

/** What a first sign-in needs to know; the refresh token comes of it. */
export type SignInSettings = Omit<OneDriveSettings, "provider" | "refreshToken">;

/** How requests to the token endpoint go out. */
export interface LoginContext {
  readonly clock: Pick<Clock, "now">;
  readonly fetch?: typeof fetch | undefined;
}

type Client = PublicClientApplication | ConfidentialClientApplication;

/** msal knows this host without asking for its description; requests go to `origin` where there is one. */
const publicLogin = "https://login.microsoftonline.com";
const answerWithinMs = 60_000;

/**
 * The tokens that msal's request brings, the refresh token among them: msal itself hides that in its cache.
 * Each request has a client of its own, as msal would remember a refusal for a minute and send nothing.
 * `unauthorized` when the grant or the code is dead.
 */
export function requestTokens(
  settings: SignInSettings,
  context: LoginContext,
  attempt: Attempt,
  request: (client: Client) => Promise<unknown>,
): Promise<Tokens> {
  return exchanged(settings, context, attempt, (network) =>
    request(createClient(settings, network)),
  );
}

/** As `requestTokens`, by a code that the person enters on any device; for apps without a secret. */
export function requestDeviceTokens(
  settings: SignInSettings,
  context: LoginContext,
  attempt: Attempt,
  show: (prompt: { readonly url: string; readonly code: string }) => void,
): Promise<Tokens> {
  const scopes = scopesOf(settings);
  return exchanged(settings, context, attempt, (network) =>
    new PublicClientApplication(configOf(settings, network)).acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: ({ verificationUri, userCode }) =>
        show({ url: verificationUri, code: userCode }),
    }),
  );
}

/** The address of the page where the person agrees; sends no request. */
export async function authorizePage(
  settings: SignInSettings,
  request: {
    readonly redirectUri: string;
    readonly state: string;
    readonly codeChallenge: string;
  },
): Promise<string> {
  const { network } = createLine(settings, fetch);
  const page = await createClient(settings, network).getAuthCodeUrl({
    ...request,
    codeChallengeMethod: "S256",
    scopes: scopesOf(settings),
    prompt: "select_account",
  });
  return rehosted(page, settings.origin?.authorize).href;
}

async function exchanged(
  settings: SignInSettings,
  { clock, fetch: send = fetch }: LoginContext,
  attempt: Attempt,
  request: (network: INetworkModule) => Promise<unknown>,
): Promise<Tokens> {
  const line = createLine(settings, send);
  try {
    await request(line.network);
  } catch (error) {
    throw line.failure(error, attempt, clock.now());
  }
  return tokensOf(line.lastAnswer(), attempt, clock.now());
}

function createClient(settings: SignInSettings, network: INetworkModule): Client {
  const { clientSecret } = settings;
  const { auth, system } = configOf(settings, network);
  return clientSecret === undefined
    ? new PublicClientApplication({ auth, system })
    : new ConfidentialClientApplication({ auth: { ...auth, clientSecret }, system });
}

function configOf({ clientId, tenant }: SignInSettings, networkClient: INetworkModule) {
  return {
    auth: { clientId, authority: `${publicLogin}/${tenant ?? "common"}` },
    system: { networkClient, disableInternalRetries: true },
  } satisfies Configuration;
}

/** msal's way out, which keeps what came back: msal tells neither refresh tokens nor most refusals. */
function createLine(settings: SignInSettings, given: typeof fetch) {
  const { origin } = settings;
  const send = sendWithin(boundsFor(settings), given);
  let last: Refusal | null = null;
  let broken: unknown = null;

  async function request(method: "GET" | "POST", url: string, options?: NetworkRequestOptions) {
    last = null;
    broken = null;
    try {
      const response = await send(rehosted(url, origin?.token), {
        method,
        headers: options?.headers ?? {},
        signal: AbortSignal.timeout(answerWithinMs),
        ...(method === "POST" && options?.body !== undefined && { body: options.body }),
      });
      const text = await response.text();
      const retryAfter = response.headers.get("retry-after");
      last = { status: response.status, body: parseJson(text) ?? text, retryAfter };
      return { status: last.status, headers: Object.fromEntries(response.headers), text };
    } catch (error) {
      broken = error;
      throw error;
    }
  }

  /** msal takes a 5xx for tokens, and trips over what is no JSON: neither gets to it. */
  async function answer<T>(...asked: Parameters<typeof request>) {
    const { status, headers, text } = await request(...asked);
    const body: T = JSON.parse(text);
    if (status >= 500) throw new Error(`status ${status}`);
    return { status, headers, body };
  }

  const network: INetworkModule = {
    sendGetRequestAsync: (url, options) => answer("GET", url, options),
    sendPostRequestAsync: (url, options) => answer("POST", url, options),
  };
  return {
    network,
    lastAnswer: () => last?.body,
    failure(error: unknown, attempt: Attempt, now: number): ProviderError {
      if (last !== null && (last.status >= 400 || typeof last.body === "string")) {
        return toTokenError(last, attempt, now);
      }
      return toNetworkError(broken ?? error, attempt);
    },
  };
}

function rehosted(url: string, origin: string | undefined): URL {
  const { pathname, search } = new URL(url);
  return origin === undefined ? new URL(url) : new URL(pathname + search, origin);
}

function tokensOf(answer: unknown, attempt: Attempt, now: number): Tokens {
  const { access_token, refresh_token, expires_in, scope }: Readonly<Record<string, unknown>> =
    typeof answer === "object" ? { ...answer } : {};
  const seconds = Number(expires_in);
  if (typeof access_token !== "string" || access_token === "" || !(seconds > 0)) {
    throw new ProviderError("unexpected", `${describe(attempt)}: the answer holds no token`);
  }
  return {
    accessToken: access_token,
    expiresAt: new Date(now + seconds * 1000),
    ...(typeof refresh_token === "string" && { refreshToken: refresh_token }),
    ...(typeof scope === "string" && { scopes: scope.split(" ") }),
  };
}
