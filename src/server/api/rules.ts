import { createRoute, z } from "@hono/zod-openapi";
import { writeRule } from "../../config/written.ts";
import { formatLocation, formatTrigger, type Rule } from "../../core/rule.ts";
import { previewRule } from "../../engine/preview-rule.ts";
import { approveHold, rejectHold } from "../../engine/review.ts";
import { type RuleStatus, ruleStatus } from "../../engine/status.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { answers, createApi, done, isDone, takes } from "./kit.ts";
import { fieldsOf, findMade, findRule, refuseTaken } from "./named.ts";
import { refuseWorking } from "./plans.ts";
import { report, rule, ruleFields, ruleName } from "./shapes.ts";

/** Rules as they are, and what people ask of them. */

const setOf = z.object({
  set: z.string().optional().meta({ description: "Only this set, as it was shown. Default: all." }),
});

const routes = {
  list: createRoute({
    method: "get",
    path: "/rules",
    summary: "All rules, and how they stand",
    responses: answers(z.object({ rules: z.array(rule) }), "In the order in which they are kept."),
  }),
  get: createRoute({
    method: "get",
    path: "/rules/{name}",
    summary: "One rule, and how it stands",
    request: ruleName,
    responses: answers(rule, "The rule."),
  }),
  yaml: createRoute({
    method: "get",
    path: "/rules/{name}/yaml",
    summary: "One rule as it would stand in a syncline.yaml",
    request: ruleName,
    responses: answers(
      z.object({
        yaml: z.string(),
        file: z.string().nullable().meta({ description: "In which it stands; null: in none." }),
      }),
      "An entry of `rules`.",
    ),
  }),
  run: createRoute({
    method: "post",
    path: "/rules/{name}/run",
    summary: "Has a rule run now",
    request: ruleName,
    responses: answers(done, "It runs, or does so when the run that is under way is over."),
  }),
  plan: createRoute({
    method: "post",
    path: "/rules/{name}/plan",
    summary: "What a run would do now; changes nothing",
    request: ruleName,
    responses: answers(report, "The plan."),
  }),
  pause: createRoute({
    method: "post",
    path: "/rules/{name}/pause",
    summary: "Lets a rule wait; what is under way is parked",
    request: ruleName,
    responses: answers(done, "It waits."),
  }),
  resume: createRoute({
    method: "post",
    path: "/rules/{name}/resume",
    summary: "Has a paused rule go on",
    request: ruleName,
    responses: answers(done, "It goes on."),
  }),
  approve: createRoute({
    method: "post",
    path: "/rules/{name}/approve",
    summary: "Lets what is held of a rule go on, once, for exactly what was shown",
    request: { ...ruleName, ...takes(setOf) },
    responses: answers(done, "The next run does it."),
  }),
  reject: createRoute({
    method: "post",
    path: "/rules/{name}/reject",
    summary: "Drops what is held of a rule: what was to be removed is put back",
    request: { ...ruleName, ...takes(setOf) },
    responses: answers(done, "The next run puts it back."),
  }),
  create: createRoute({
    method: "post",
    path: "/rules",
    summary: "Makes a rule",
    request: takes(ruleFields),
    responses: answers(rule, "The rule; it begins at once unless it is paused."),
  }),
  change: createRoute({
    method: "put",
    path: "/rules/{name}",
    summary: "Makes a rule of the dashboard another one",
    request: { ...ruleName, ...takes(ruleFields) },
    responses: answers(rule, "The rule as it is now."),
  }),
  remove: createRoute({
    method: "delete",
    path: "/rules/{name}",
    summary: "Ends a rule of the dashboard; files stay as they are at both sides",
    request: ruleName,
    responses: answers(done, "It is gone; its log stays."),
  }),
};

export function rulesApi(engine: Engine) {
  const { store } = engine;

  const factsOf = (each: Rule) => ruleFacts(each, engine);

  return createApi()
    .openapi(routes.list, (context) =>
      context.json({ rules: engine.current().config.rules.map(factsOf) }, 200),
    )
    .openapi(routes.get, (context) =>
      context.json(factsOf(findRule(context.req.valid("param").name, engine)), 200),
    )
    .openapi(routes.yaml, (context) => {
      const { name } = findRule(context.req.valid("param").name, engine);
      const { fields, inFile } = engine.current();
      const file = inFile.rules.has(name) ? engine.file : null;
      return context.json({ yaml: writeRule(fields.get(name) ?? {}), file }, 200);
    })
    .openapi(routes.run, (context) => {
      const { name } = findRule(context.req.valid("param").name, engine);
      if (!engine.wake(name, "manual")) throw isPaused(name);
      return context.json(isDone, 200);
    })
    .openapi(routes.plan, async (context) => {
      const each = findRule(context.req.valid("param").name, engine);
      refuseWorking(each, engine);
      const preview = await engine.between(each, ({ jobs, context, ...options }) =>
        previewRule(each.name, jobs, context, options),
      );
      return context.json(preview.report, 200);
    })
    .openapi(routes.pause, async (context) => {
      const { name } = findRule(context.req.valid("param").name, engine);
      await engine.change((made) => made.setPaused(name, true));
      return context.json(isDone, 200);
    })
    .openapi(routes.resume, async (context) => {
      const { name } = findRule(context.req.valid("param").name, engine);
      if (engine.current().fields.get(name)?.paused === true) throw pausedByField(name, engine);
      await engine.change((made) => made.setPaused(name, false));
      return context.json(isDone, 200);
    })
    .openapi(routes.approve, (context) => {
      const each = findRule(context.req.valid("param").name, engine);
      const { set } = context.req.valid("json");
      context.set("told", [{ item: set ?? null }]);
      approveHold(store, each, set);
      engine.wake(each.name, "decision");
      return context.json(isDone, 200);
    })
    .openapi(routes.reject, (context) => {
      const each = findRule(context.req.valid("param").name, engine);
      const { set } = context.req.valid("json");
      context.set("told", [{ item: set ?? null }]);
      rejectHold(store, each, set);
      engine.wake(each.name, "decision");
      return context.json(isDone, 200);
    })
    .openapi(routes.create, async (context) => {
      const fields = fieldsOf(context.req.valid("json"));
      context.set("told", [{ rule: fields.name }]);
      refuseTaken(fields.name, engine);
      await engine.change((made) => made.putRule(fields.name, fields));
      return context.json(factsOf(findRule(fields.name, engine)), 200);
    })
    .openapi(routes.change, async (context) => {
      const { name } = findMade(context.req.valid("param").name, engine);
      const fields = fieldsOf(context.req.valid("json"));
      if (fields.name !== name) {
        context.set("told", [{ item: fields.name }]);
        refuseTaken(fields.name, engine);
      }
      await engine.change((made) => made.putRule(fields.name, fields, name));
      return context.json(factsOf(findRule(fields.name, engine)), 200);
    })
    .openapi(routes.remove, async (context) => {
      const { name } = findMade(context.req.valid("param").name, engine);
      await engine.change((made) => {
        made.removeRule(name);
        made.setPaused(name, false);
      });
      return context.json(isDone, 200);
    });
}

/** How a rule stands. */
const statusOf = (each: Rule, { store, now }: Engine): RuleStatus =>
  ruleStatus(each, store, { nowMs: now(), running: true });

function ruleFacts(each: Rule, engine: Engine) {
  const { name, from, to, mode, triggers, paused } = each;
  const { fields, inFile } = engine.current();
  return {
    name,
    from: formatLocation(from),
    to: to.map(formatLocation),
    mode,
    on: triggers.map(formatTrigger),
    place: inFile.rules.has(name) ? ("file" as const) : ("dashboard" as const),
    paused,
    fields: fields.get(name) as z.input<typeof ruleFields>,
    status: statusOf(each, engine),
  };
}

const isPaused = (name: string) =>
  new Refused(409, {
    code: "paused",
    message: `Rule "${name}" is paused.`,
    mend: "Resume it first.",
  });

function pausedByField(name: string, engine: Engine): Refused {
  const where = engine.current().inFile.rules.has(name) ? engine.file : "its fields";
  return new Refused(409, {
    code: "paused",
    message: `Rule "${name}" says "paused: true" in ${where}.`,
    mend: "Change that.",
  });
}
