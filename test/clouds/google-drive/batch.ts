import { randomText } from "../kit/random.ts";
import { type Answer, type CloudRequest, readText } from "../kit/request.ts";
import { badRequest, DriveError } from "./errors.ts";
import { answerCall, errorAnswer, type Method, type Service } from "./method.ts";
import { readHeaders, readParts } from "./multipart.ts";

const maxCalls = 100;

/**
 * Many calls in one request (Drive docs: "Improve performance"): at most 100, no media, each with an answer
 * of its own and counted as one.
 */
export async function answerBatch(
  service: Service,
  methods: readonly Method[],
  request: CloudRequest,
  random: () => number,
): Promise<Answer> {
  try {
    const calls = await readCalls(request);
    const answered = calls.map(async (call) => writePart(call, await run(service, methods, call)));
    const boundary = `batch_${randomText(random, 24)}`;
    const parts = (await Promise.all(answered)).map((part) => `--${boundary}\r\n${part}`);
    return {
      status: 200,
      headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
      body: `${parts.join("")}--${boundary}--`,
    };
  } catch (error) {
    if (error instanceof DriveError) return errorAnswer(error);
    throw error;
  }
}

interface InnerCall {
  readonly contentId: string | null;
  readonly request: Omit<CloudRequest, "params">;
}

async function readCalls(outer: CloudRequest): Promise<InnerCall[]> {
  const calls: InnerCall[] = [];
  for await (const part of readParts(outer.body, outer.headers["content-type"] ?? "")) {
    const http = await readText(part.body);
    calls.push(readCall(outer, http, part.headers.get("content-id") ?? null));
    if (calls.length > maxCalls) {
      throw badRequest(`The batch request holds more than ${maxCalls} calls.`);
    }
  }
  return calls;
}

/** The inner request; what it does not say itself, it has from the outer one. */
function readCall(outer: CloudRequest, http: string, contentId: string | null): InnerCall {
  const split = http.indexOf("\r\n\r\n");
  const head = split < 0 ? http : http.slice(0, split);
  const body = split < 0 ? "" : http.slice(split + 4).trimEnd();
  const [, method, target] = /^\s*([A-Z]+) (\S+)/.exec(head) ?? [];
  if (method === undefined || target === undefined)
    throw badRequest("Malformed call in the batch.");
  const own = Object.fromEntries(readHeaders(head));
  const headers = { authorization: outer.headers.authorization, ...own };
  const request = {
    method,
    url: new URL(target, "http://stand-in"),
    headers,
    route: outer.route,
    body: bytesOf(body),
    text: () => Promise.resolve(body),
    signal: outer.signal,
    fault: null,
  };
  return { contentId, request };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function run(
  service: Service,
  methods: readonly Method[],
  { request }: InnerCall,
): Promise<Answer> {
  const media = request.url.searchParams.get("alt") === "media";
  for (const method of media ? [] : methods) {
    const match = method.http === request.method ? method.path.exec(request.url.pathname) : null;
    if (match === null || (method.answers === null && method.http === "GET")) continue;
    return answerCall(service, method, { ...request, params: match.slice(1) });
  }
  return errorAnswer(badRequest("Only calls without media can be part of a batch."));
}

function writePart({ contentId }: InnerCall, { status, headers, body }: Answer): string {
  const text = typeof body === "string" ? body : "";
  const lines = [
    "Content-Type: application/http",
    ...(contentId === null ? [] : [`Content-ID: ${contentId.replace(/^</, "<response-")}`]),
    "",
    `HTTP/1.1 ${status}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(text)}`,
    "",
    text,
    "",
  ];
  return lines.join("\r\n");
}
