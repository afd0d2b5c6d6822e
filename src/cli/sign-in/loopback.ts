import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandFailure } from "../failure.ts";
import { formatSpan } from "../format.ts";
import { codeOf } from "./redirect.ts";

/** A server on this machine to which the provider's page sends the browser back (RFC 8252, 7.3). */
export interface Loopback {
  readonly port: number;
  /** This machine by its number, as in a URL: `127.0.0.1`, and `[::1]` where it has no IPv4. */
  readonly host: string;
  /**
   * The code that the first browser brings. `CommandFailure` when it brings another answer, or none
   * comes in time.
   */
  code(withinMs: number): Promise<string>;
  close(): void;
}

/**
 * This machine, in both families: what leads to `localhost` may come by either, and nobody else shall be there to get it.
 */
const numbers = ["127.0.0.1", "::1"];
/** What systems without one of the families say. */
const lacking = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** Listens on loopback; port 0: any that is free. `CommandFailure` when the port can't be had. */
export async function openLoopback(
  port: number,
  state: string,
  hosts: readonly string[] = numbers,
): Promise<Loopback> {
  const returned = Promise.withResolvers<string>();
  const answers: RequestListener = ({ method, url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const isReturn = searchParams.has("code") || searchParams.has("error");
    if (method !== "GET" || pathname !== "/" || !isReturn) return answer(response, 404, waiting);
    try {
      const code = codeOf(searchParams, state);
      response.once("close", () => returned.resolve(code));
      answer(response, 200, received);
    } catch (error) {
      response.once("close", () => returned.reject(error));
      answer(response, 400, failed);
    }
  };
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) {
      server.close();
      // Browsers keep connections open that they may need.
      server.closeAllConnections();
    }
  };
  for (const host of hosts) {
    const server = createServer(answers);
    const wanted = servers[0] ? addressOf(servers[0]).port : port;
    try {
      await once(server.listen(wanted, host), "listening");
      servers.push(server);
    } catch (error) {
      if (lacking.includes(codeIn(error))) continue;
      close();
      throw unavailable(wanted, error);
    }
  }
  const [first] = servers;
  if (!first)
    throw new CommandFailure(`this machine is not at ${hosts.join(" or ")}: use --no-browser`);
  const { address, family, port: actual } = addressOf(first);
  return {
    port: actual,
    host: family === "IPv6" ? `[${address}]` : address,
    code(withinMs) {
      const timer = setTimeout(() => returned.reject(tooLate(withinMs)), withinMs);
      return returned.promise.finally(() => clearTimeout(timer));
    },
    close,
  };
}

const addressOf = (server: Server) => server.address() as AddressInfo;

const codeIn = (error: unknown) =>
  error instanceof Error && "code" in error ? String(error.code) : "";

const received = "Syncline has what it needs. You can close this tab and go back to the terminal.";
const failed = "This sign-in did not succeed; the terminal says why. You can close this tab.";
const waiting = "Syncline waits here for the end of a sign-in.";

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    // The address holds the code.
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(
    `<!doctype html><html lang="en"><title>Syncline</title><meta name="color-scheme" content="light dark">` +
      `<p style="font: 1.1rem system-ui; margin: 20vh auto; max-width: 32rem">${sentence}</p></html>\n`,
  );
}

function unavailable(port: number, error: unknown): unknown {
  const code = codeIn(error);
  if (code === "EADDRINUSE") {
    return new CommandFailure(
      `port ${port} of this machine is taken: end the program that has it, give another one with ` +
        "--port, or use --no-browser",
    );
  }
  if (code !== "EACCES") return error;
  return new CommandFailure(`this user may not listen on port ${port}: give --port 1024 or higher`);
}

function tooLate(withinMs: number): CommandFailure {
  return new CommandFailure(
    `the browser did not come back within ${formatSpan(withinMs)}: run the command again; if the ` +
      "provider's page showed an error, check the client id, and that your app has the redirect address above",
  );
}
