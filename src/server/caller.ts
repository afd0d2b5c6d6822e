import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Context } from "hono";
import { isLoopback } from "../http/address.ts";

/** Where a request comes from and under which address it found us, with and without a proxy in between. */

/** What the listener gives along with each request; absent where there is none, as in tests. */
export interface Bindings {
  readonly incoming?: IncomingMessage;
}

/** Names, `localhost:8787`; a proxy's word is taken, since no page can make a browser send it. */
function hostOf(context: Context): string {
  return first(context, "x-forwarded-host") || context.req.header("host") || urlOf(context).host;
}

const urlOf = (context: Context) => new URL(context.req.url);

function first(context: Context, header: string): string {
  return (context.req.header(header) ?? "").split(",")[0]?.trim() ?? "";
}

/** The origin under which the caller sees us. `publicUrl` says what a proxy may have kept to itself. */
export function originOf(context: Context, publicUrl: string | null): string {
  const host = hostOf(context);
  if (publicUrl !== null && new URL(publicUrl).host === host) return publicUrl;
  const forwarded = first(context, "x-forwarded-proto");
  const scheme =
    forwarded === "https" || forwarded === "http" ? forwarded : urlOf(context).protocol;
  const url = URL.parse(`${scheme.replace(/:$/, "")}://${host}`);
  return url?.origin ?? urlOf(context).origin;
}

/**
 * Whether a request that changes something was made by one of our own pages, or by no page at all. Browsers say
 * with each such request which page made it; whoever says nothing is no browser, and has no cookies that were not
 * meant for us.
 */
export function isOwnPage(context: Context, publicUrl: string | null): boolean {
  const origin = context.req.header("origin");
  if (origin !== undefined) return origin === originOf(context, publicUrl) || origin === publicUrl;
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  return context.req.header("cookie") === undefined;
}

/**
 * The caller's address, for limits and for people. What a proxy says is believed where the proxy itself is on this
 * machine or in a private network; of several, the last one, which that proxy has seen itself.
 */
export function clientOf(context: Context, { incoming }: Bindings): string {
  const peer = (incoming?.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
  if (!isNear(peer)) return peer;
  const told = (context.req.header("x-forwarded-for") ?? "").split(",").at(-1)?.trim() ?? "";
  return isIP(told) ? told : peer;
}

/** What proxies add to what they pass on. */
const passedOn = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * Whether the person sits at this very machine: it is one of its own addresses that calls, nothing passed the request
 * on, and the page stands under a name of this machine.
 */
export function isHere(context: Context, { incoming }: Bindings): boolean {
  const peer = incoming?.socket.remoteAddress ?? "";
  if (!isLoopback(peer) || passedOn.some((name) => context.req.header(name) !== undefined)) {
    return false;
  }
  const pages = [originOf(context, null), context.req.header("origin") ?? []].flat();
  return pages.every((page) => isLoopback(URL.parse(page)?.hostname ?? ""));
}

const near = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:|fe80:)/i;

const isNear = (address: string) => near.test(address);
