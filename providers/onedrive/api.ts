import type { OneDriveSettings } from "../../src/core/account.ts";
import type { ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { ProviderContext } from "../../src/core/provider.ts";
import { ForeignAddress, sendWithin } from "../../src/http/bounds.ts";
import { answerTo, type Outgoing } from "../../src/http/request.ts";
import { createAuthorizer } from "./auth.ts";
import { boundsFor } from "./bounds.ts";
import { type Attempt, describe, toNetworkError, toProviderError } from "./errors.ts";

/** No request about metadata takes longer when all is well. */
const answerWithinMs = 60_000;
/** How long a line may take no bytes; `fetch` itself gives up then, too. */
const bytesWithinMs = 300_000;

/** Undecorated traffic is throttled first (SharePoint docs: "How to decorate your http traffic"). */
const userAgent = "NONISV|Syncline|Syncline/0.1";

export interface GraphRequest {
  readonly attempt: Attempt;
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A path under the API's version, or a whole address that the service gave. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: Outgoing;
  readonly signal?: AbortSignal | undefined;
  /** Statuses over 299 that are answers and not failures. */
  readonly answers?: readonly number[];
  /** An address that is a key by itself, and must not be given the account's token. Default false. */
  readonly unsigned?: boolean;
}

/** Requests to Microsoft Graph v1.0 for one account; failures are `ProviderError`s. */
export interface Api {
  /** The answer once its headers are there; other statuses than 2xx and `answers` are thrown. */
  send(request: GraphRequest): Promise<Response>;
  /** The JSON of an answer. */
  ask<T>(request: GraphRequest): Promise<T>;
  /** The JSON of an answer that `send` gave. */
  read<T>(response: Response, attempt: Attempt): Promise<T>;
  /** Gives an address of the service's back; `unexpected` for one that is none. */
  vouch(address: string, attempt: Attempt): string;
  /** What the sign-in may do; null: Microsoft does not tell. */
  scopes(): Promise<readonly string[] | null>;
  /** Whether the address is one of this API's, which may be given the token. */
  isOurs(address: string): boolean;
  /** An item, for messages: by its name where the mirror knows it. */
  label(id: string): string;
}

/** Talks to Graph, or to `settings.origin`. Repeats nothing but a request with a stale token. */
export function openApi(settings: OneDriveSettings, context: ProviderContext): Api {
  const { clock, tree } = context;
  const bounds = boundsFor(settings);
  const request = sendWithin(bounds, context.fetch);
  const authorizer = createAuthorizer(settings, context);
  const origin = settings.origin?.api ?? "https://graph.microsoft.com";

  async function attempted(asked: GraphRequest, accessToken: string | null): Promise<Response> {
    const response = await sent(asked, addressOf(asked.url, origin), accessToken, request);
    if (response.ok || asked.answers?.includes(response.status)) return response;
    const body = await textOf(response, asked.attempt);
    const retryAfter = response.headers.get("retry-after");
    throw toProviderError(
      { status: response.status, body, retryAfter },
      asked.attempt,
      clock.now(),
    );
  }

  const isOurs = (address: string) => address.startsWith(`${origin}/`);
  const send = (asked: GraphRequest): Promise<Response> => {
    if (asked.unsigned) return attempted(asked, null);
    if (/^https?:/.test(asked.url) && !isOurs(asked.url)) {
      const words = `${describe(asked.attempt)}: the service names a foreign address`;
      return Promise.reject(new ProviderError("unexpected", words));
    }
    return authorizer.authorized((accessToken) => attempted(asked, accessToken));
  };
  async function read<T>(response: Response, attempt: Attempt): Promise<T> {
    return jsonOf(await textOf(response, attempt), attempt);
  }
  return {
    send,
    read,
    isOurs,
    scopes: authorizer.scopes,
    vouch(address, attempt) {
      if (bounds.holds(address)) return address;
      throw toNetworkError(new ForeignAddress(address), attempt);
    },
    ask: async (asked) => read(await send(asked), asked.attempt),
    label(id) {
      const known = tree.get(id as ItemId);
      return known ? `"${known.name}" (${id})` : id;
    },
  };
}

async function sent(
  { attempt, method = "GET", headers, json, body, signal }: GraphRequest,
  address: URL,
  accessToken: string | null,
  request: typeof fetch,
): Promise<Response> {
  const content = body ?? (json === undefined ? undefined : JSON.stringify(json));
  try {
    return await answerTo(request, {
      method,
      url: address,
      // The address that an answer leads on to is no place for our token.
      redirect: accessToken === null ? "follow" : "manual",
      headers: {
        "user-agent": userAgent,
        ...headers,
        ...(json !== undefined && { "content-type": "application/json" }),
        ...(accessToken !== null && { authorization: `Bearer ${accessToken}` }),
      },
      ...(content !== undefined && { body: content }),
      signal,
      withinMs: body === undefined ? answerWithinMs : bytesWithinMs,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw toNetworkError(error, attempt);
  }
}

function addressOf(url: string, origin: string): URL {
  return /^https?:/.test(url) ? new URL(url) : new URL(`/v1.0${url}`, origin);
}

async function textOf(response: Response, attempt: Attempt): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw toNetworkError(error, attempt);
  }
}

function jsonOf<T>(text: string, attempt: Attempt): T {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const words = `${describe(attempt)}: the answer is no JSON`;
    throw new ProviderError("unexpected", words, { cause });
  }
}
