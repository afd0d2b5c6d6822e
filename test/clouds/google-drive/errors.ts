/** Failures as the Drive API words them (Drive docs: "Resolve errors"). */

export interface DriveErrorPlace {
  readonly location: string;
  readonly locationType: "parameter" | "header" | "body";
}

/** Thrown anywhere below the routes; becomes the documented JSON error answer. */
export class DriveError extends Error {
  override readonly name = "DriveError";
  readonly status: number;
  readonly reason: string;
  readonly place: DriveErrorPlace | null;
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { place?: DriveErrorPlace; retryAfterSeconds?: number | null } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.place = options.place ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

const limitReasons = new Set(["userRateLimitExceeded", "rateLimitExceeded", "dailyLimitExceeded"]);

/** The JSON body of an error answer: `error.code`, `error.message`, `error.errors[].reason`. */
export function errorBody(error: DriveError): object {
  const { status, reason, message } = error;
  const domain = limitReasons.has(reason) ? "usageLimits" : "global";
  return {
    error: { code: status, message, errors: [{ domain, reason, message, ...error.place }] },
  };
}

/** 404: the item is gone, never was, or is out of this user's reach; the API does not say which. */
export function notFound(id: string): DriveError {
  return new DriveError(404, "notFound", `File not found: ${id}.`, {
    place: { location: "fileId", locationType: "parameter" },
  });
}

/** 404: there is no such shared drive, or this user is no member of it. */
export function sharedDriveNotFound(id: string): DriveError {
  return new DriveError(404, "notFound", `Shared drive not found: ${id}`, {
    place: { location: "driveId", locationType: "parameter" },
  });
}

/** 400 for a query parameter whose value makes no sense. */
export function invalidParameter(location: string, message = "Invalid Value"): DriveError {
  return new DriveError(400, "invalid", message, {
    place: { location, locationType: "parameter" },
  });
}

/** 400 for a body that can't be taken as the resource that it should be. */
export function invalidBody(message: string): DriveError {
  return new DriveError(400, "invalid", message);
}

/** 400: a required part is missing or parts contradict each other. */
export function badRequest(message: string): DriveError {
  return new DriveError(400, "badRequest", message);
}

/** 403 for a field that only the service, or another method, sets. */
export function fieldNotWritable(hint: string): DriveError {
  return new DriveError(
    403,
    "fieldNotWritable",
    `The resource body includes fields which are not directly writable. ${hint}`,
  );
}

/** 403: the user lacks a role on this item. */
export function noPermission(): DriveError {
  return new DriveError(
    403,
    "insufficientFilePermissions",
    "The user does not have sufficient permissions for this file.",
  );
}

/** 403: the account's storage is used up. */
export function storageFull(): DriveError {
  return new DriveError(
    403,
    "storageQuotaExceeded",
    "The user's Drive storage quota has been exceeded.",
  );
}
