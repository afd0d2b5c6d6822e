import { apiKey } from "@better-auth/api-key";
import { passkey } from "@better-auth/passkey";
import { betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins/two-factor";
import { authAdapter } from "../store/auth.ts";
import type { Store } from "../store/open.ts";

/** Sign-in by better-auth: its settings, and which of its addresses are in use at all (see access.ts). */

export interface AuthOptions {
  readonly store: Store;
  /** Signs cookies and encrypts second factors: at least 32 characters, the same with every start. */
  readonly secret: string;
  /** How passwords are kept and checked; default: scrypt, as better-auth has it. */
  readonly passwords?: Passwords;
}

/** Makes what is kept of a password, and tells whether a password is the one of which it was made. */
export interface Passwords {
  hash(password: string): Promise<string>;
  verify(given: { readonly hash: string; readonly password: string }): Promise<boolean>;
}

/** The header in which better-auth is told who calls; whatever came in under it is thrown away. */
export const clientHeader = "x-syncline-client";
export const authPath = "/api/auth";
export const shortestPassword = 10;
/** So that a scrypt of megabytes can't be asked for. */
export const longestPassword = 128;

const daySeconds = 86_400;

export type Auth = ReturnType<typeof createAuth>;

/**
 * Two of one kind, over the same tables: cookies that were given over https are never sent over http, and
 * bear another name.
 */
export function createAuths(options: AuthOptions): { readonly http: Auth; readonly https: Auth } {
  return { http: createAuth(options, false), https: createAuth(options, true) };
}

function createAuth({ store, secret, passwords }: AuthOptions, isSecure: boolean) {
  return betterAuth({
    appName: "Syncline",
    basePath: authPath,
    secret,
    database: authAdapter(store),
    emailAndPassword: {
      enabled: true,
      // The first admin comes with the set-up code, all others by invitation.
      disableSignUp: true,
      minPasswordLength: shortestPassword,
      maxPasswordLength: longestPassword,
      ...(passwords && { password: passwords }),
    },
    user: {
      additionalFields: { role: { type: "string", input: false, defaultValue: "viewer" } },
    },
    session: { expiresIn: 30 * daySeconds, updateAge: daySeconds },
    plugins: [
      twoFactor({ issuer: "Syncline" }),
      passkey({ rpName: "Syncline" }),
      apiKey({
        defaultPrefix: "syncline_",
        requireName: true,
        rateLimit: { enabled: true, timeWindow: 60_000, maxRequests: 600 },
      }),
    ],
    rateLimit: {
      enabled: true,
      storage: "memory",
      window: 60,
      max: 120,
      customRules: {
        "/sign-in/email": { window: 60, max: 5 },
        "/two-factor/*": { window: 60, max: 10 },
        "/passkey/verify-authentication": { window: 60, max: 10 },
        "/change-password": { window: 60, max: 5 },
      },
    },
    advanced: {
      cookiePrefix: "syncline",
      useSecureCookies: isSecure,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", secure: isSecure },
      ipAddress: { ipAddressHeaders: [clientHeader] },
    },
    telemetry: { enabled: false },
    // What goes wrong is in the answer; its own words go to nobody.
    logger: { disabled: true },
  });
}
