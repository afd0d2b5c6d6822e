/** A value of a union as the API writes it: its tag, and what belongs to the tag. */
export interface Tagged {
  readonly ".tag": string;
  readonly [field: string]: unknown;
}

/** A union member without a value. */
export function tag(name: string): Tagged {
  return { ".tag": name };
}

/** A union member whose value is itself a union. */
export function nested(name: string, value: Tagged): Tagged {
  return { ".tag": name, [name]: value };
}

/** A union member whose value is a struct: its fields stand beside the tag. */
export function flat(name: string, fields: Readonly<Record<string, unknown>>): Tagged {
  return { ".tag": name, ...fields };
}

/** An error that an endpoint documents; answered with `status`, 409 unless it says otherwise. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly error: Tagged;
  readonly status: number;

  constructor(error: Tagged, status = 409) {
    super(summaryOf(error));
    this.error = error;
    this.status = status;
  }
}

/** Why a path can't be read or written, before the endpoint's own error says where it belongs. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: "lookup" | "write";
  readonly error: Tagged;

  constructor(kind: "lookup" | "write", error: Tagged) {
    super(summaryOf(error));
    this.kind = kind;
    this.error = error;
  }
}

/** Dropbox docs: RateLimitError; 429, for requests or for writes at one namespace. */
export class RateLimited extends Error {
  override readonly name = "RateLimited";
  readonly reason: "too_many_requests" | "too_many_write_operations";

  constructor(reason: RateLimited["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/** A request that can't be understood: 400, plain text. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

type LookupReason =
  | "not_found"
  | "not_file"
  | "not_folder"
  | "restricted_content"
  | "unsupported_content_type";

/** Dropbox docs: LookupError. */
export function lookupRefusal(reason: LookupReason): Refusal {
  return new Refusal("lookup", tag(reason));
}

/** Dropbox docs: WriteError. */
export function writeRefusal(
  reason:
    | "disallowed_name"
    | "insufficient_space"
    | "no_write_permission"
    | "too_many_write_operations",
): Refusal {
  return new Refusal("write", tag(reason));
}

/** Dropbox docs: WriteConflictError. */
export function conflict(reason: "file" | "folder" | "file_ancestor"): Refusal {
  return new Refusal("write", nested("conflict", tag(reason)));
}

/** A path that no item can have; both kinds of error know it. */
export function malformedPath(kind: "lookup" | "write", why: string): Refusal {
  return new Refusal(kind, { ".tag": "malformed_path", malformed_path: why });
}

/** The tags from outside in, as error_summary has them before its dots. */
function summaryOf(error: Tagged): string {
  const inner = error[error[".tag"]] ?? error.reason;
  return isTagged(inner) ? `${error[".tag"]}/${summaryOf(inner)}` : error[".tag"];
}

function isTagged(value: unknown): value is Tagged {
  return typeof value === "object" && value !== null && ".tag" in value;
}
