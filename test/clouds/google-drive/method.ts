import type { OAuth } from "../kit/oauth.ts";
import type { Grant } from "../kit/oauth-state.ts";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import type { Drive } from "./drive.ts";
import { badRequest, DriveError, errorBody, notFound } from "./errors.ts";
import { type Mask, parseFields, pick } from "./fields.ts";
import type { Limiter } from "./limits.ts";
import { type Params, readParams } from "./params.ts";
import type { User, View } from "./resource.ts";
import { answers } from "./schema.ts";

/** One method of the API, such as files.list. */
export interface Method {
  /** Google's name for it; faults and counters go by it. */
  readonly name: string;
  readonly http: string;
  readonly path: RegExp;
  /** Names of the query parameters that it takes, between blanks. */
  readonly query: string;
  /** Quota units (Drive docs: "Usage limits", 2026). */
  readonly units: number;
  readonly needs: Access;
  /** What its answer holds, for `fields`; null: no JSON. */
  readonly answers: keyof typeof answers | null;
  /** A resource, of which `fields` picks, or a whole answer. All failures are `DriveError`s. */
  handle(call: Call): Promise<Outcome> | Outcome;
}

export type Outcome = { readonly resource: object } | { readonly answer: Answer };
/** What a token must allow: to read metadata, to read content, to write. */
type Access = "metadata" | "content" | "write";

/** One authorised call of a method. */
export interface Call {
  readonly request: CloudRequest;
  readonly query: Params;
  readonly view: View;
  readonly mask: Mask;
  /** A group of the path; empty where there is none. */
  param(index: number): string;
  /** The JSON body; an absent one is an empty object. @throws DriveError 400 `parseError` */
  body(): Promise<unknown>;
}

/** What all methods share. */
export interface Service {
  /** Whose request it is, and what they see. */
  actorOf(grant: Grant): { readonly drive: Drive; readonly user: User };
  readonly oauth: Pick<OAuth, "check" | "routes">;
  readonly limiter: Limiter;
  origin(): string;
}

/** A download costs more than the metadata that the same method gives. */
const downloadUnits = 200;

/** Runs one call from authorisation to answer; `DriveError`s become answers. */
export async function answerCall(
  service: Service,
  method: Method,
  request: CloudRequest,
): Promise<Answer> {
  try {
    const media = request.url.searchParams.get("alt") === "media";
    const grant = authorise(service, media ? "content" : method.needs, request);
    const creates = /^files\.(?:create|copy)\b/.test(method.name);
    service.limiter.take({ units: media ? downloadUnits : method.units, creates });
    const query = readParams(request.url.searchParams, method.query);
    const mask = maskOf(method, query);
    const { drive, user } = service.actorOf(grant);
    const view = { drive, user, clientId: grant.clientId, origin: service.origin() };
    const param = (index: number) => decodeURIComponent(request.params[index] ?? "");
    checkReach(drive, method, query, param(0));
    const body = () => readBody(request);
    const outcome = await method.handle({ request, query, view, mask, param, body });
    return "answer" in outcome ? outcome.answer : json(200, pick(outcome.resource, mask));
  } catch (error) {
    if (error instanceof DriveError) return errorAnswer(error);
    throw error;
  }
}

/** Items of shared drives are there only for those who say that they know of such (Drive docs: "Implement shared drive support"). */
function checkReach(drive: Drive, { name, query: known }: Method, query: Params, id: string): void {
  const isOfFile = name.startsWith("files.") && known.includes("supportsAllDrives");
  const item = isOfFile && id !== "" ? drive.find(id) : undefined;
  if (item === undefined || query.flag("supportsAllDrives")) return;
  if (drive.sharedDriveOf(item) !== null) throw notFound(id);
}

/** The documented JSON shape of a failure. */
export function errorAnswer(error: DriveError): Answer {
  const retry =
    error.retryAfterSeconds === null ? {} : { "retry-after": String(error.retryAfterSeconds) };
  const challenge =
    error.status === 401
      ? { "www-authenticate": 'Bearer realm="https://accounts.google.com/"' }
      : {};
  return json(error.status, errorBody(error), { ...retry, ...challenge });
}

function maskOf(method: Method, query: Params): Mask {
  if (method.answers === null) return true;
  const { schema, unasked } = answers[method.answers];
  const fields = query.text("fields");
  return fields === null ? unasked : parseFields(fields, schema);
}

const scopeBase = "https://www.googleapis.com/auth/drive";
const scopesByAccess: Readonly<Record<Access, readonly string[]>> = {
  write: ["", ".file"],
  content: ["", ".file", ".readonly"],
  metadata: ["", ".file", ".readonly", ".metadata", ".metadata.readonly"],
};

/** The grant that the token is of. @throws DriveError 401, 403 for a scope that was not granted */
function authorise({ oauth }: Service, needs: Access, request: CloudRequest): Grant {
  const token =
    /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ??
    request.url.searchParams.get("access_token");
  const { grant } = oauth.check(token ?? "");
  if (grant === null) {
    const [reason, message] =
      token === null ? ["required", "Login Required"] : ["authError", "Invalid Credentials"];
    throw new DriveError(401, reason, message, {
      place: { location: "Authorization", locationType: "header" },
    });
  }
  const allowed = scopesByAccess[needs].some((end) => grant.scopes.includes(scopeBase + end));
  if (!allowed) {
    throw new DriveError(
      403,
      "insufficientPermissions",
      "Request had insufficient authentication scopes.",
    );
  }
  return grant;
}

async function readBody(request: CloudRequest): Promise<unknown> {
  const text = await request.text();
  if (text === "") return {};
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type)) throw badRequest(`Unsupported content type: ${type}`);
  return parseJson(text);
}

/** @throws DriveError 400 `parseError` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : String(error);
    throw new DriveError(400, "parseError", `Parse Error: ${why}`);
  }
}
