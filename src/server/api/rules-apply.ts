import { createRoute, z } from "@hono/zod-openapi";
import { rulesDifference } from "../../config/rules-difference.ts";
import { type RulesFile, readRulesFile } from "../../config/rules-file.ts";
import type { UnionProblem } from "../../config/union.ts";
import { revisionOf, rulesOf, turnOf, turnRules } from "../../store/rules-turn.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { answers, createApi, list, takes } from "./kit.ts";
import { inFile } from "./named.ts";
import { ruleFields } from "./shapes.ts";

/** All rules of the dashboard at once, as syncline rules apply does. */

const given = {
  rules: z.union([z.string().max(1_000_000), list(ruleFields)]).meta({
    description: "As YAML or JSON: a list of rules, or what holds one under `rules`.",
  }),
  prune: z.boolean().default(false).meta({
    description: "Whether rules that are not named are taken out.",
  }),
};

const difference = {
  added: list(z.string()),
  changed: list(
    z.object({
      rule: z.string(),
      fields: list(
        z.object({
          field: z.string().meta({ description: "Its path, such as `where.smallerThan`." }),
          from: z.unknown().optional().meta({ description: "Absent: it is not there." }),
          to: z.unknown().optional(),
        }),
      ),
    }),
  ),
  removed: list(z.string()),
  left: list(z.string()).meta({ description: "Not named, and left as they are." }),
};

const routes = {
  compare: createRoute({
    method: "post",
    path: "/rules/compare",
    summary: "What would become of the dashboard's rules; changes nothing",
    request: takes(z.object(given)),
    responses: answers(
      z.object({
        ...difference,
        revision: z.string().meta({ description: "Of the rules as they are: for `apply`." }),
      }),
      "The difference; all of the rules are right.",
    ),
  }),
  apply: createRoute({
    method: "post",
    path: "/rules/apply",
    summary: "Makes the dashboard's rules those that are sent; all of it or nothing",
    request: takes(
      z.object({
        ...given,
        revision: z.string().optional().meta({
          description: "Of a comparison: refused when somebody has changed a rule since.",
        }),
      }),
    ),
    responses: answers(
      z.object({ applied: z.boolean(), ...difference }),
      "What was changed; `applied` is false where nothing had to be.",
    ),
  }),
};

export function rulesApplyApi(engine: Engine) {
  const { made } = engine.store;

  /** What is asked for, with what there is; `Refused` where any of it is wrong. */
  function asked({ rules, prune }: { rules: string | readonly object[]; prune: boolean }) {
    const file = read(typeof rules === "string" ? rules : JSON.stringify(rules));
    const former = rulesOf(made);
    const { next, left } = turnOf(former, file.rules, prune);
    const { inFile: standing } = engine.current();
    const taken = [...file.rules.keys()].find((name) => standing.rules.has(name));
    if (taken !== undefined) throw inFile(`Rule "${taken}"`, engine);
    return { file, former, next, facts: { ...rulesDifference(former, next), left } };
  }

  return createApi()
    .openapi(routes.compare, async (context) => {
      const { file, former, next, facts } = asked(context.req.valid("json"));
      await located(file, () => engine.draft((edited) => void turnRules(edited, former, next)));
      return context.json({ ...facts, revision: revisionOf(former) }, 200);
    })
    .openapi(routes.apply, async (context) => {
      const body = context.req.valid("json");
      context.set("told", []);
      const { file, former, next, facts } = asked(body);
      if (body.revision !== undefined && body.revision !== revisionOf(former)) throw movedOn();
      const { left: _, ...difference } = facts;
      if (Object.values(difference).every((names) => names.length === 0)) {
        return context.json({ applied: false, ...facts }, 200);
      }
      await located(file, () =>
        engine.change((edited) => {
          const turned = turnRules(edited, former, next);
          if (!turned) throw movedOn();
          context.set(
            "told",
            turned.map((each) => ({ ...each, why: "rules apply" })),
          );
        }),
      );
      return context.json({ applied: true, ...facts }, 200);
    });
}

function read(text: string): RulesFile {
  const found = readRulesFile(text, "rules");
  if (!("problems" in found)) return found;
  const { message = "It is not right.", line } = found.problems[0] ?? {};
  throw new Refused(422, { code: "invalid", message, field: "rules", ...(line && { line }) });
}

/** What is wrong of one of the rules that were sent is told with its line there. */
async function located<T>(file: RulesFile, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const told = error instanceof Refused ? (error.cause as UnionProblem | undefined) : undefined;
    if (!(error instanceof Refused) || told?.made?.kind !== "rule") throw error;
    const { line } = file.locate(told);
    const message = `Rule "${told.made.name}": ${error.problem.message}`;
    throw new Refused(error.status, { ...error.problem, message, line });
  }
}

const movedOn = () =>
  new Refused(409, {
    code: "moved-on",
    message: "Somebody has changed the rules meanwhile.",
    mend: "Compare again.",
  });
