import { createRoute, z } from "@hono/zod-openapi";
import type { Engine } from "../engine.ts";
import { reach } from "../reach.ts";
import { answers, createApi, instant, list } from "./kit.ts";

/** This installation. */

const routes = {
  about: createRoute({
    method: "get",
    path: "/about",
    summary: "Which version this is, and how it is reached",
    responses: answers(
      z.object({
        version: z.string(),
        file: z.string().meta({ description: "The configuration file." }),
        publicUrl: z.string().nullable().meta({
          description: "Under which services call; null: changes are found by asking.",
        }),
        configured: z.object({
          since: instant.meta({ description: "When these rules came into force." }),
          problems: list(z.string()).meta({
            description: "Why what the configuration says now is not in force; empty: it is.",
          }),
        }),
      }),
      "What is known.",
    ),
  }),
  check: createRoute({
    method: "post",
    path: "/about/address",
    summary: "Whether the public address leads here",
    responses: answers(
      z.object({ reached: z.boolean(), message: z.string() }),
      "As seen from this machine.",
    ),
  }),
};

export function aboutApi({ file, publicUrl, course, itself }: Engine, version: string) {
  return createApi()
    .openapi(routes.about, (context) => {
      const { sinceMs, problems } = course();
      const configured = { since: new Date(sinceMs).toISOString(), problems: [...problems] };
      return context.json({ version, file, publicUrl, configured }, 200);
    })
    .openapi(routes.check, async (context) => context.json(await reach(publicUrl, itself), 200));
}
