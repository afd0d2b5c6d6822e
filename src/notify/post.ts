import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { bare } from "../http/address.ts";

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The only address that is connected to; null: whatever the host has, through a proxy where one is set. */
  readonly address: string | null;
  readonly signal: AbortSignal;
}

/** Nobody took it. */
export class PostError extends Error {
  override readonly name = "PostError";
  /** How long the other side asks to wait. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Posts, and rejects unless it was taken. No redirect is followed, and of the answer nothing but its head is read. */
export async function post({ headers, body, ...where }: Post): Promise<void> {
  const length = { "content-length": Buffer.byteLength(body) };
  const answer = await ask({ ...where, method: "POST", body, headers: { ...length, ...headers } });
  const { statusCode = 0, headers: said } = answer;
  if (statusCode >= 200 && statusCode < 300) return;
  const isMoved = statusCode >= 300 && statusCode < 400;
  const hint = isMoved ? ", which leads elsewhere: name the address that it leads to" : "";
  const waitMs = Number(said["retry-after"]) * 1_000;
  throw new PostError(`it answered ${statusCode}${hint}`, waitMs > 0 ? waitMs : 0);
}

/** Whether somebody answers there, TLS included where the address has it; whatever the answer is. Nothing is posted. */
export async function knock({ url, ...where }: Omit<Post, "headers" | "body">): Promise<void> {
  // Not the path: who gets a call at it might take it for one.
  await ask({ ...where, url: new URL("/", url).href, method: "HEAD", headers: {} });
}

interface Asked extends Omit<Post, "headers" | "body"> {
  readonly method: "POST" | "HEAD";
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string;
}

/** The head of the answer. */
function ask({ method, url: given, headers, body, address, signal }: Asked) {
  const url = new URL(given);
  const isTls = url.protocol === "https:";
  const host = bare(url.hostname);
  const options = {
    method,
    path: `${url.pathname}${url.search}`,
    host: address ?? host,
    port: url.port || (isTls ? 443 : 80),
    headers: { host: url.host, "user-agent": "Syncline", ...headers },
    signal,
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent: ClientRequest = isTls
    ? httpsRequest({
        ...options,
        ...(isIP(host) === 0 && { servername: host }),
        ...(address !== null && { agent: new HttpsAgent() }),
      })
    : httpRequest({ ...options, ...(address !== null && { agent: new HttpAgent() }) });
  sent.on("error", reject);
  sent.on("response", (answer) => {
    answer.on("error", () => {});
    answer.destroy();
    resolve(answer);
  });
  sent.end(body);
  return promise;
}
