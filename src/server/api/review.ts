import { createRoute, z } from "@hono/zod-openapi";
import { listConflicts, listHolds, resolveConflict } from "../../engine/review.ts";
import type { Engine } from "../engine.ts";
import { answers, createApi, list, takes } from "./kit.ts";
import { conflict, heldSet } from "./shapes.ts";

/** What waits for a person. */

const routes = {
  list: createRoute({
    method: "get",
    path: "/review",
    summary: "Conflicts to be decided, and what guards hold",
    responses: answers(
      z.object({ conflicts: list(conflict), held: list(heldSet) }),
      "What was decided and no run has carried out yet is marked so.",
    ),
  }),
  decide: createRoute({
    method: "post",
    path: "/review/conflicts",
    summary: "Decides conflicts, one or many; the next run carries it out",
    request: takes(
      z.object({
        ids: z.array(z.string()).min(1).max(1_000),
        keep: z.enum(["from", "to", "both"]),
      }),
    ),
    responses: answers(
      z.object({
        decided: list(z.string()),
        refused: list(z.object({ id: z.string(), message: z.string() })),
      }),
      "Each by itself: what has changed meanwhile is refused, with the reason.",
    ),
  }),
};

export function reviewApi(engine: Engine) {
  const { store } = engine;
  const rules = () => engine.current().config.rules;
  return createApi()
    .openapi(routes.list, (context) => {
      const conflicts = listConflicts(store, rules());
      return context.json({ conflicts, held: listHolds(store, rules()) }, 200);
    })
    .openapi(routes.decide, (context) => {
      const { ids, keep } = context.req.valid("json");
      const open = new Map(listConflicts(store, rules()).map(({ id, rule }) => [id, rule]));
      const refused: { id: string; message: string }[] = [];
      const touched = new Set<string>();
      const decided = ids.filter((id) => {
        try {
          resolveConflict(store, id, keep);
          const rule = open.get(id);
          if (rule !== undefined) touched.add(rule);
          return true;
        } catch (error) {
          refused.push({ id, message: error instanceof Error ? error.message : String(error) });
          return false;
        }
      });
      for (const rule of touched) engine.wake(rule, "decision");
      return context.json({ decided, refused }, 200);
    });
}
