import type { CloudRequest } from "../kit/request.ts";
import type { Account, Context } from "./context.ts";
import { ApiError, BadRequest, flat, nested, RateLimited, tag } from "./errors.ts";

/** What an endpoint wants of who calls it. */
interface Demand {
  readonly scope: string | null;
  readonly auth: "user" | "none";
}

/** The files that a request speaks of: from the team's root on where it says so, else from the user's home. */
export function viewOf(context: Context, request: CloudRequest): Context {
  const header = request.headers["dropbox-api-path-root"];
  if (header === undefined || context.team === null) return context;
  const { root, namespace_id: id } = parsePathRoot(String(header));
  return [root, id].includes(context.team.namespaceId) ? context.team : context;
}

/** The access token of a request that may pass: known, in force, allowed this, and not too often. */
export function checkAccess(demand: Demand, context: Context, request: CloudRequest): string {
  const { authorization } = request.headers;
  if (demand.auth === "none") {
    if (authorization === undefined) return "";
    throw new BadRequest(
      "Your request includes an Authorization header, but this function does not use it.",
    );
  }
  const token = tokenOf(authorization ?? request.url.searchParams.get("authorization"));
  const state = context.oauth.check(token);
  if (state.status === "expired") throw new ApiError(tag("expired_access_token"), 401);
  if (state.status !== "valid") throw new ApiError(tag("invalid_access_token"), 401);
  if (demand.scope !== null && !state.grant.scopes.includes(demand.scope)) {
    throw new ApiError(flat("missing_scope", { required_scope: demand.scope }), 401);
  }
  checkPathRoot(context.account, request);
  if (!context.rateLimit.admit()) throw new RateLimited("too_many_requests");
  return token;
}

function tokenOf(authorization: string | null): string {
  if (authorization === null) {
    throw new BadRequest(
      'Must provide HTTP header "Authorization" or URL parameter "authorization".',
    );
  }
  const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw new BadRequest(
    'Invalid authorization value in HTTP header "Authorization". Expecting "Bearer <access token>".',
  );
}

/** Dropbox docs: common.PathRoot; the account can see its home and its root, and no other namespace. */
function checkPathRoot(
  { namespaceId: home, rootNamespaceId }: Account,
  request: CloudRequest,
): void {
  const header = request.headers["dropbox-api-path-root"];
  if (header === undefined) return;
  const namespaceId = rootNamespaceId ?? home;
  const given = parsePathRoot(String(header));
  if (given[".tag"] === "home") return;
  if (given[".tag"] === "root") {
    if (given.root === namespaceId) return;
    const ids = { root_namespace_id: namespaceId, home_namespace_id: home };
    const kind = rootNamespaceId === null ? "user" : "team";
    throw new ApiError(nested("invalid_root", flat(kind, ids)), 422);
  }
  if (given[".tag"] !== "namespace_id") throw new BadRequest("Invalid path root: unknown tag");
  if (![namespaceId, home].includes(String(given.namespace_id)))
    throw new ApiError(tag("no_permission"), 422);
}

function parsePathRoot(header: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(header);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new BadRequest('HTTP header "Dropbox-API-Path-Root": could not decode input as JSON');
}
