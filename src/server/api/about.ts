import { createRoute, z } from "@hono/zod-openapi";
import type { Engine } from "../engine.ts";
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

const patienceMs = 10_000;

export function aboutApi({ file, publicUrl, course }: Engine, version: string) {
  return createApi()
    .openapi(routes.about, (context) => {
      const { sinceMs, problems } = course();
      const configured = { since: new Date(sinceMs).toISOString(), problems: [...problems] };
      return context.json({ version, file, publicUrl, configured }, 200);
    })
    .openapi(routes.check, async (context) => context.json(await reach(publicUrl), 200));
}

async function reach(publicUrl: string | null): Promise<{ reached: boolean; message: string }> {
  if (publicUrl === null) {
    const message =
      "There is no public address. Set SYNCLINE_PUBLIC_URL to an https address that leads here, and start anew; until then changes are found by asking.";
    return { reached: false, message };
  }
  try {
    const address = `${publicUrl}/healthz`;
    const answer = await fetch(address, {
      signal: AbortSignal.timeout(patienceMs),
      redirect: "error",
    });
    if (answer.ok && (await answer.text()) === "ok\n") {
      return { reached: true, message: `${publicUrl} leads here.` };
    }
    return {
      reached: false,
      message: `${address} answers, but it is not Syncline (${answer.status}).`,
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return {
      reached: false,
      message: `${publicUrl} can't be reached from this machine: ${reason}`,
    };
  }
}
