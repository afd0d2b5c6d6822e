import { z } from "zod";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import type { Context } from "./context.ts";
import { GraphError, invalidRequest } from "./errors.ts";
import { answerCall, errorAnswer, type Method, parseJson } from "./method.ts";

const maxCalls = 20;

const batchShape = z.strictObject({
  requests: z.array(
    z.strictObject({
      id: z.string(),
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      dependsOn: z.array(z.string()).optional(),
    }),
  ),
});
type Inner = z.infer<typeof batchShape>["requests"][number];

/**
 * Many calls in one (Graph docs: "JSON batching"): at most 20, each with an answer of its own, in any order, and
 * each counted against the limits.
 */
export async function answerBatch(
  context: Context,
  methods: readonly Method[],
  outer: CloudRequest,
): Promise<Answer> {
  try {
    const parsed = batchShape.safeParse(parseJson(await outer.text()));
    if (!parsed.success)
      throw invalidRequest(`Invalid batch payload: ${z.prettifyError(parsed.error)}`);
    const { requests } = parsed.data;
    checkBatch(requests);
    const answers = new Map<string, Promise<object>>();
    for (const inner of requests) {
      const before = (inner.dependsOn ?? []).map((id) => answers.get(id.toLowerCase()));
      answers.set(inner.id.toLowerCase(), runInner(context, methods, outer, inner, before));
    }
    // The real order is any; the other way round shows who relies on it.
    return json(200, { responses: (await Promise.all(answers.values())).toReversed() });
  } catch (error) {
    if (error instanceof GraphError) return errorAnswer(context, error);
    throw error;
  }
}

/** @throws GraphError 400 */
function checkBatch(requests: readonly Inner[]): void {
  if (requests.length > maxCalls) {
    throw invalidRequest(`Number of batch request steps exceeds the maximum value of ${maxCalls}.`);
  }
  const ids = new Set<string>();
  for (const { id, dependsOn, body, headers } of requests) {
    if (ids.has(id.toLowerCase())) throw invalidRequest(`The id '${id}' is used twice.`);
    if ((dependsOn ?? []).some((other) => !ids.has(other.toLowerCase()))) {
      throw invalidRequest(`The request '${id}' depends on one that does not come before it.`);
    }
    if (body !== undefined && header(headers, "content-type") === undefined) {
      throw invalidRequest(`The request '${id}' has a body and no Content-Type.`);
    }
    ids.add(id.toLowerCase());
  }
}

function header(headers: Inner["headers"], wanted: string): string | undefined {
  return Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

async function runInner(
  context: Context,
  methods: readonly Method[],
  outer: CloudRequest,
  inner: Inner,
  before: readonly (Promise<object> | undefined)[],
): Promise<object> {
  const earlier = await Promise.all(before);
  const failed = earlier.some(
    (one) => one !== undefined && "status" in one && Number(one.status) >= 400,
  );
  const answer = failed
    ? errorAnswer(
        context,
        new GraphError(424, "failedDependency", "A request that this one depends on failed."),
      )
    : await dispatch(context, methods, outer, inner);
  return { id: inner.id, status: answer.status, headers: answer.headers ?? {}, ...bodyOf(answer) };
}

function bodyOf({ body, headers }: Answer): { body?: unknown } {
  if (typeof body !== "string") return {};
  return { body: /json/.test(headers?.["content-type"] ?? "") ? parseJson(body) : body };
}

function dispatch(
  context: Context,
  methods: readonly Method[],
  outer: CloudRequest,
  inner: Inner,
): Promise<Answer> | Answer {
  const url = URL.parse(`http://stand-in/v1.0/${inner.url.replace(/^\//, "")}`);
  const headers = Object.entries(inner.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  for (const method of methods) {
    const match = method.http === inner.method ? method.path.exec(url?.pathname ?? "") : null;
    if (match === null || url === null) continue;
    const bytes = bytesOf(inner);
    return answerCall(context, method, {
      ...outer,
      method: inner.method,
      url,
      params: match.slice(1),
      headers: {
        authorization: outer.headers.authorization,
        ...Object.fromEntries(headers),
        "content-length": String(bytes.byteLength),
      },
      body: once(bytes),
      text: () => Promise.resolve(bytes.toString("utf8")),
      fault: null,
    });
  }
  return errorAnswer(
    context,
    new GraphError(404, "BadRequest", `Resource not found: ${inner.url}`),
  );
}

/** JSON as it stands, everything else in base64. */
function bytesOf({ body, headers }: Inner): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  const isJson = /json/.test(header(headers, "content-type") ?? "");
  return isJson || typeof body !== "string"
    ? Buffer.from(JSON.stringify(body))
    : Buffer.from(body, "base64");
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
