import { type Answer, type CloudRequest, json, type Route, text } from "../kit/request.ts";
import { checkAccess, viewOf } from "./access.ts";
import type { Decoder } from "./args.ts";
import type { Call, Context } from "./context.ts";
import { ApiError, BadRequest, nested, RateLimited, Refusal, tag } from "./errors.ts";

/** One function of the API. */
export interface Endpoint {
  /** Without the `/2/`. */
  readonly route: string;
  /** `rpc`: JSON in, JSON out. `upload` and `download`: the argument travels in a header. */
  readonly style: "rpc" | "upload" | "download";
  /** What the token has to allow; null: nothing in particular. */
  readonly scope: string | null;
  /** `none`: a token must not even be sent. */
  readonly auth: "user" | "none";
  handle(argument: unknown, call: Call): Promise<Answer> | Answer;
}

interface Definition<A> {
  readonly route: string;
  readonly style?: Endpoint["style"];
  readonly scope: string | null;
  readonly auth?: Endpoint["auth"];
  readonly argument: Decoder<A>;
  /** Under which tag the endpoint's error has a refused path. */
  readonly refusals?: Readonly<Partial<Record<Refusal["kind"], string>>>;
  run(argument: A, call: Call): Promise<Answer> | Answer;
}

/** Describes an endpoint: its argument is read, and its refusals told, as the API's definition says. */
export function endpoint<A>(definition: Definition<A>): Endpoint {
  const { argument: decode, refusals = {} } = definition;
  return {
    route: definition.route,
    style: definition.style ?? "rpc",
    scope: definition.scope,
    auth: definition.auth ?? "user",
    async handle(argument, call) {
      try {
        return await definition.run(decode(argument, ""), call);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        throw wrapped(error, refusals[error.kind] ?? "path");
      }
    },
  };
}

/** An endpoint's result. */
export function ok(result: unknown): Answer {
  return json(200, result);
}

/** A refusal as an endpoint's own error. */
export function wrapped({ error }: Refusal, under: string): ApiError {
  return new ApiError(nested(under, error));
}

/** The route that answers for an endpoint. */
export function routeOf(endpoint: Endpoint, context: Context): Route {
  return {
    name: endpoint.route,
    method: endpoint.style === "download" ? ["GET", "POST"] : "POST",
    path: `/2/${endpoint.route}`,
    async handle(request) {
      try {
        const accessToken = checkAccess(endpoint, context, request);
        const argument = await argumentOf(endpoint, request);
        const view = viewOf(context, request);
        return await endpoint.handle(argument, { context: view, request, accessToken });
      } catch (error) {
        return errorAnswer(error, endpoint, context);
      }
    },
  };
}

function errorAnswer(error: unknown, { route }: Endpoint, context: Context): Answer {
  if (error instanceof BadRequest) {
    return text(400, `Error in call to API function "${route}": ${error.message}`);
  }
  if (error instanceof RateLimited) return rateLimitAnswer(error, context);
  if (!(error instanceof ApiError)) throw error;
  return json(error.status, {
    error_summary: dotted(error.message, context),
    error: error.error,
  });
}

function rateLimitAnswer({ reason }: RateLimited, context: Context): Answer {
  const { retryAfterSeconds, plainTextRateLimit } = context.limits;
  const retryAfter = { "retry-after": String(retryAfterSeconds) };
  if (plainTextRateLimit) return text(429, reason, retryAfter);
  const error = { reason: tag(reason), retry_after: retryAfterSeconds };
  return json(429, { error_summary: dotted(reason, context), error }, retryAfter);
}

/** Real summaries end in dots, as many as it likes, so that nobody compares them whole. */
function dotted(summary: string, { random }: Context): string {
  return `${summary}/${".".repeat(Math.floor(random() * 4))}`;
}

async function argumentOf(endpoint: Endpoint, request: CloudRequest): Promise<unknown> {
  checkContentType(endpoint, request);
  if (endpoint.style === "rpc") {
    const body = await request.text();
    return body === "" ? null : parseJson(body, "request body");
  }
  const header = request.headers["dropbox-api-arg"];
  const name = 'HTTP header "Dropbox-API-Arg"';
  if (header === undefined) {
    const parameter = request.url.searchParams.get("arg");
    if (parameter !== null) return parseJson(parameter, 'URL parameter "arg"');
    throw new BadRequest(`Must provide ${name} or URL parameter "arg".`);
  }
  const isAscii = /^[\t\x20-\x7e]*$/.test(String(header));
  if (!isAscii) throw new BadRequest(`${name}: could not decode input as JSON`);
  return parseJson(String(header), name);
}

function parseJson(written: string, where: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    throw new BadRequest(`${where}: could not decode input as JSON`);
  }
}

const contentTypes = {
  rpc: ["application/json", "text/plain; charset=dropbox-cors-hack"],
  upload: ["application/octet-stream", "text/plain; charset=dropbox-cors-hack"],
  download: ["", "text/plain", "application/octet-stream"],
};

function checkContentType({ style }: Endpoint, { headers }: CloudRequest): void {
  const given = headers["content-type"] ?? "";
  const isEmptyCall = style === "rpc" && given === "" && !hasBody(headers);
  const [type = ""] = given.split(";");
  const allowed = contentTypes[style];
  if (isEmptyCall || allowed.includes(given) || allowed.includes(type.trim())) return;
  const expected = allowed.map((one) => `"${one}"`).join(", ");
  throw new BadRequest(`Bad HTTP "Content-Type" header: "${given}". Expecting one of ${expected}.`);
}

function hasBody(headers: CloudRequest["headers"]): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
