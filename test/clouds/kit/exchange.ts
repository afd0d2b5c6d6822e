import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Direction, Effect, FaultAnswer } from "./faults.ts";
import { type Network, type Pacer, pause } from "./network.ts";
import { type Answer, type CloudRequest, json, type Route, readText, text } from "./request.ts";

/** One request on its way through a stand-in. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: CloudRequest;
  readonly network: Network;
  readonly up: Pacer;
  readonly down: Pacer;
  readonly random: () => number;
  effect: Effect | null;
  bytesIn: number;
  bytesOut: number;
}

type Found = { readonly route: Route; readonly params: readonly string[] };
type Outside = Omit<Exchange, "request" | "effect" | "bytesIn" | "bytesOut">;

/** Makes the handler's view of a request; the effect is set later, and holds from then on. */
export function openExchange(outside: Outside, found: Found, signal: AbortSignal): Exchange {
  const { req } = outside;
  const body = { [Symbol.asyncIterator]: () => incoming(exchange) };
  const request: CloudRequest = {
    method: req.method ?? "GET",
    url: urlOf(req),
    headers: req.headers,
    route: found.route.name,
    params: found.params,
    body,
    text: () => readText(body),
    signal,
    get fault() {
      return exchange.effect?.type === "service" ? exchange.effect.name : null;
    },
  };
  const exchange: Exchange = { ...outside, request, effect: null, bytesIn: 0, bytesOut: 0 };
  return exchange;
}

/** Does what the request asks, or what its fault wants instead; null for no answer at all. */
export async function perform(exchange: Exchange, route: Route): Promise<Answer | null> {
  const { effect, request, network } = exchange;
  await pause(network.latencyMs / 2, request.signal);
  if (effect?.type === "reset") return null;
  if (effect?.type === "status") return faultAnswer(effect);
  if (effect?.type === "hang" && effect.afterEffect !== true) return hang(request.signal);
  const answer = await route.handle(request);
  if (effect?.type === "lost-answer" || cutOf(effect, "upload") !== Infinity) return null;
  if (effect?.type === "error-after-effect") return faultAnswer(effect);
  if (effect?.type === "hang") return hang(request.signal);
  return answer;
}

/** Sends an answer; false when the connection was cut before its end. */
export async function send(exchange: Exchange, answer: Answer): Promise<boolean> {
  const { res, request, network, effect } = exchange;
  await pause(network.latencyMs / 2, request.signal);
  if (request.signal.aborted) return false;
  const lengthBytes = lengthOf(answer);
  const length = lengthBytes === null ? {} : { "content-length": String(lengthBytes) };
  res.writeHead(answer.status, { ...answer.headers, ...length });
  const damage = damager(exchange, "download", lengthBytes);
  const cutAt = cutOf(effect, "download");
  if (cutAt !== Infinity) res.flushHeaders();
  exchange.down.begin();
  for await (const bytes of piecesOf(answer.body)) {
    const rate = rateOf(exchange, network.downloadBytesPerSecond);
    for await (const paced of exchange.down.pass(bytes, rate, request.signal)) {
      const piece = damage(paced).subarray(0, cutAt - exchange.bytesOut);
      if (!(await write(exchange, piece))) return false;
      if (exchange.bytesOut >= cutAt) return false;
    }
  }
  if (cutAt !== Infinity) return false;
  res.end();
  return true;
}

/** The address asked for; only path and query are the client's. */
export function urlOf(req: IncomingMessage): URL {
  const base = "http://stand-in";
  return URL.parse(`${base}${req.url ?? "/"}`) ?? new URL(base);
}

async function* incoming(exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { req, request, network, effect } = exchange;
  const cutAt = cutOf(effect, "upload");
  const announced = Number(req.headers["content-length"] ?? Number.NaN);
  const damage = damager(exchange, "upload", Number.isNaN(announced) ? null : announced);
  exchange.up.begin();
  // A handler that stops reading must still be able to answer, so leaving the loop keeps the connection.
  for await (const bytes of req.iterator({ destroyOnReturn: false })) {
    const rate = rateOf(exchange, network.uploadBytesPerSecond);
    for await (const paced of exchange.up.pass(bytes, rate, request.signal)) {
      const piece = damage(paced).subarray(0, cutAt - exchange.bytesIn);
      exchange.bytesIn += piece.byteLength;
      if (effect?.type === "meanwhile" && exchange.bytesIn >= announced) await effect.act();
      yield piece;
      if (exchange.bytesIn >= cutAt) throw new Error("connection cut while uploading");
    }
  }
  if (cutAt !== Infinity) throw new Error("connection cut while uploading");
}

async function write(exchange: Exchange, piece: Uint8Array): Promise<boolean> {
  const { res, request } = exchange;
  if (request.signal.aborted) return false;
  exchange.bytesOut += piece.byteLength;
  if (res.write(piece)) return true;
  // Aborted while waiting: the client is gone, which the next line tells the caller.
  await once(res, "drain", { signal: request.signal }).catch(() => undefined);
  return !request.signal.aborted;
}

async function hang(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, "abort");
  return null;
}

function faultAnswer({ status, headers, body }: FaultAnswer): Answer {
  return typeof body === "object" ? json(status, body, headers) : text(status, body ?? "", headers);
}

function rateOf({ effect }: Exchange, rate: number | null): number | null {
  return effect?.type === "slow" ? effect.bytesPerSecond : rate;
}

function cutOf(effect: Effect | null, direction: Direction): number {
  const cuts = effect?.type === "cut-body" && effect.direction === direction;
  return cuts ? effect.afterBytes : Infinity;
}

function damager(
  { effect, random }: Exchange,
  direction: Direction,
  lengthBytes: number | null,
): (piece: Uint8Array) => Uint8Array {
  if (effect?.type !== "flip-byte" || effect.direction !== direction) return (piece) => piece;
  const target = effect.at ?? Math.floor(random() * (lengthBytes ?? 1));
  let at = 0;
  return (piece) => {
    const index = target - at;
    at += piece.byteLength;
    if (index < 0 || index >= piece.byteLength) return piece;
    const damaged = Uint8Array.from(piece);
    damaged[index] = (damaged[index] ?? 0) ^ 0xff;
    return damaged;
  };
}

function lengthOf({ body, lengthBytes }: Answer): number | null {
  if (body === undefined) return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : (lengthBytes ?? null);
}

function piecesOf(body: Answer["body"]): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (body === undefined) return [];
  if (typeof body === "string") return [Buffer.from(body)];
  return body instanceof Uint8Array ? [body] : body;
}
