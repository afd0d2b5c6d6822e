import type { MiddlewareHandler } from "hono";
import { originOf } from "./caller.ts";

/**
 * Only what we serve ourselves may run or be shown, and nobody may put us into a frame. Pictures may come from `data:`
 * and `blob:` too, which only we can make: the icon of the page, and versions of a conflict that it has fetched.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not `no-referrer`: browsers would then hide from us which page a form was on.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** Whoever was here by https once is never here without it; other names of the host are not ours to speak for. */
const transportSecurity = "max-age=31536000";

/** What every answer says of how it may be used; what is kept nowhere unless it says otherwise. */
export function safeHeaders(publicUrl: string | null): MiddlewareHandler {
  return async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
    if (originOf(context, publicUrl).startsWith("https:")) {
      context.header("strict-transport-security", transportSecurity);
    }
    if (!context.res.headers.has("cache-control")) context.header("cache-control", "no-store");
  };
}
