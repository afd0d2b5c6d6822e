import { createRoute, z } from "@hono/zod-openapi";
import { auditDocument } from "../../store/audit-document.ts";
import type { Engine } from "../engine.ts";
import { answers, createApi, instant, list } from "./kit.ts";

/** Who did what; as a file, and proven, by `syncline audit`. */

const text = z.string().nullable();
const number = z.number().int().nullable();

export const auditRow = z
  .object({
    seq: z.number().int(),
    at: instant,
    actor: z.object({
      kind: z.enum(["person", "key", "engine", "terminal", "nobody"]),
      id: z.string().optional(),
      name: text.optional(),
      of: z.string().optional().meta({ description: "The person in whose name a key acts." }),
    }),
    action: z.string(),
    rule: text,
    run: number,
    account: text,
    operation: text,
    item: text,
    parent: text,
    path: text,
    before: text.meta({ description: "The revision that gave way." }),
    after: text.meta({ description: "The revision that stands since." }),
    bytes: number,
    content: text.meta({ description: "The hash of the content: its name and value." }),
    result: z.enum(["ok", "refused", "failed", "lost"]),
    why: text,
    hash: z.string(),
  })
  .openapi("AuditRow");

const route = createRoute({
  method: "get",
  path: "/audit",
  summary: "The audit log, the newest first",
  request: {
    query: z.object({
      before: z.coerce.number().int().optional().meta({
        description: "Only those before this row: `next` of the page before.",
      }),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
  },
  responses: answers(
    z.object({
      rows: list(auditRow),
      next: number.meta({ description: "For the page after; null: this is the last." }),
    }),
    "A page of it.",
  ),
});

export function auditApi({ store: { audit } }: Engine) {
  return createApi().openapi(route, (context) => {
    const { before, limit } = context.req.valid("query");
    const found = audit.newest({ ...(before !== undefined && { before }), limit });
    const next = found.length < limit ? null : (found.at(-1)?.seq ?? null);
    return context.json({ rows: found.map(auditDocument), next }, 200);
  });
}
