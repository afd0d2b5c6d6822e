import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandFailure } from "../failure.ts";
import { formatSpan } from "../format.ts";
import { codeOf } from "./redirect.ts";

/** A server on this machine to which the provider's page sends the browser back (RFC 8252, 7.3). */
export interface Loopback {
  readonly port: number;
  /**
   * The code that the first browser brings. `CommandFailure` when it brings another answer, or none
   * comes in time.
   */
  code(withinMs: number): Promise<string>;
  close(): void;
}

/** Listens on 127.0.0.1; port 0: any that is free. `CommandFailure` when the port can't be had. */
export async function openLoopback(port: number, state: string): Promise<Loopback> {
  const returned = Promise.withResolvers<string>();
  const server = createServer(({ method, url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
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
  });
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch (error) {
    throw unavailable(port, error);
  }
  return {
    port: (server.address() as AddressInfo).port,
    code(withinMs) {
      const timer = setTimeout(() => returned.reject(tooLate(withinMs)), withinMs);
      return returned.promise.finally(() => clearTimeout(timer));
    },
    close() {
      server.close();
      // Browsers keep connections open that they may need.
      server.closeAllConnections();
    },
  };
}

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
  if (!(error instanceof Error) || !("code" in error)) return error;
  if (error.code === "EADDRINUSE") {
    return new CommandFailure(
      `port ${port} of this machine is taken: end the program that has it, give another one with ` +
        "--port, or use --no-browser",
    );
  }
  if (error.code !== "EACCES") return error;
  return new CommandFailure(`this user may not listen on port ${port}: give --port 1024 or higher`);
}

function tooLate(withinMs: number): CommandFailure {
  return new CommandFailure(
    `the browser did not come back within ${formatSpan(withinMs)}: run the command again; if the ` +
      "provider's page showed an error, check the client id and the redirect addresses of your app",
  );
}
