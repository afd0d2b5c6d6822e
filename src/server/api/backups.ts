import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { createRoute, z } from "@hono/zod-openapi";
import { stream } from "hono/streaming";
import type { Engine } from "../engine.ts";
import { answers, createApi, instant } from "./kit.ts";

/** Copies of the state, to be kept elsewhere. */

const routes = {
  last: createRoute({
    method: "get",
    path: "/backups",
    summary: "When the last backup was made",
    responses: answers(
      z.object({
        last: z.object({ at: instant, bytes: z.number().int() }).nullable(),
      }),
      "Null: none was, as far as this state knows.",
    ),
  }),
  download: createRoute({
    method: "get",
    path: "/backups/download",
    summary: "A backup made now, as syncline backup writes it",
    responses: {
      200: {
        description: "A SQLite database, without the key.",
        content: { "application/vnd.sqlite3": { schema: z.string() } },
      },
    },
  }),
};

export function backupsApi({ store, now }: Engine) {
  return createApi()
    .openapi(routes.last, (context) => {
      const last = store.backups.last();
      return context.json({ last: last && { ...last, at: last.at.toISOString() } }, 200);
    })
    .openapi(routes.download, async (context) => {
      // Nobody would read it, and nobody remove it after.
      if (context.req.raw.method === "HEAD") return context.body(null, 200);
      const { file, bytes } = await store.backups.make();
      const day = new Date(now()).toISOString().slice(0, 10);
      context.header("content-type", "application/vnd.sqlite3");
      context.header("content-length", String(bytes));
      context.header("content-disposition", `attachment; filename="syncline-${day}.sqlite"`);
      return stream(context, async (out) => {
        try {
          for await (const chunk of createReadStream(file)) {
            if (out.aborted) return;
            await out.write(chunk);
          }
          store.backups.record(bytes);
        } finally {
          await rm(file, { force: true });
        }
      });
    });
}
