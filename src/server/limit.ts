import type { Context, MiddlewareHandler } from "hono";
import { say } from "./answer.ts";

/** A thousand of Graph's notifications in one call fit, and every rule that a person writes. */
export const mostBytes = 1024 * 1024;

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
