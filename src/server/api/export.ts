import { createRoute, z } from "@hono/zod-openapi";
import { stream } from "hono/streaming";
import { csvCell } from "../../core/csv.ts";
import { loggedStepOf } from "../../engine/report.ts";
import type { StepFilter } from "../../store/activity.ts";
import type { StepRow } from "../../store/runs.ts";
import type { Engine } from "../engine.ts";
import { createApi } from "./kit.ts";
import { filterOf, stepQuery } from "./shapes.ts";

/** All that was done, as a file. */

const pageSteps = 1_000;

const route = createRoute({
  method: "get",
  path: "/activity/export",
  summary: "Everything that was done, as a file, the newest first",
  request: { query: stepQuery.extend({ format: z.enum(["csv", "json"]).default("csv") }) },
  responses: {
    200: {
      description: "CSV with a line of names, or JSON Lines.",
      content: {
        "text/csv": { schema: z.string() },
        "application/jsonl": { schema: z.string() },
      },
    },
  },
});

export function exportApi({ store }: Engine) {
  return createApi().openapi(route, (context) => {
    const { format, ...query } = context.req.valid("query");
    const type = format === "csv" ? "text/csv" : "application/jsonl";
    const end = format === "csv" ? "csv" : "jsonl";
    context.header("content-type", `${type}; charset=utf-8`);
    context.header("content-disposition", `attachment; filename="syncline-activity.${end}"`);
    const line = format === "csv" ? csvLine : jsonLine;
    return stream(context, async (out) => {
      if (format === "csv") await out.write(`${columns.join(",")}\r\n`);
      for (const page of pages(filterOf(query), store.activity)) {
        if (out.aborted) return;
        await out.write(page.map(line).join(""));
      }
    });
  });
}

/** Read one by one, so that a log of any length takes little memory. */
function* pages(
  filter: Omit<StepFilter, "limit">,
  { steps }: Engine["store"]["activity"],
): Generator<StepRow[]> {
  let before: number | undefined;
  for (;;) {
    const rows = steps({ ...filter, ...(before !== undefined && { before }), limit: pageSteps });
    if (rows.length > 0) yield rows;
    if (rows.length < pageSteps) return;
    before = rows.at(-1)?.id;
  }
}

const columns = [
  "at",
  "rule",
  "run",
  "do",
  "side",
  "path",
  "from",
  "bytes",
  "why",
  "error",
] as const;

const jsonLine = (row: StepRow) => `${JSON.stringify(loggedStepOf(row))}\n`;

function csvLine(row: StepRow): string {
  const step = loggedStepOf(row);
  return `${columns.map((name) => csvCell(step[name] ?? "")).join(",")}\r\n`;
}
