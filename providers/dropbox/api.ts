import { Dropbox, DropboxAuth, type DropboxRequestOptions, type DropboxResponse } from "dropbox";
import type { DropboxSettings } from "../../src/core/account.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { ProviderContext } from "../../src/core/provider.ts";
import { ForeignAddress, sendWithin } from "../../src/http/bounds.ts";
import type { Auth } from "./auth.ts";
import { sendWith } from "./body.ts";
import { boundsFor } from "./bounds.ts";
import { asThrown, isStaleToken, sentence } from "./refusal.ts";
import { measured } from "./stream.ts";
import { fromTeamRoot } from "./team.ts";

/** Names a request for error messages, and bounds it. */
export interface Call {
  readonly operation: string;
  /** The item's name, path or id; default none. */
  readonly item?: string;
  readonly signal?: AbortSignal | undefined;
  /** The whole request is `unavailable` after so long; default 60 s. Null: as long as the line takes its bytes. */
  readonly timeoutMs?: number | null;
}

/** One route of the SDK's client, with its arguments. */
type Route<Result> = (
  client: Dropbox,
  options: DropboxRequestOptions,
) => Promise<DropboxResponse<Result>>;

/** Requests to one account; every failure is a ProviderError, or the reason of `Call.signal`. */
export interface Api {
  /** Repeated once when the access token turns out to be stale; a `Portion` for contents is opened again then. */
  call<Result>(call: Call, route: Route<Result>): Promise<Result>;
  /** The same without a token: the notify host refuses requests that carry one. */
  callOpenly<Result>(call: Call, route: Route<Result>): Promise<Result>;
  /** `sizeOf` says how many bytes the body must have; a stream that ends elsewhere errors with `unavailable`. */
  download<Result>(
    call: Call,
    route: Route<Result>,
    sizeOf: (result: Result) => number,
  ): Promise<ReadableStream<Uint8Array>>;
  /** Gives an address of Dropbox's back that was in an answer; `unexpected` for one that is none. */
  vouch(call: Call, address: string): string;
}

const metadataTimeoutMs = 60_000;
/** Without a single byte of a download. */
const silenceMs = 60_000;

/** Talks through the SDK; tokens come from `auth`, hosts can be replaced by `settings.origin`. */
export function openApi(settings: DropboxSettings, context: ProviderContext, auth: Auth): Api {
  const { account } = context;
  const within = boundsFor(settings);
  const plain = sender(settings, sendWithin(within, context.fetch));
  const send = settings.space === "team" ? fromTeamRoot(plain, () => teamRoot(api)) : plain;
  // Without a refresh token in it the SDK never refreshes: it would do so once for every waiting request.
  const tokens = new DropboxAuth({ fetch: send });
  const client = new Dropbox({ auth: tokens, fetch: send });
  const attemptOf = ({ operation, item = "" }: Call) => ({ account, operation, item });

  const run = async <Result>(call: Call, route: () => Promise<Result>): Promise<Result> => {
    try {
      call.signal?.throwIfAborted();
      return await route();
    } catch (error) {
      throw asThrown(error, attemptOf(call), call.signal);
    }
  };
  const withToken = async <Result>(call: Call, route: () => Promise<Result>): Promise<Result> => {
    const token = await auth.accessToken(call.signal);
    tokens.setAccessToken(token);
    try {
      return await route();
    } catch (error) {
      if (!isStaleToken(error)) throw error;
      tokens.setAccessToken(await auth.renew(token, call.signal));
      return await route();
    }
  };
  const api: Api = {
    call: (call, route) =>
      run(call, () => withToken(call, async () => (await route(client, bounds(call))).result)),
    callOpenly: (call, route) => run(call, async () => (await route(client, bounds(call))).result),
    vouch(call, address) {
      if (within.holds(address)) return address;
      throw asThrown(new ForeignAddress(address), attemptOf(call), call.signal);
    },
    download: (call, route, sizeOf) =>
      run(call, () =>
        withToken(call, async () => {
          const { result, body, stop } = await openBody(call, route, tokens, send);
          return measured(body, {
            sizeBytes: sizeOf(result),
            silenceMs,
            onSilence: () => stop.abort(timeout()),
            asThrown: (error) => asThrown(error, attemptOf(call), call.signal),
            wrongSize: (words) =>
              new ProviderError("unavailable", sentence(attemptOf(call), words)),
          });
        }),
      ),
  };
  return api;
}

/** The namespace in which all of the team's folders are; of an account without a team its own. */
async function teamRoot(api: Api): Promise<string> {
  const { root_info } = await api.call({ operation: "look up the team" }, (client, options) =>
    client.usersGetCurrentAccount(options),
  );
  return root_info.root_namespace_id;
}

/** A new signal for each attempt, as its time begins then. */
function bounds({ signal, timeoutMs = metadataTimeoutMs }: Call): DropboxRequestOptions {
  if (timeoutMs === null) return signal ? { signal } : {};
  const late = AbortSignal.timeout(timeoutMs);
  return { signal: signal === undefined ? late : AbortSignal.any([signal, late]) };
}

/**
 * The answer's metadata, with its body still unread. The SDK's download reads the whole body into memory,
 * so it gets an empty one from a client of its own.
 */
async function openBody<Result>(
  { signal }: Call,
  route: Route<Result>,
  auth: DropboxAuth,
  send: typeof fetch,
) {
  const stop = new AbortController();
  const got: { body: ReadableStream<Uint8Array> | null } = { body: null };
  const client = new Dropbox({
    auth,
    fetch: async (...request: Parameters<typeof fetch>) => {
      const response = await send(...request);
      if (!response.ok) return response;
      got.body = response.body;
      return new Response(null, { status: response.status, headers: response.headers });
    },
  });
  const timer = setTimeout(() => stop.abort(timeout()), silenceMs);
  try {
    const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const { result } = await route(client, { signal: both });
    return { result, body: got.body ?? new ReadableStream<Uint8Array>(), stop };
  } finally {
    clearTimeout(timer);
  }
}

function timeout(): DOMException {
  return new DOMException(`nothing came for ${silenceMs / 1000} s`, "TimeoutError");
}

/** The SDK knows one host name for all its hosts and insists on https, so addresses are changed here. */
function sender({ origin = {} }: DropboxSettings, send: typeof fetch): typeof fetch {
  const origins: Readonly<Record<string, string | undefined>> = {
    "https://api.dropboxapi.com": origin.api,
    "https://content.dropboxapi.com": origin.content,
    "https://notify.dropboxapi.com": origin.notify,
  };
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const other = origins[url.origin];
    const there = other === undefined ? url : new URL(url.pathname + url.search, other);
    return sendWith(send, there, init);
  };
}
