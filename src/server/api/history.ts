import { createRoute, z } from "@hono/zod-openapi";
import { parseLocation } from "../../config/values.ts";
import { explain } from "../../engine/explain.ts";
import { loggedStepOf } from "../../engine/report.ts";
import { jobOfRun, previewUndo, undoJob } from "../../engine/undo.ts";
import type { RunSummary } from "../../store/activity.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { answers, createApi, instant, list, takes, unknown } from "./kit.ts";
import {
  count,
  explained,
  filterOf,
  loggedStep,
  outcome,
  ruleName,
  stepQuery,
  undoReport,
} from "./shapes.ts";

/** What was done: runs, steps, days, and the story of one file. */

const run = z
  .object({
    id: count,
    rule: z.string(),
    trigger: z.string(),
    startedAt: instant,
    endedAt: instant.nullable(),
    outcome: outcome.nullable(),
    message: z.string().nullable(),
    undoes: count.nullable(),
    steps: count,
    failed: count,
    files: count,
    bytes: count,
  })
  .openapi("Run");

const limit = z.coerce.number().int().min(1).max(1_000).default(100);
const before = z.coerce.number().int().optional().meta({
  description: "Only those before this id: `next` of the page before.",
});
const next = count.nullable().meta({ description: "For the page after; null: this is the last." });

const routes = {
  runs: createRoute({
    method: "get",
    path: "/runs",
    summary: "Runs, the newest first",
    request: { query: z.object({ rule: z.string().optional(), before, limit }) },
    responses: answers(z.object({ runs: list(run), next }), "A page of them."),
  }),
  run: createRoute({
    method: "get",
    path: "/runs/{id}",
    summary: "One run with its steps",
    request: {
      params: z.object({ id: z.coerce.number().int() }),
      query: z.object({ before, limit }),
    },
    responses: answers(
      z.object({ run, steps: list(loggedStep), next }),
      "The newest steps first, a page of them.",
    ),
  }),
  undo: createRoute({
    method: "post",
    path: "/runs/{id}/undo",
    summary: "Takes a run back on both sides, or says what that would do",
    request: {
      params: z.object({ id: z.coerce.number().int() }),
      ...takes(
        z.object({
          plan: z.boolean().default(false).meta({ description: "Only say; change nothing." }),
        }),
      ),
    },
    responses: answers(undoReport, "What was done, or would be."),
  }),
  days: createRoute({
    method: "get",
    path: "/rules/{name}/days",
    summary: "What each day brought, for a chart",
    request: {
      ...ruleName,
      query: z.object({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    },
    responses: answers(
      z.object({
        days: list(z.object({ day: z.string(), files: count, bytes: count, failed: count })),
      }),
      "Days in UTC; those without anything are left out.",
    ),
  }),
  activity: createRoute({
    method: "get",
    path: "/activity",
    summary: "Everything that was done, the newest first",
    request: { query: stepQuery.extend({ before, limit }) },
    responses: answers(z.object({ steps: list(loggedStep), next }), "A page of it."),
  }),
  explain: createRoute({
    method: "get",
    path: "/explain",
    summary: "Everything known of one file or folder, and why it is not in step",
    request: { query: z.object({ location: z.string() }) },
    responses: answers(explained, "What is known."),
  }),
};

export function historyApi(engine: Engine) {
  const { store } = engine;

  const page = <Row extends { readonly id: number }>(rows: readonly Row[], limit: number) =>
    rows.length < limit ? null : (rows.at(-1)?.id ?? null);

  return createApi()
    .openapi(routes.runs, (context) => {
      const { rule, before, limit } = context.req.valid("query");
      const rows = store.activity.runs({
        ...(rule !== undefined && { rule }),
        ...(before !== undefined && { before }),
        limit,
      });
      return context.json({ runs: rows.map(runFacts), next: page(rows, limit) }, 200);
    })
    .openapi(routes.run, (context) => {
      const { id } = context.req.valid("param");
      const { before, limit } = context.req.valid("query");
      const found = runOf(id, engine);
      const rows = store.activity.steps({
        run: id,
        ...(before !== undefined && { before }),
        limit,
      });
      const steps = rows.map(loggedStepOf);
      return context.json({ run: runFacts(found), steps, next: page(rows, limit) }, 200);
    })
    .openapi(routes.undo, async (context) => {
      const { id } = context.req.valid("param");
      const { plan } = context.req.valid("json");
      const report = await undo(id, plan, engine);
      const { rule, run, outcome, errors } = report;
      const result = outcome === "failed" ? "failed" : outcome === "held" ? "refused" : "ok";
      const told = { rule, run, result, why: errors[0]?.message ?? null } as const;
      context.set("told", plan ? [] : [told]);
      return context.json(report, 200);
    })
    .openapi(routes.days, (context) => {
      const { name } = context.req.valid("param");
      const { days } = context.req.valid("query");
      const since = new Date(engine.now() - days * 86_400_000);
      return context.json({ days: store.activity.days(name, since) }, 200);
    })
    .openapi(routes.activity, (context) => {
      const { before, limit, ...query } = context.req.valid("query");
      const rows = store.activity.steps({
        ...filterOf(query),
        ...(before !== undefined && { before }),
        limit,
      });
      return context.json({ steps: rows.map(loggedStepOf), next: page(rows, limit) }, 200);
    })
    .openapi(routes.explain, (context) => {
      const text = context.req.valid("query").location;
      const { rules } = engine.current().config;
      const location = locationOf(text, engine);
      const told = explain(location, { store, rules, nowMs: engine.now() });
      return context.json({ ...told, steps: told.steps.map(loggedStepOf) }, 200);
    });
}

function runOf(id: number, { store }: Engine): RunSummary {
  const [found] = store.activity.runs({ before: id + 1, limit: 1 });
  if (found?.id !== id) throw unknown("run", String(id));
  return found;
}

function runFacts({ destination: _, ...rest }: RunSummary) {
  return rest;
}

async function undo(id: number, plan: boolean, engine: Engine) {
  const { rule: name } = runOf(id, engine);
  const rule = engine.current().config.rules.find((each) => each.name === name);
  if (!rule) throw unknown("rule", name);
  const run = engine.store.runs.get(id);
  return engine.between(rule, ({ jobs, context, ...hands }) => {
    const job = run && jobOfRun(run, jobs);
    if (!job) throw goneDestination(id, name);
    const options = { ...hands, undoes: id };
    return plan ? previewUndo(job, context, options) : undoJob(job, context, options);
  });
}

const goneDestination = (id: number, name: string) =>
  new Refused(409, {
    code: "gone",
    message: `Run ${id} was about a destination that rule "${name}" no longer has.`,
  });

function locationOf(text: string, engine: Engine) {
  try {
    const location = parseLocation(text);
    if (engine.current().config.accounts.has(location.account)) return location;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Refused(400, { code: "invalid", message, field: "location" });
  }
  throw unknown("account", text.slice(0, text.indexOf(":")));
}
