/** Failures as Microsoft Graph words them (Graph docs: "Error responses and resource types"). */

interface Details {
  /** The more specific code, in `innerError`. */
  readonly inner?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown anywhere below the routes; becomes the documented JSON error answer. */
export class GraphError extends Error {
  override readonly name = "GraphError";
  readonly status: number;
  readonly code: string;
  readonly inner: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, details: Details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.inner = details.inner ?? null;
    this.headers = details.headers ?? {};
  }
}

/** The JSON body of an error answer. */
export function errorBody(error: GraphError, requestId: string, now: number): object {
  const { code, message, inner } = error;
  return {
    error: {
      code,
      message,
      innerError: {
        ...(inner === null ? {} : { code: inner }),
        date: new Date(now).toISOString().slice(0, 19),
        "request-id": requestId,
        "client-request-id": requestId,
      },
    },
  };
}

/** 400: the request makes no sense, whenever it is sent. */
export function invalidRequest(message: string, inner?: string): GraphError {
  return new GraphError(400, "invalidRequest", message, inner === undefined ? {} : { inner });
}

/** 404: gone, never there, or out of this user's reach. */
export function itemNotFound(): GraphError {
  return new GraphError(404, "itemNotFound", "The resource could not be found.");
}

/** 409: another item of this name, in whatever case, lies there. */
export function nameAlreadyExists(name: string): GraphError {
  return new GraphError(
    409,
    "nameAlreadyExists",
    `An item with the same name already exists under the parent: ${name}`,
  );
}

/** 403: this user, or this token, may not. */
export function accessDenied(): GraphError {
  return new GraphError(
    403,
    "accessDenied",
    "The caller does not have permission to perform the action.",
  );
}

/** 412: the item is not what `If-Match` says. */
export function resourceModified(): GraphError {
  return new GraphError(412, "resourceModified", "ETag does not match current item's value.", {
    inner: "entityTagDoesNotMatch",
  });
}

/** 423: open in an Office app, or checked out. */
export function resourceLocked(): GraphError {
  return new GraphError(
    423,
    "resourceLocked",
    "The resource you are attempting to access is locked.",
  );
}

/** 507: the drive is full. */
export function quotaLimitReached(): GraphError {
  return new GraphError(507, "quotaLimitReached", "Insufficient space available.");
}
