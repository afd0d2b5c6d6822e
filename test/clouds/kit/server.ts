import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Exchange, openExchange, perform, send, urlOf } from "./exchange.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createRequestLog, type RequestLog, type RequestRecord } from "./log.ts";
import { createPacer, createRoom, type Network } from "./network.ts";
import { type Answer, type CloudRequest, type Route, text } from "./request.ts";

/** A stand-in's HTTP side. */
export interface CloudServer extends RequestLog {
  /** `http://127.0.0.1:PORT`; throws before the first `start`. */
  readonly origin: string;
  readonly network: Network;
  readonly faults: Faults;
  /** Listens and gives the origin; after a `close` on the same port again, with all state. */
  start(): Promise<string>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** What a service brings to its server. */
export interface CloudServerOptions {
  /** The first one that matches a request takes it. */
  readonly routes: readonly Route[];
  readonly now: () => number;
  readonly random: () => number;
  /** Default: any free one. */
  readonly port?: number;
  /** Headers of every answer, those of faults included. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** The answer where no route matches; default 404, plain text. */
  readonly notFound?: (request: CloudRequest) => Answer;
}

const idleConnectionMs = 60_000;

/** A server on loopback that answers by routes, with latency, bandwidth, faults and counters. */
export function createCloudServer(options: CloudServerOptions): CloudServer {
  const { now, random } = options;
  const log = createRequestLog();
  const faults = createFaults(random);
  const network: Network = {
    latencyMs: 0,
    uploadBytesPerSecond: null,
    downloadBytesPerSecond: null,
    requestsAtOnce: null,
  };
  const enter = createRoom(network);
  const pacers = pacersBySocket();
  const server = createServer({ keepAliveTimeout: idleConnectionMs, requestTimeout: 0 });
  let port = options.port ?? 0;
  server.on("request", async (req, res) => {
    const found = findRoute(options, req);
    const outside = { req, res, network, random, ...pacers(req.socket) };
    const exchange = openExchange(outside, found, closedSignal(res));
    const arrival = { at: new Date(now()), realMs: performance.now() };
    log.arrive(found.route.name);
    exchange.effect = faults.strike(exchange.request);
    const leave = await enter();
    log.add(await run(exchange, found.route, options.headers?.() ?? {}, arrival));
    leave();
  });
  return {
    ...log,
    faults,
    network,
    get origin() {
      if (port === 0) throw new Error("this stand-in has not been started");
      return `http://127.0.0.1:${port}`;
    },
    async start() {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      port = (server.address() as AddressInfo).port;
      return this.origin;
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Brings one exchange to its end; what it throws is told, never raised. */
async function run(
  exchange: Exchange,
  route: Route,
  headers: Readonly<Record<string, string>>,
  arrival: { readonly at: Date; readonly realMs: number },
): Promise<RequestRecord> {
  let status: number | null = null;
  let error: string | null = null;
  try {
    const answer = await perform(exchange, route);
    if (answer !== null) {
      const whole = { ...answer, headers: { ...headers, ...answer.headers } };
      if (await send(exchange, whole)) status = answer.status;
    }
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    if (canStillAnswer(exchange)) {
      if (await send(exchange, { ...text(500, error), headers })) status = 500;
    }
  }
  if (status === null) cut(exchange);
  const { request, bytesIn, bytesOut } = exchange;
  const { method, route: name } = request;
  const tookMs = performance.now() - arrival.realMs;
  return { method, route: name, status, bytesIn, bytesOut, at: arrival.at, tookMs, error };
}

function canStillAnswer({ req, res, request, effect }: Exchange): boolean {
  return !(
    request.signal.aborted ||
    req.destroyed ||
    res.headersSent ||
    effect?.type === "cut-body"
  );
}

/** A reset may throw away what was sent before it; a cut body has to arrive up to its cut. */
function cut({ req, effect }: Exchange): void {
  if (effect?.type === "cut-body") req.socket.destroySoon();
  else req.socket.resetAndDestroy();
}

function findRoute(
  { routes, notFound }: CloudServerOptions,
  req: IncomingMessage,
): { route: Route; params: readonly string[] } {
  const { pathname } = urlOf(req);
  for (const route of routes) {
    const methods = typeof route.method === "string" ? [route.method] : route.method;
    if (!methods.includes(req.method ?? "")) continue;
    if (route.path === pathname) return { route, params: [] };
    const match = typeof route.path === "string" ? null : route.path.exec(pathname);
    if (match !== null) return { route, params: match.slice(1) };
  }
  const handle = notFound ?? (() => text(404, `no such address: ${pathname}`));
  return { route: { name: "not-found", method: "GET", path: pathname, handle }, params: [] };
}

function closedSignal(res: ServerResponse): AbortSignal {
  const closed = new AbortController();
  res.once("close", () => closed.abort());
  return closed.signal;
}

function pacersBySocket(): (socket: Socket) => Pick<Exchange, "up" | "down"> {
  const known = new WeakMap<Socket, Pick<Exchange, "up" | "down">>();
  return (socket) => {
    const pacers = known.get(socket) ?? { up: createPacer(), down: createPacer() };
    known.set(socket, pacers);
    return pacers;
  };
}
