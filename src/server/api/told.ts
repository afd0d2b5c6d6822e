import { z } from "@hono/zod-openapi";
import { instant, list } from "./kit.ts";
import { count, side, status, step } from "./shapes.ts";

/** What `/events` tells, see hub.ts: `event` is a message's name, `data` its JSON. */

const nothing = z.object({});

const transfer = z.object({
  rule: z.string(),
  side,
  path: z.string(),
  bytes: count,
  sentBytes: count,
  startedAt: instant,
});

export const told = z
  .discriminatedUnion("event", [
    z
      .object({ event: z.literal("hello"), data: z.object({ transfers: list(transfer) }) })
      .meta({ description: "First of all: what is being transferred at this moment." }),
    z.object({ event: z.literal("transfer"), data: transfer }),
    z.object({
      event: z.literal("step"),
      data: z.object({
        ...step.shape,
        rule: z.string(),
        at: instant,
        state: z.enum(["done", "failed", "stale"]),
        message: z.string().optional().meta({ description: "Why it failed." }),
      }),
    }),
    z
      .object({ event: z.literal("status"), data: status })
      .meta({ description: "How a rule stands, when that has changed." }),
    z
      .object({
        event: z.literal("account"),
        data: z.object({ account: z.string(), changes: count }),
      })
      .meta({ description: "An account was read." }),
    z
      .object({ event: z.literal("changed"), data: nothing })
      .meta({ description: "Rules or accounts are others now: ask for them." }),
    z
      .object({ event: z.literal("lost"), data: nothing })
      .meta({ description: "Something was missed, for slowness: ask for all of it." }),
  ])
  .openapi("Event");
