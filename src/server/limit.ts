import { isIPv6 } from "node:net";
import type { Context, MiddlewareHandler } from "hono";
import { say } from "./answer.ts";
import { clientOf } from "./caller.ts";
import type { Env } from "./guard.ts";
import { createTries } from "./tries.ts";

/** A thousand of Graph's notifications in one call fit, and every rule that a person writes. */
export const mostBytes = 1024 * 1024;

/** Calls that prove nothing, of one caller in a minute: more than any service makes by mistake. */
const refusals = { most: 300, windowMs: 60_000 };

/** Looks at nothing more of a caller for a while, once many of its calls were refused. */
export function limitRefused(now: () => number): MiddlewareHandler<Env> {
  const tries = createTries({ ...refusals, now });
  return async (context, next) => {
    const caller = networkOf(clientOf(context, context.env ?? {}));
    const waitMs = tries.waitMs(caller);
    if (waitMs > 0) {
      context.header("retry-after", String(Math.ceil(waitMs / 1_000)));
      return say(context, 429, "Too many of your calls were refused.\n");
    }
    await next();
    if (context.res.status >= 400) tries.failed(caller);
    return;
  };
}

/** Whoever has an IPv6 address has 2^64 of them (RFC 4291, 2.5.1). */
const networkOf = (address: string) =>
  isIPv6(address) ? expanded(address).slice(0, 4).join(":") : address;

function expanded(address: string): string[] {
  const [before = [], after] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const known = [...before, ...(after ?? [])].length;
  return [...before, ...Array.from({ length: 8 - known }, () => "0"), ...(after ?? [])];
}

/**
 * Takes no request of more than so many bytes. Hono's own limit puts another request in the place of one that does not
 * say its length, which the runtime refuses to make of ours.
 */
export function limitBody(mostBytes: number): MiddlewareHandler {
  return async (context, next) => {
    const announced = context.req.header("content-length");
    if (announced !== undefined) {
      return Number(announced) <= mostBytes ? next() : tooMuch(context);
    }
    const { method } = context.req;
    if (method === "GET" || method === "HEAD") return next();
    const body = await readUpTo(context.req.raw.body, mostBytes);
    if (body === null) return tooMuch(context);
    // Where all ways of reading a body look first, for a promise whatever the types say.
    Object.assign(context.req.bodyCache, { arrayBuffer: Promise.resolve(body) });
    return next();
  };
}

/** Deeper than anything that is sent on purpose; what reads and writes JSON by recursion bears a hundred times that. */
const mostDeep = 64;

/** Takes no JSON that is nested deeper than anybody's. */
export function limitDepth(): MiddlewareHandler {
  return async (context, next) => {
    const { method } = context.req;
    if (method === "GET" || method === "HEAD") return next();
    const body = new Uint8Array(await context.req.arrayBuffer());
    return isDeeper(body, mostDeep) ? say(context, 400, "That is nested too deeply.\n") : next();
  };
}

const [quote, backslash] = [...Buffer.from('"\\')];
const [open, openList, close, closeList] = [...Buffer.from("{[}]")];

/** Of bytes that are no JSON it says something or other, which harms nothing. */
function isDeeper(json: Uint8Array, most: number): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (isText) {
      if (byte === backslash) at += 1;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte === open || byte === openList) {
      depth += 1;
      if (depth > most) return true;
    } else if (byte === close || byte === closeList) depth -= 1;
  }
  return false;
}

const tooMuch = (context: Context) => say(context, 413, "That is too much.\n");

/** Null: there is more. */
async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  mostBytes: number,
): Promise<ArrayBuffer | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > mostBytes) return null;
  }
  return new Uint8Array(Buffer.concat(chunks)).buffer;
}
