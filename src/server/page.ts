import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Context } from "hono";
import { say } from "./answer.ts";
import type { Env } from "./guard.ts";

/** The dashboard's page as it was built, ready to be sent. */
export interface Page {
  /** `/` */
  readonly index: (context: Context<Env>) => Response;
  /** `/assets/NAME`: named by their content, and so never another. */
  readonly asset: (context: Context<Env>) => Response;
}

interface Sent {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Reads the files once. Where they were not built, the page says so. */
export function loadPage(): Page {
  const folder = pageFolder();
  const read = (...path: string[]) => (folder === null ? null : sent(join(folder, ...path)));
  const index = read("index.html");
  const names = folder === null ? [] : readdirSync(join(folder, "assets"));
  const assets = new Map(names.map((name) => [name, read("assets", name)]));
  return {
    index(context) {
      if (index) return answer(context, index, "no-cache");
      return say(context, 503, "The dashboard was not built: run npm run build.\n");
    },
    asset(context) {
      const found = assets.get(context.req.param("name") ?? "");
      if (found) return answer(context, found, "public, max-age=31536000, immutable");
      return say(context, 404, "There is nothing at this address.\n");
    },
  };
}

function sent(file: string): Sent | null {
  const type = types[extname(file)];
  if (type === undefined) return null;
  const plain = new Uint8Array(readFileSync(file));
  return { type, plain, zipped: new Uint8Array(gzipSync(plain, { level: 9 })) };
}

function answer(context: Context<Env>, { type, plain, zipped }: Sent, cache: string): Response {
  const isZipped = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
  return context.body(isZipped ? zipped : plain, 200, {
    "content-type": type,
    "cache-control": cache,
    vary: "accept-encoding",
    ...(isZipped && { "content-encoding": "gzip" }),
  });
}

/** Beside the bundle, or in `dist` as seen from the sources; null: it was not built. */
function pageFolder(): string | null {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    for (const folder of [join(at, "dashboard"), join(at, "dist/dashboard")]) {
      if (existsSync(join(folder, "assets"))) return folder;
    }
    if (at === dirname(at)) return null;
  }
}
