import { createRoute, z } from "@hono/zod-openapi";
import type { Rule } from "../../core/rule.ts";
import { applyRule } from "../../engine/apply-rule.ts";
import { planDocument, readPlanDocument } from "../../engine/plan-document.ts";
import { previewRule } from "../../engine/preview-rule.ts";
import { ruleStatus } from "../../engine/status.ts";
import { verifyRule } from "../../engine/verify-rule.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { answers, createApi, takes } from "./kit.ts";
import { findRule } from "./named.ts";
import { applyReport, report, ruleName, verifyReport } from "./shapes.ts";

/** Plans that are reviewed before they are carried out, and the proof that both sides agree. */

const plan = z
  .looseObject({ synclinePlan: z.number().int(), seal: z.string(), plan: z.unknown() })
  .openapi("ReviewedPlan", {
    description:
      "What `syncline plan RULE --out FILE` writes. Only whole and unchanged it is taken.",
  });

const routes = {
  keep: createRoute({
    method: "post",
    path: "/rules/{name}/plan-file",
    summary: "What a run would do now, and the plan to be carried out exactly; changes nothing",
    request: ruleName,
    responses: answers(z.object({ report, plan }), "The plan, for people and for `apply`."),
  }),
  apply: createRoute({
    method: "post",
    path: "/rules/{name}/apply",
    summary:
      "Carries out a reviewed plan exactly; refused when anything that it touches has moved on",
    request: { ...ruleName, ...takes(z.object({ plan })) },
    responses: answers(applyReport, "What became of it."),
  }),
  verify: createRoute({
    method: "post",
    path: "/rules/{name}/verify",
    summary: "Proves that both sides of a rule agree, or lists where they differ",
    request: {
      ...ruleName,
      ...takes(
        z.object({
          read: z.number().min(0).max(1).default(0).meta({
            description: "Of the files that no hash covers, which part is read: 0 none, 1 all.",
          }),
        }),
      ),
    },
    responses: answers(verifyReport, "The proof."),
  }),
};

export function plansApi(engine: Engine) {
  const { planSecret } = engine;
  return createApi()
    .openapi(routes.keep, async (context) => {
      const rule = findRule(context.req.valid("param").name, engine);
      refuseWorking(rule, engine);
      const { report, reviewed } = await engine.between(rule, ({ jobs, context, ...options }) =>
        previewRule(rule.name, jobs, context, options),
      );
      if (report.outcome === "failed") throw notPlanned(report.errors[0]?.message ?? "");
      const madeAt = new Date(engine.now());
      const plan = planDocument({ rule: rule.name, madeAt, destinations: reviewed }, planSecret);
      return context.json({ report, plan: { ...plan } }, 200);
    })
    .openapi(routes.apply, async (context) => {
      const rule = findRule(context.req.valid("param").name, engine);
      const found = readPlanDocument(context.req.valid("json").plan, () => planSecret);
      if ("problem" in found) throw wrongPlan(`It ${found.problem}.`);
      if (found.rule !== rule.name) throw wrongPlan(`It is a plan of rule "${found.rule}".`);
      const report = await engine.between(rule, ({ jobs, context, ...options }) =>
        applyRule(rule.name, jobs, context, found.destinations, options),
      );
      const { outcome, movedOn, errors } = report;
      const result = outcome === "failed" ? "failed" : outcome === "held" ? "refused" : "ok";
      context.set("told", [{ result, why: movedOn[0] ?? errors[0]?.message ?? null }]);
      return context.json(report, 200);
    })
    .openapi(routes.verify, async (context) => {
      const rule = findRule(context.req.valid("param").name, engine);
      const { read } = context.req.valid("json");
      refuseWorking(rule, engine);
      const report = await engine.between(rule, ({ jobs, context, signal }) =>
        verifyRule(rule.name, jobs, context, { read, signal }),
      );
      return context.json(report, 200);
    });
}

/** Nobody waits here for as long as a run may take. */
export function refuseWorking(rule: Rule, { store, now }: Engine): void {
  const { state } = ruleStatus(rule, store, { nowMs: now(), running: true });
  if (state !== "working") return;
  throw new Refused(409, {
    code: "working",
    message: `A run of rule "${rule.name}" is under way.`,
    mend: "Wait until it is over.",
  });
}

const wrongPlan = (message: string) =>
  new Refused(422, { code: "invalid", message, field: "plan", mend: "Make the plan anew." });

const notPlanned = (message: string) => new Refused(409, { code: "rule", message });
