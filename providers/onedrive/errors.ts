import { type Failure, ProviderError } from "../../src/core/error.ts";
import { failureOfLine } from "../../src/http/bounds.ts";
import { parseJson, parseRetryAfter, property, rootOf, shortWords } from "../../src/http/words.ts";
import { mend, scopesOf } from "./scopes.ts";

/** An answer that is not a success, as it came over the wire. */
export interface Refusal {
  readonly status: number;
  /** Parsed JSON, or text: gateways and proxies answer in plain text or HTML. */
  readonly body: unknown;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
}

/** What was tried, for messages: `{ operation: "read", item: "\"a.txt\" (01ABC)" }`. */
export interface Attempt {
  readonly operation: string;
  readonly item: string;
  /** What a status means for this request, where that is something special. */
  readonly statuses?: Readonly<Record<number, Failure>>;
}

/** The ways to an access token. */
export const byRefreshToken: Attempt = { operation: "sign in", item: "with the refresh token" };
export const byCode: Attempt = { operation: "sign in", item: "with the code" };
export const byDevice: Attempt = { operation: "sign in", item: "on another device" };

/** Graph docs: "Error responses" of OneDrive and SharePoint; the code of the innermost error says most. */
const failureByCode: Readonly<Record<string, Failure>> = {
  activityLimitReached: "rate-limited",
  throttledRequest: "rate-limited",
  tooManyRequests: "rate-limited",
  TooManyRequests: "rate-limited",
  quotaLimitReached: "out-of-space",
  insufficientStorage: "out-of-space",
  nameAlreadyExists: "already-exists",
  itemNotFound: "not-found",
  resourceModified: "changed",
  entityTagDoesNotMatch: "changed",
  malwareDetected: "forbidden",
  notSupported: "forbidden",
  notAllowed: "forbidden",
  invalidPath: "name-refused",
  pathIsTooLong: "name-refused",
  pathTooLong: "name-refused",
  resourceLocked: "unavailable",
  serviceNotAvailable: "unavailable",
  serviceReadOnly: "unavailable",
};

/** What a person can do, where the service's own words leave it open. */
const hints: Readonly<Record<string, string>> = {
  malwareDetected: "microsoft takes this file for malware: look at it on the web site",
  resourceLocked: "somebody has it open or checked out",
  quotaLimitReached: "free or buy storage; what is in the recycle bin counts, too",
};

const deadCode = "begin again: the code was used, is too old, or belongs to another sign-in";
const deadGrant =
  "sign in again: access was revoked, unused for 90 days, or ended with a new password or a new rule of the organisation";

/** Microsoft identity docs: "Error codes": neither the person nor an administrator has consented to what is asked. */
const notConsented = "AADSTS65001";
const consent = `the sign-in may not ${scopesOf({ site: "" }).join(" or ")}, the latter asked for where the account names a site: ${mend}`;

const tokenHints: Readonly<Record<string, string>> = {
  authorization_declined: "access was not allowed in the browser",
  expired_token: "the code was not entered in time",
};

/** The failure behind an answer of Graph. `now`: milliseconds since 1970, for `Retry-After` dates. */
export function toProviderError(refusal: Refusal, attempt: Attempt, now: number): ProviderError {
  const { codes, message } = parseBody(refusal.body);
  const { status } = refusal;
  const known = codes.find((code) => failureByCode[code] !== undefined);
  const failure =
    attempt.statuses?.[status] ??
    passing(message) ??
    failureByCode[known ?? ""] ??
    failureOfStatus(status);
  const hint = known && hints[known] ? ` (${hints[known]})` : "";
  const words = [String(status), ...codes.toReversed(), message].filter(Boolean).join(" ");
  return new ProviderError(failure, `${describe(attempt)}: ${words}${hint}`, {
    retryAfterMs: parseRetryAfter(refusal.retryAfter, now),
  });
}

/**
 * The failure behind a refusal of the token endpoint. A dead grant says `invalid_grant`, with or without a
 * `suberror`; an organisation's new rule says `interaction_required` or `consent_required`.
 */
export function toTokenError(refusal: Refusal, attempt: Attempt, now: number): ProviderError {
  const { codes, message } = parseBody(refusal.body);
  const { status } = refusal;
  if (status >= 500 || status === 429 || status === 408) {
    return toProviderError(refusal, attempt, now);
  }
  const reason = codes[0] ?? "";
  const isGrant = /^(invalid_grant|interaction_required|consent_required|login_required)$/;
  const isUnconsented = reason === "consent_required" || message.includes(notConsented);
  const dead = isUnconsented ? consent : attempt === byRefreshToken ? deadGrant : deadCode;
  const wrong = "check clientId, clientSecret and tenant";
  const hint = isGrant.test(reason) ? dead : (tokenHints[reason] ?? wrong);
  const words = [String(status), reason, message].filter(Boolean).join(" ");
  return new ProviderError("unauthorized", `${describe(attempt)}: ${words} (${hint})`);
}

/** No answer at all, or one that broke off or led elsewhere: nothing is known of the effect. */
export function toNetworkError(error: unknown, attempt: Attempt): ProviderError {
  const { cause, words } = rootOf(error);
  return new ProviderError(failureOfLine(cause), `${describe(attempt)}: ${words}`, { cause });
}

/** `onedrive: could not read "a.txt" (01ABC)` */
export function describe(attempt: Attempt): string {
  return `onedrive: could not ${attempt.operation} ${attempt.item}`.trimEnd();
}

/** A 401 with these words is a fault of the service that passes (rclone issue 5270). */
function passing(message: string): Failure | undefined {
  return message.includes("Unable to initialize RPS") ? "unavailable" : undefined;
}

function failureOfStatus(status: number): Failure {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "not-found";
  if (status === 409) return "already-exists";
  if (status === 412) return "changed";
  if (status === 413) return "too-large";
  if (status === 429 || status === 509) return "rate-limited";
  if (status === 507) return "out-of-space";
  return status === 408 || status === 423 || status >= 500 ? "unavailable" : "unexpected";
}

/** Graph's nested `{ error: { code, message, innerError } }`, innermost code first, OAuth's flat one, and text. */
function parseBody(body: unknown): { readonly codes: string[]; readonly message: string } {
  const parsed = typeof body === "string" ? parseJson(body) : body;
  const error = property(parsed, "error");
  if (typeof error === "string") {
    return { codes: [error], message: shortWords(property(parsed, "error_description")) };
  }
  if (error === undefined) return { codes: [], message: shortWords(body) };
  const codes: string[] = [];
  for (let inner: unknown = error; inner; inner = innerOf(inner)) {
    const code = property(inner, "code");
    if (typeof code === "string" && code !== "") codes.unshift(code);
  }
  return { codes, message: shortWords(property(error, "message")) };
}

function innerOf(error: unknown): unknown {
  return property(error, "innerError") ?? property(error, "innererror");
}
