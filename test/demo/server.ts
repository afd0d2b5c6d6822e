import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { createApi } from "./api.ts";
import { createEvents } from "./events.ts";
import type { Clouds, Observer } from "./observer.ts";
import { homes, rules, type Setup } from "./setup.ts";
import type { Syncline } from "./syncline.ts";

/** The pages of the demo, on loopback. */
export interface Pages {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface PagesOptions {
  readonly clouds: Clouds;
  readonly observer: Observer;
  readonly syncline: Syncline;
  readonly setup: Setup;
  /** Folder of the page's own files. */
  readonly folder: string;
  /** Or the next free one after it; 0 for any. */
  readonly port: number;
}

const views = {
  "/": "all",
  "/dropbox": "dropbox",
  "/drive": "drive",
  "/onedrive": "onedrive",
} as const;
const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Serves the pages until they are closed. */
export async function servePages(options: PagesOptions): Promise<Pages> {
  const app = createApp(options);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createApp({ clouds, observer, syncline, setup, folder }: PagesOptions): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (!isOwn(c.req.raw.headers)) return c.json({ message: "another site may not do that" }, 403);
    await next();
    return undefined;
  });
  for (const [path, view] of Object.entries(views)) {
    app.get(path, async (c) => {
      const html = await readFile(join(folder, "index.html"), "utf8");
      c.header("content-security-policy", policy);
      return c.html(html.replace('data-view="all"', `data-view="${view}"`));
    });
  }
  app.get("/page/:file{[a-z-]+\\.(css|js|svg)}", async (c) => {
    const file = c.req.param("file");
    const text = await readFile(join(folder, file), "utf8").catch(() => null);
    if (text === null) return c.notFound();
    return c.body(text, 200, { "content-type": types[extname(file)] ?? "text/plain" });
  });
  app.get("/setup", (c) =>
    c.json({ rules, homes, yaml: setup.yaml, command: syncline.serveCommand }),
  );
  app.get("/events", createEvents(clouds, observer, syncline));
  app.route("/api", createApi(clouds, observer));
  return app;
}

/** Refuses what other sites could make a browser ask for, by a name of theirs or from a page of theirs. */
function isOwn(headers: Headers): boolean {
  const host = headers.get("host") ?? "";
  const site = headers.get("sec-fetch-site") ?? "none";
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host) && /^(none|same-origin)$/.test(site);
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!taken || port >= 65_535) throw error;
    await listen(server, port + 1);
  }
}
