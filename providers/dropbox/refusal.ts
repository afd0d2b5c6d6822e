import { type Failure, ProviderError } from "../../src/core/error.ts";

/** Which request went wrong, in words for a person. */
export interface Attempt {
  readonly account: string;
  /** What was asked for: `upload`, `list folder`, ... */
  readonly operation: string;
  /** The item's name, path or id; empty where the request is about the account. */
  readonly item: string;
}

/** What the SDK's `DropboxResponseError` holds. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or the text where it was none. */
  readonly error: unknown;
}

/** Stand-ins for a `.tag`, by what a caller can do about it. Tags that are not here are `unexpected`. */
const failureByTag: Readonly<Record<string, Failure>> = {
  not_found: "not-found",
  not_file: "not-found",
  not_folder: "not-found",
  // A file sits where a parent should be: the folder that was meant is not there.
  file_ancestor: "not-found",
  // Not kept any more, or never there.
  invalid_revision: "not-found",
  conflict: "already-exists",
  malformed_path: "name-refused",
  disallowed_name: "name-refused",
  restricted_content: "forbidden",
  unsupported_content_type: "forbidden",
  unsupported_file: "forbidden",
  non_exportable: "forbidden",
  invalid_export_format: "forbidden",
  locked: "forbidden",
  no_write_permission: "forbidden",
  access_restricted: "forbidden",
  team_folder: "forbidden",
  operation_suppressed: "forbidden",
  encryption_not_supported: "forbidden",
  too_many_files: "forbidden",
  cant_move_folder_into_itself: "forbidden",
  cant_copy_shared_folder: "forbidden",
  cant_nest_shared_folder: "forbidden",
  cant_move_shared_folder: "forbidden",
  cant_move_into_vault: "forbidden",
  cant_move_into_family: "forbidden",
  cant_transfer_ownership: "forbidden",
  duplicated_or_nested_paths: "already-exists",
  insufficient_space: "out-of-space",
  insufficient_quota: "out-of-space",
  payload_too_large: "too-large",
  too_large: "too-large",
  content_hash_mismatch: "corrupt",
  too_many_write_operations: "rate-limited",
  too_many_requests: "rate-limited",
  internal_error: "unavailable",
  retry_error: "unavailable",
  in_progress: "unavailable",
  // The upload session, not the file: only a new upload helps, which is what `unavailable` leads to.
  lookup_failed: "unavailable",
  incorrect_offset: "unavailable",
  concurrent_session_missing_data: "unavailable",
  concurrent_session_not_closed: "unavailable",
  reset: "cursor-expired",
};

/** What a person can make of a tag that says little. */
const hints: Readonly<Record<string, string>> = {
  no_write_permission: "the folder is shared with this account for reading alone",
  access_restricted: "the team restricts what may be done in this folder",
  restricted_content: "dropbox does not hand this file out, for legal reasons",
  unsupported_file: "it can't be downloaded, only exported",
  invalid_root:
    "this account has joined, left or changed its team: look at the rules that use it, and start again",
  team_folder: "a team folder is its administrators' affair",
  cant_move_shared_folder: "a shared folder can't be moved there",
};

const failureOfToken: Readonly<Record<string, Failure>> = {
  missing_scope: "forbidden",
  route_access_denied: "forbidden",
  invalid_select_user: "forbidden",
  invalid_select_admin: "forbidden",
};

/** Network failures of undici that are no TypeError: a socket that closed while a body was on its way. */
const networkCodes = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|UND_ERR_)/;

/**
 * What the caller of a provider gets for any error of a request: the signal's reason when it was aborted,
 * ProviderErrors as they are, everything else as a ProviderError. Statuses and tags: Dropbox API v2
 * specification, `files.stone`, `auth.stone` and `common.stone`.
 */
export function asThrown(error: unknown, attempt: Attempt, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof ProviderError) return error;
  const refusal = refusalOf(error);
  if (refusal !== null) return fromRefusal(refusal, attempt, error);
  const failure: Failure = isNetworkFailure(error) ? "unavailable" : "unexpected";
  return new ProviderError(failure, sentence(attempt, wordsOf(error)), { cause: error });
}

/** The failure of one request for many items, told as that of one of them. */
export function retold(error: ProviderError, many: Attempt, one: Attempt): ProviderError {
  const before = sentence(many, "");
  if (!error.message.startsWith(before)) return error;
  const { failure, message, retryAfterMs } = error;
  const words = sentence(one, message.slice(before.length));
  return new ProviderError(failure, words, { retryAfterMs, cause: error });
}

/** The failure of an entry of a batch, as if it had been a request of its own. */
export function entryError(failure: unknown, attempt: Attempt): unknown {
  const refusal = { status: 409, headers: new Headers(), error: { error: failure } };
  return asThrown(Object.assign(new Error("refused in a batch"), refusal), attempt);
}

/** The refusal that an error is, or was caused by; null for all others. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ProviderError) return refusalOf(error.cause);
  if (!(error instanceof Error) || !("status" in error) || !("headers" in error)) return null;
  const { status, headers } = error;
  if (typeof status !== "number" || !(headers instanceof Headers)) return null;
  return { status, headers, error: "error" in error ? error.error : null };
}

/**
 * The `.tag`s of an endpoint's error from the outside in, such as `["path", "conflict", "file"]`.
 * Tags are walked, as `error_summary` ends in a random number of dots.
 */
export function tagsOf(error: unknown): readonly string[] {
  const body = refusalOf(error)?.error;
  return walk(isRecord(body) ? body.error : null);
}

/** The scope for want of which a request was refused; null: not for want of one. */
export const requiredScope = (error: unknown): string | null => scopeIn(refusalOf(error)?.error);

/** How many bytes an upload session has, where that is why an append or a finish was refused. */
export function correctOffset(error: unknown): number | null {
  const body = refusalOf(error)?.error;
  for (let at: unknown = isRecord(body) ? body.error : null; isRecord(at); at = inner(at)) {
    if (typeof at.correct_offset === "number") return at.correct_offset;
  }
  return null;
}

/** Whether a request was refused for its access token alone, so that a new one helps. */
export function isStaleToken(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal?.status !== 401) return false;
  return tagsOf(error).some((tag) => /^(expired|invalid)_access_token$/.test(tag));
}

/** One line for a person: service, account, operation, item, and what went wrong. */
export function sentence({ account, operation, item }: Attempt, reason: string): string {
  return `dropbox ${account}: ${operation}${item === "" ? "" : ` ${item}`}: ${reason}`;
}

function fromRefusal(refusal: Refusal, attempt: Attempt, cause: unknown): ProviderError {
  const tags = tagsOf(cause);
  const request = refusal.headers.get("x-dropbox-request-id");
  const reason = `${reasonOf(refusal, tags)} (${refusal.status}${request ? `, request ${request}` : ""})`;
  return new ProviderError(failureOf(refusal, tags), sentence(attempt, reason), {
    retryAfterMs: retryAfterOf(refusal),
    cause,
  });
}

function failureOf({ status, error }: Refusal, tags: readonly string[]): Failure {
  if (status === 401) return failureOfToken[tags[0] ?? ""] ?? "unauthorized";
  // Of the path root; what it was is not there, or not for this account.
  if (status === 403 || status === 422) return "forbidden";
  if (status === 429) return "rate-limited";
  if (status >= 500) return "unavailable";
  if (status === 400 && /Basic Multilingual Plane/i.test(String(error))) return "name-refused";
  if (status !== 409) return "unexpected";
  // The innermost tag says most, but for the two that speak of a session.
  if (tags[0] === "lookup_failed") return "unavailable";
  for (const tag of tags.toReversed()) {
    const failure = failureByTag[tag];
    if (failure !== undefined) return failure;
  }
  return "unexpected";
}

function reasonOf({ error }: Refusal, tags: readonly string[]): string {
  if (!isRecord(error)) return String(error).slice(0, 300);
  const scope = scopeIn(error);
  const scopeWords = scope === null ? "" : `: the app needs ${scope}, then sign in again`;
  const said = isRecord(error.user_message) ? error.user_message.text : error.user_message;
  const userWords = typeof said === "string" ? `: ${said}` : "";
  const hint = tags.map((tag) => hints[tag]).findLast((words) => words !== undefined);
  const hintWords = hint === undefined ? "" : `: ${hint}`;
  const summary = tags.join("/") || String(error.error_summary ?? "no reason given");
  return `${summary}${hintWords}${scopeWords}${userWords}`;
}

function scopeIn(body: unknown): string | null {
  const scope = isRecord(body) && isRecord(body.error) ? body.error.required_scope : null;
  return typeof scope === "string" ? scope : null;
}

function retryAfterOf({ headers, error }: Refusal): number | null {
  const inBody = isRecord(error) && isRecord(error.error) ? error.error.retry_after : undefined;
  const seconds = Number.parseFloat(headers.get("retry-after") ?? String(inBody));
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

function walk(error: unknown): string[] {
  const tags: string[] = [];
  for (let at = error; isRecord(at); at = inner(at)) {
    if (typeof at[".tag"] === "string") tags.push(at[".tag"]);
  }
  return tags;
}

/** `{".tag":"path","path":{...}}`; `reason` in what upload and 429 answer. */
function inner(union: Record<string, unknown>): unknown {
  const tag = union[".tag"];
  return (typeof tag === "string" ? union[tag] : undefined) ?? union.reason;
}

function isNetworkFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "TimeoutError" || error.name === "AbortError") return true;
  if ("code" in error && networkCodes.test(String(error.code))) return true;
  // What fetch throws for anything below HTTP; the socket's own error is the cause.
  return error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
