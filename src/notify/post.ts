import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from "node:http";
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
export function post({ url: given, headers, body, address, signal }: Post): Promise<void> {
  const url = new URL(given);
  const isTls = url.protocol === "https:";
  const host = bare(url.hostname);
  const options = {
    method: "POST",
    path: `${url.pathname}${url.search}`,
    host: address ?? host,
    port: url.port || (isTls ? 443 : 80),
    headers: {
      host: url.host,
      "content-length": Buffer.byteLength(body),
      "user-agent": "Syncline",
      ...headers,
    },
    signal,
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sent: ClientRequest = isTls
    ? httpsRequest({
        ...options,
        ...(isIP(host) === 0 && { servername: host }),
        ...(address !== null && { agent: new HttpsAgent() }),
      })
    : httpRequest({ ...options, ...(address !== null && { agent: new HttpAgent() }) });
  sent.on("error", reject);
  sent.on("response", (answer) => {
    const { statusCode = 0, headers } = answer;
    answer.on("error", () => {});
    answer.destroy();
    if (statusCode >= 200 && statusCode < 300) return resolve();
    const isMoved = statusCode >= 300 && statusCode < 400;
    const hint = isMoved ? ", which leads elsewhere: name the address that it leads to" : "";
    const waitMs = Number(headers["retry-after"]) * 1_000;
    reject(new PostError(`it answered ${statusCode}${hint}`, waitMs > 0 ? waitMs : 0));
  });
  sent.end(body);
  return promise;
}
