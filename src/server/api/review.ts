import { createRoute, z } from "@hono/zod-openapi";
import {
  listConflicts,
  listHolds,
  type OpenConflict,
  resolveConflict,
} from "../../engine/review.ts";
import { findVersion, readVersion } from "../../engine/version.ts";
import type { Told } from "../audited.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { answers, createApi, list, takes } from "./kit.ts";
import { lookOf, mostBytes, typeOf } from "./preview.ts";
import { conflict, heldSet, side } from "./shapes.ts";

/** What waits for a person. */

const revision = z.string().nullable();
const bytes = z.string().meta({ format: "binary" });

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
        seen: z
          .record(z.string(), z.object({ from: revision, to: revision }))
          .optional()
          .meta({ description: "By id, the revisions that were shown: only for these it counts." }),
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
  content: createRoute({
    method: "get",
    path: "/review/conflicts/{id}/content",
    summary: "What one version of a conflict holds, to be compared with the other",
    request: {
      params: z.object({ id: z.string() }),
      query: z.object({
        side,
        revision: z
          .string()
          .optional()
          .meta({ description: "As it was shown: of another one nothing is given." }),
      }),
    },
    responses: {
      200: {
        description:
          "Its bytes: of pictures up to 8 MiB, of other files up to 256 KiB. Refused when the file has changed since.",
        content: {
          "application/octet-stream": { schema: bytes },
          "image/png": { schema: bytes },
          "image/jpeg": { schema: bytes },
          "image/gif": { schema: bytes },
          "image/webp": { schema: bytes },
        },
      },
    },
  }),
};

export function reviewApi(engine: Engine) {
  const { store } = engine;
  const rules = () => engine.current().config.rules;
  return createApi()
    .openapi(routes.list, (context) => {
      const conflicts = listConflicts(store, rules()).map(shown);
      return context.json({ conflicts, held: listHolds(store, rules()) }, 200);
    })
    .openapi(routes.decide, (context) => {
      const { ids, keep, seen = {} } = context.req.valid("json");
      const open = new Map(listConflicts(store, rules()).map(({ id, rule }) => [id, rule]));
      const told: Told[] = [];
      context.set("told", told);
      const refused: { id: string; message: string }[] = [];
      const touched = new Set<string>();
      const decided = ids.filter((id) => {
        const rule = open.get(id);
        const about = { item: id, rule: rule ?? null };
        try {
          resolveConflict(store, id, keep, seen[id]);
          told.push({ ...about, why: `keep ${keep}` });
          if (rule !== undefined) touched.add(rule);
          return true;
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          refused.push({ id, message });
          told.push({ ...about, result: "refused", why: message });
          return false;
        }
      });
      for (const rule of touched) engine.wake(rule, "decision");
      return context.json({ decided, refused }, 200);
    })
    .openapi(routes.content, async (context) => {
      const { id } = context.req.valid("param");
      const { side, revision } = context.req.valid("query");
      const found = findVersion(store, rules(), id, side);
      const { name, sizeBytes } = found.entry;
      if (revision !== undefined && revision !== found.entry.revision) throw otherVersion(name);
      const type = typeOf(name);
      if (sizeBytes === null) throw noBytes(name);
      if (sizeBytes > mostBytes(type)) throw tooLarge(name, mostBytes(type));
      const headers = {
        "content-type": type,
        "content-length": String(sizeBytes),
        // Never a page of ours, whatever is in it; the name would only be one more thing to trust.
        "content-disposition": "attachment",
      };
      if (context.req.method === "HEAD") return context.body(null, 200, headers);
      const account = engine.account(found.account);
      const { signal } = context.req.raw;
      const stream = await readVersion(found, account, engine.context, signal);
      return context.body(stream, 200, headers);
    });
}

const shown = (conflict: OpenConflict) => ({ ...conflict, look: lookOf(conflict) });

const otherVersion = (name: string) =>
  new Refused(409, {
    code: "moved-on",
    message: `“${name}” is at another version than the one that you were shown.`,
    mend: "Look at the conflict again.",
  });

const noBytes = (name: string) =>
  new Refused(422, {
    code: "no-content",
    message: `“${name}” exists only inside its service, and has no content that could be shown here.`,
    mend: "Open it there.",
  });

const tooLarge = (name: string, bytes: number) =>
  new Refused(413, {
    code: "too-large",
    message: `“${name}” is too large to be shown: at most ${bytes / 1024} KiB are.`,
    mend: "Open it where it is stored.",
  });
