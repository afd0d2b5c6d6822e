import { ProviderError } from "../../src/core/error.ts";
import type { ProviderContext } from "../../src/core/provider.ts";
import { type Authorizer, answerWithinMs } from "./auth.ts";
import { type Attempt, describe, toNetworkError, toProviderError } from "./errors.ts";
import type { DriveFile } from "./translate.ts";

/** Sixteen megabytes in this time is a line of 56 KiB/s; `fetch` itself gives up then, too. */
const chunkWithinMs = 300_000;
const viewBytes = 64 * 1024;

/** A request for, or with, the bytes of a file: what the SDK would buffer, or send without a length. */
export interface MediaRequest {
  readonly attempt: Attempt;
  readonly method: "GET" | "POST" | "PATCH" | "PUT";
  /** A path under the API's origin, or a whole address that the service gave. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
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
  { clock, fetch: send = fetch }: Pick<ProviderContext, "clock" | "fetch">,
): MediaApi {
  return {
    send: (request) =>
      authorizer.authorized(async (accessToken) => {
        const response = await answerTo(request, origin, accessToken, send);
        if (response.ok || request.answers?.includes(response.status)) return response;
        const body = await text(response, request.attempt);
        const retryAfter = response.headers.get("retry-after");
        const refusal = { status: response.status, body, retryAfter };
        throw toProviderError(refusal, request.attempt, clock.now());
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

/** Headers must come in time; the body may take as long as it moves. */
async function answerTo(
  { attempt, method, url, headers, body, signal }: MediaRequest,
  origin: string,
  accessToken: string,
  send: typeof fetch,
): Promise<Response> {
  const target = new URL(url, origin);
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error("no answer in time")),
    body === undefined ? answerWithinMs : chunkWithinMs,
  );
  // The address of an upload session is a key by itself, and our token is for its giver alone.
  const signed = target.origin === new URL(origin).origin;
  try {
    return await send(target, {
      method,
      headers: {
        ...headers,
        ...(body instanceof Uint8Array && { "content-length": String(body.length) }),
        ...(signed && { authorization: `Bearer ${accessToken}` }),
      },
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      ...(body !== undefined && uncopied(body)),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw toNetworkError(error, attempt);
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` copies a whole array before it sends it; a stream of views is sent as it stands. */
function uncopied(body: Uint8Array<ArrayBuffer> | string): RequestInit {
  if (typeof body === "string" || body.length === 0) return { body };
  let at = 0;
  const views = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(body.subarray(at, at + viewBytes));
      at += viewBytes;
      if (at >= body.length) controller.close();
    },
  });
  return { body: views, duplex: "half" };
}

/** Lets go of an answer whose body may be long; an error of it no longer matters. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

async function text(response: Response, attempt: Attempt): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw toNetworkError(error, attempt);
  }
}
