import { isLoopback } from "./address.ts";
import { discard } from "./request.ts";

/** Where the requests of one account may go, whatever an answer of its service names. */
export interface Bounds {
  /** Whether the address is by https, at a host of the service or of the account's `origin`. */
  holds(address: string | URL): boolean;
}

/** An answer leads to an address that is none of the service's; nothing was sent there. */
export class ForeignAddress extends Error {
  override readonly name = "ForeignAddress";

  /** Names the host alone: the rest of such an address may be a key. */
  constructor(address: string | URL) {
    const url = URL.parse(address);
    const host = url ? `${url.protocol}//${url.host}` : "no address";
    super(`the service leads to a foreign address (${host}), where nothing is sent`);
  }
}

/** What it is for a caller that a request had no answer: where it led elsewhere, repeating it is of no use. */
export const failureOfLine = (error: unknown) =>
  error instanceof ForeignAddress ? "unexpected" : "unavailable";

/**
 * `hosts` of the service: `graph.microsoft.com`, or `.sharepoint.com` for all below it. `origins`: what stands in their
 * place; all ports of their hosts are theirs. One of this machine may do without TLS, and has all names of the machine.
 */
export function boundsOf(
  hosts: readonly string[],
  origins: Readonly<Record<string, string | undefined>> = {},
): Bounds {
  const own = Object.values(origins).flatMap((origin) =>
    origin === undefined ? [] : [new URL(origin)],
  );
  return {
    holds(address) {
      const url = URL.parse(address);
      if (url === null) return false;
      if (url.username !== "" || url.password !== "") return false;
      const isHere = isLoopback(url.hostname);
      const isOwn = own.some(
        ({ hostname }) => hostname === url.hostname || (isHere && isLoopback(hostname)),
      );
      if (url.protocol !== "https:") {
        return url.protocol === "http:" && isOwn && isHere;
      }
      return (
        isOwn ||
        (url.port === "" &&
          hosts.some((host) =>
            host.startsWith(".") ? url.hostname.endsWith(host) : url.hostname === host,
          ))
      );
    },
  };
}

/** Nothing is led on more often. */
const mostSteps = 5;

/**
 * Sends within `bounds` alone. What an answer leads on to is followed by reading requests only, each step of it within
 * `bounds`, and without the account's token at another origin. Rejects with `ForeignAddress` where it leads elsewhere.
 */
export function sendWithin(bounds: Bounds, send: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const given = new URL(input instanceof Request ? input.url : input);
    const { method = "GET", redirect = "follow" } = input instanceof Request ? input : (init ?? {});
    const isFollowed = redirect === "follow" && /^(GET|HEAD)$/i.test(method);
    let url = given;
    let headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
    for (let step = 0; ; step++) {
      if (!bounds.holds(url)) throw new ForeignAddress(url);
      const request = { ...init, redirect: "manual" } as const;
      const answer =
        step === 0 ? await send(input, request) : await send(url, { ...request, method, headers });
      const next = leadOf(answer, url);
      if (next === null || redirect === "manual") return answer;
      await discard(answer);
      if (!isFollowed || step >= mostSteps) throw new ForeignAddress(next);
      if (next.origin !== url.origin) headers = withoutKeys(headers);
      url = next;
    }
  };
}

/** Where the answer leads on to; null: it is an answer. Google's 308 to a part of an upload names no place. */
function leadOf({ status, headers }: Response, from: URL): URL | null {
  const location = headers.get("location");
  const leadsOn = [301, 302, 303, 307, 308].includes(status) && location !== null;
  return leadsOn ? (URL.parse(location, from) ?? new URL("about:blank")) : null;
}

/** What is for the host that was asked, and for no other. */
function withoutKeys(headers: Headers): Headers {
  const others = new Headers(headers);
  for (const name of ["authorization", "cookie", "proxy-authorization"]) others.delete(name);
  return others;
}
