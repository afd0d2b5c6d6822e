import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An answer in plain words, which no browser takes for anything else. */
export function say(context: Context, status: ContentfulStatusCode, text: string): Response {
  return context.body(text, status, {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
}

/** Gives back what a service sends to see whether somebody answers; it may be no page of anybody's making. */
export function echo(context: Context, text: string): Response {
  if (text.length > longestEcho) return say(context, 400, "That is too long.\n");
  return say(context, 200, text);
}

const longestEcho = 4_096;
