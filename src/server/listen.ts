import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { bare } from "../http/address.ts";
import type { Env } from "./guard.ts";

export interface Listening {
  /** `http://host:port`; the port is the real one where 0 was asked for. */
  readonly origin: string;
  /** Takes no further calls, and gives those under way a second. */
  close(): Promise<void>;
}

/** Who calls slowly may not keep a connection for ever; milliseconds. */
export interface Timeouts {
  /** Until the head of a request is there. */
  readonly headersTimeout: number;
  /** Until all of it is there. */
  readonly requestTimeout: number;
  /**
   * Between two requests. Longer than proxies keep theirs open (Caddy 2 minutes, nginx 1): one that sends a call just when
   * we close answers 502.
   */
  readonly keepAliveTimeout: number;
  /** How often Node looks who is over time; by itself it would every 30 s. */
  readonly connectionsCheckingInterval: number;
}

/** What `listen` begins with. */
export const patience: Timeouts = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 125_000,
  connectionsCheckingInterval: 1_000,
};
const graceMs = 1_000;

/** Answers on an address of this machine, of IPv6 with brackets or without. Rejects with the system's error: `EADDRINUSE`, `EACCES`, ... */
export async function listen(
  app: Pick<Hono<Env>, "fetch">,
  host: string,
  port: number,
  timeouts: Timeouts = patience,
): Promise<Listening> {
  // Requests of our own go on with the runtime's own `Request`.
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(timeouts, (request, response) => void answer(request, response));
  const name = bare(host);
  server.listen(port, name);
  await once(server, "listening");
  const { port: actual } = server.address() as AddressInfo;
  return {
    origin: `http://${name.includes(":") ? `[${name}]` : name}:${actual}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const hard = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(hard);
    },
  };
}
