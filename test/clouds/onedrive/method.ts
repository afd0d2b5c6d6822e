import { z } from "zod";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import { type Address, itemAt, readAddress } from "./address.ts";
import type { Context } from "./context.ts";
import { accessDenied, errorBody, GraphError, invalidRequest } from "./errors.ts";
import type { Grant } from "./identity-state.ts";
import { randomGuid } from "./ids.ts";
import type { Item } from "./item.ts";
import { type Query, readQuery } from "./query.ts";

/** One method of the API. */
export interface Method {
  /** Faults and counters go by it. */
  readonly name: string;
  readonly http: string;
  readonly path: RegExp;
  /** Names of the query options that it takes, between blanks. */
  readonly query: string;
  readonly needs: Access;
  /** All failures are `GraphError`s. */
  handle(call: Call): Promise<Answer> | Answer;
}

/** What a token must allow. */
type Access = "user" | "sites" | "read" | "write";

/** One authorised call of a method. */
export interface Call {
  readonly context: Context;
  readonly request: CloudRequest;
  readonly query: Query;
  readonly grant: Grant;
  /** What the path names, where it names an item. */
  address(): Address;
  /** The item that the path names. @throws GraphError 403, 404 */
  item(): Item;
  /** The JSON body, which must be of this shape; an absent one is an empty object. @throws GraphError 400 */
  body<T>(shape: z.ZodType<T>): Promise<T>;
}

/** Runs one call from authorisation to answer; `GraphError`s become answers. */
export async function answerCall(
  context: Context,
  method: Method,
  request: CloudRequest,
): Promise<Answer> {
  try {
    const grant = authorise(context, method, request);
    context.throttle.take();
    const address = () => {
      const found = readAddress(context, request.params);
      const allowed = found.drive === context.ownDrive || grantsAll(grant, method.needs);
      if (!allowed) throw accessDenied();
      return found;
    };
    return await method.handle({
      context,
      request,
      query: readQuery(request.url.searchParams, method.query),
      grant,
      address,
      item: () => itemAt(context, address()),
      body: (shape) => readBody(request, shape),
    });
  } catch (error) {
    if (error instanceof GraphError) return errorAnswer(context, error);
    throw error;
  }
}

/** The documented JSON shape of a failure. */
export function errorAnswer({ random, now }: Context, error: GraphError): Answer {
  const requestId = randomGuid(random);
  const headers = { ...error.headers, "request-id": requestId };
  return json(error.status, errorBody(error, requestId, now()), headers);
}

const readAllScopes = ["Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All"];
const scopesByAccess: Readonly<Record<Access, readonly string[]>> = {
  user: ["User.Read"],
  sites: ["Sites.Read.All"],
  read: ["Files.Read", "Files.ReadWrite", ...readAllScopes],
  write: ["Files.ReadWrite", "Files.ReadWrite.All"],
};

/** Whether a token reaches beyond the user's own drive: to libraries, and to what others share. */
function grantsAll({ scopes }: Grant, needs: Access): boolean {
  const wanted = needs === "write" ? ["Files.ReadWrite.All"] : readAllScopes;
  return wanted.some((scope) => scopes.includes(scope));
}

/** @throws GraphError 401, 403 for a scope that was not granted */
function authorise({ identity }: Context, { needs }: Method, { headers }: CloudRequest): Grant {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  const { status, grant } = identity.check(token);
  if (grant === null) {
    const message =
      status === "unknown"
        ? "Access token is empty or malformed."
        : "Access token has expired or is not yet valid.";
    throw new GraphError(401, "InvalidAuthenticationToken", message, {
      headers: { "www-authenticate": 'Bearer realm="", error="invalid_token"' },
    });
  }
  if (!scopesByAccess[needs].some((scope) => grant.scopes.includes(scope))) throw accessDenied();
  return grant;
}

async function readBody<T>(request: CloudRequest, shape: z.ZodType<T>): Promise<T> {
  const type = request.headers["content-type"];
  const text = await request.text();
  if (text !== "" && !/^application\/json\b/i.test(type ?? "")) {
    throw new GraphError(415, "unsupportedMediaType", `Unsupported content type: ${type}`);
  }
  const parsed = shape.safeParse(parseJson(text === "" ? "{}" : text));
  if (parsed.success) return parsed.data;
  throw invalidRequest(`The request body is invalid: ${z.prettifyError(parsed.error)}`);
}

/** @throws GraphError 400 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new GraphError(400, "BadRequest", "Unable to read JSON request payload.");
  }
}
