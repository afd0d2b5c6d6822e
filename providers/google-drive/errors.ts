import { type Failure, ProviderError } from "../../src/core/error.ts";
import { failureOfLine } from "../../src/http/bounds.ts";
import { parseJson, parseRetryAfter, property, rootOf, shortWords } from "../../src/http/words.ts";
import { driveScope } from "./scopes.ts";

/** An answer that is not a success, as it came over the wire. */
export interface Refusal {
  readonly status: number;
  /** Parsed JSON, or text: the media host and proxies may answer in plain text or HTML. */
  readonly body: unknown;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
}

/** What was tried, for messages: `{ operation: "read", item: "\"a.txt\" (1AbC)" }`. */
export interface Attempt {
  readonly operation: string;
  readonly item: string;
  /** What a status means for this request, where that is something special. */
  readonly statuses?: Readonly<Record<number, Failure>>;
}

/** A way to an access token. */
export interface TokenAttempt extends Attempt {
  /** What a person can do about a refusal, by its `error` and `error_description`. */
  readonly mend: (reason: string, message: string) => string;
}

/** Daily limits reset after hours; the exact time is not told. */
const longWaitMs = 3_600_000;

/**
 * Drive says what went wrong by `reason`; status 403 stands for a dozen of them.
 * Drive docs: "Resolve errors" and "Usage limits".
 */
const failureByReason: Readonly<Record<string, Failure>> = {
  userRateLimitExceeded: "rate-limited",
  rateLimitExceeded: "rate-limited",
  sharingRateLimitExceeded: "rate-limited",
  dailyLimitExceeded: "rate-limited",
  quotaExceeded: "rate-limited",
  downloadQuotaExceeded: "rate-limited",
  backendError: "unavailable",
  internalError: "unavailable",
  transientError: "unavailable",
  storageQuotaExceeded: "out-of-space",
  teamDriveFileLimitExceeded: "out-of-space",
  activeItemCreationLimitExceeded: "out-of-space",
  exportSizeLimitExceeded: "too-large",
  uploadTooLarge: "too-large",
  notFound: "not-found",
  fileIdInUse: "already-exists",
  authError: "unauthorized",
  insufficientPermissions: "unauthorized",
  // Told with status 401, and nothing that another sign-in would change.
  "push.webhookUrlUnauthorized": "forbidden",
  "push.webhookUrlNotHttps": "forbidden",
};

const longWaits: ReadonlySet<string> = new Set([
  "dailyLimitExceeded",
  "quotaExceeded",
  "downloadQuotaExceeded",
]);

const deadCode = "begin again: the code was used, is too old, or belongs to another sign-in";
const deadGrant =
  "sign in again: access was revoked, unused for 6 months, or ended after 7 days because the " +
  "consent screen is in testing mode (publish the app in the Google Cloud console)";

/** What a person can do, where the service's own words leave it open. */
const hints: Readonly<Record<string, string>> = {
  accessNotConfigured: "enable the Google Drive API in the Google Cloud project of this client id",
  cannotDownloadAbusiveFile:
    "google flags this file as malware or spam: open it in Drive, and delete it or ask for a review",
  insufficientPermissions: `sign in again and allow access to Google Drive (${driveScope})`,
  appNotAuthorizedToFile: "sign in again with access to all of Google Drive",
  "push.webhookUrlUnauthorized":
    "Google must be able to reach the address by https with a valid certificate; it may want the domain verified in the Google Cloud console",
  insufficientFilePermissions:
    "moving and trashing is for the owner, or for a content manager or manager of the shared drive; " +
    "editing is not for readers",
  teamDriveFileLimitExceeded:
    "a shared drive holds 500,000 items, its trash included: empty its trash",
  storageQuotaExceeded: "free or buy storage; service accounts have none of their own",
};

/** The failure behind an answer of the Drive API. `now`: milliseconds since 1970, for `Retry-After` dates. */
export function toProviderError(refusal: Refusal, attempt: Attempt, now: number): ProviderError {
  const { reason, message } = parseBody(refusal.body);
  const { status } = refusal;
  const failure = attempt.statuses?.[status] ?? failureByReason[reason] ?? failureOfStatus(status);
  const hint = hints[reason] ? ` (${hints[reason]})` : "";
  const words = [String(status), reason, message].filter(Boolean).join(" ");
  const retryAfterMs =
    parseRetryAfter(refusal.retryAfter, now) ?? (longWaits.has(reason) ? longWaitMs : null);
  return new ProviderError(failure, `${describe(attempt)}: ${words}${hint}`, { retryAfterMs });
}

const wrongApp = "check clientId and clientSecret";
const wrongAddress = "check the redirect addresses of the client";

const byApp = (item: string, dead: string): TokenAttempt => ({
  operation: "sign in",
  item,
  mend(reason) {
    const wrong = reason === "redirect_uri_mismatch" ? wrongAddress : wrongApp;
    return reason === "invalid_grant" ? dead : wrong;
  },
});
export const byRefreshToken = byApp("with the refresh token", deadGrant);
export const byCode = byApp("with the code", deadCode);

/** A signed assertion, which could be used by whoever reads it. */
const assertion = /\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g;

/** The failure behind a refusal of Google's token endpoint. Google identity docs: "Refresh token expiration". */
export function toTokenError(refusal: Refusal, attempt: TokenAttempt, now: number): ProviderError {
  const { reason, message } = parseBody(refusal.body);
  if (refusal.status >= 500 || refusal.status === 429 || refusal.status === 408) {
    return toProviderError(refusal, attempt, now);
  }
  const told = [String(refusal.status), reason, message].filter(Boolean).join(" ");
  const words = told.replaceAll(assertion, "[hidden]");
  const hint = attempt.mend(reason, message);
  return new ProviderError("unauthorized", `${describe(attempt)}: ${words} (${hint})`);
}

/** No answer at all, or one that broke off or led elsewhere: nothing is known of the effect. */
export function toNetworkError(error: unknown, attempt: Attempt): ProviderError {
  const { cause, words } = rootOf(error);
  return new ProviderError(failureOfLine(cause), `${describe(attempt)}: ${words}`, { cause });
}

/** `google-drive: could not read "a.txt" (1AbC)` */
export function describe(attempt: Attempt): string {
  return `google-drive: could not ${attempt.operation} ${attempt.item}`.trimEnd();
}

function failureOfStatus(status: number): Failure {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "not-found";
  if (status === 409) return "already-exists";
  if (status === 412) return "changed";
  if (status === 413) return "too-large";
  if (status === 429) return "rate-limited";
  return status === 408 || status >= 500 ? "unavailable" : "unexpected";
}

/** Reads Drive's `{ error: { errors: [{ reason }] } }`, OAuth's `{ error, error_description }`, and text. */
function parseBody(body: unknown): { readonly reason: string; readonly message: string } {
  const parsed = typeof body === "string" ? parseJson(body) : body;
  const error = property(parsed, "error");
  if (typeof error === "string") {
    return { reason: error, message: shortWords(property(parsed, "error_description")) };
  }
  if (error === undefined) return { reason: "", message: shortWords(body) };
  const errors = property(error, "errors");
  const reason = property(Array.isArray(errors) ? errors[0] : undefined, "reason");
  return {
    reason: typeof reason === "string" ? reason : "",
    message: shortWords(property(error, "message")),
  };
}
