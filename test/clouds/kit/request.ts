import type { IncomingHttpHeaders } from "node:http";

/** A request as a stand-in's handler sees it. */
export interface CloudRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Name of the route that matched. */
  readonly route: string;
  /** What the groups of a route's pattern matched. */
  readonly params: readonly string[];
  /** Streams, once. Rejects when the client goes away or a fault cuts it. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as UTF-8; for small ones. Rejects over 16 MiB. */
  text(): Promise<string>;
  /** Aborts when the client goes away or the stand-in closes. */
  readonly signal: AbortSignal;
  /** Name of the `service` fault that struck this request. */
  readonly fault: string | null;
}

/** What a handler gives back. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as UTF-8, an iterable is streamed. */
  readonly body?: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Gives a streamed body a Content-Length; without it the body is sent chunked. */
  readonly lengthBytes?: number;
}

/** One address of a stand-in. */
export interface Route {
  /** What faults and counters call it. */
  readonly name: string;
  readonly method: string | readonly string[];
  /** The whole path, or a pattern for it (write `^` and `$`). */
  readonly path: string | RegExp;
  handle(request: CloudRequest): Promise<Answer> | Answer;
}

/** An answer of JSON. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** An answer of plain text. */
export function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}

/** An answer that sends a browser elsewhere. */
export function redirect(location: string): Answer {
  return { status: 302, headers: { location } };
}

const maxTextBytes = 16 * 1024 * 1024;

/** A whole body as UTF-8 text. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > maxTextBytes) throw new Error(`body over ${maxTextBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
