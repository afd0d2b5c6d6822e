import { ProviderError } from "../../src/core/error.ts";
import type { ProviderContext } from "../../src/core/provider.ts";
import { answerTo, type Outgoing } from "../../src/http/request.ts";
import type { Authorizer } from "./auth.ts";
import { answerWithinMs } from "./client.ts";
import { type Attempt, describe, toNetworkError, toProviderError } from "./errors.ts";
import type { DriveFile } from "./translate.ts";

/** How long a line may take no bytes; `fetch` itself gives up then, too. */
const bytesWithinMs = 300_000;

/** A request for, or with, the bytes of a file: what the SDK would buffer, or send without a length. */
export interface MediaRequest {
  readonly attempt: Attempt;
  readonly method: "GET" | "POST" | "PATCH" | "PUT";
  /** A path under the API's origin, or a whole address that the service gave. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Outgoing | string;
  readonly signal?: AbortSignal | undefined;
  /** Statuses over 299 that are answers and not failures. */
  readonly answers?: readonly number[];
}

export interface MediaApi {
  /** The answer once its headers are there; other statuses than 2xx and `answers` are thrown. */
  send(request: MediaRequest): Promise<Response>;
  /** The body of a short answer; leaves the connection free for the next request. */
  text(response: Response, attempt: Attempt): Promise<string>;
  /** The item that an upload ends with. */
  uploaded(response: Response, attempt: Attempt): Promise<DriveFile>;
}

/** Media requests under `origin`, signed by `authorizer`. */
export function openMedia(
  authorizer: Authorizer,
  origin: string,
  { clock, fetch: request }: Required<Pick<ProviderContext, "clock" | "fetch">>,
): MediaApi {
  return {
    send: (asked) =>
      authorizer.authorized(async (accessToken) => {
        const response = await send(asked, origin, accessToken, request);
        if (response.ok || asked.answers?.includes(response.status)) return response;
        const body = await text(response, asked.attempt);
        const retryAfter = response.headers.get("retry-after");
        const refusal = { status: response.status, body, retryAfter };
        throw toProviderError(refusal, asked.attempt, clock.now());
      }),

    text,

    async uploaded(response, attempt) {
      const json = await text(response, attempt);
      try {
        return JSON.parse(json);
      } catch (cause) {
        const words = `${describe(attempt)}: the answer is no JSON`;
        throw new ProviderError("unexpected", words, { cause });
      }
    },
  };
}

async function send(
  { attempt, method, url, headers, body, signal }: MediaRequest,
  origin: string,
  accessToken: string,
  request: typeof fetch,
): Promise<Response> {
  const target = new URL(url, origin);
  // The address of an upload session is a key by itself, and our token is for its giver alone.
  const signed = target.origin === new URL(origin).origin;
  try {
    return await answerTo(request, {
      method,
      url: target,
      headers: { ...headers, ...(signed && { authorization: `Bearer ${accessToken}` }) },
      ...(body !== undefined && { body }),
      signal,
      withinMs: body === undefined ? answerWithinMs : bytesWithinMs,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw toNetworkError(error, attempt);
  }
}

async function text(response: Response, attempt: Attempt): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw toNetworkError(error, attempt);
  }
}
