import { createRoute, z } from "@hono/zod-openapi";
import { openDocument } from "../../config/document.ts";
import { ValueError } from "../../config/units.ts";
import { parseTimeZone, parseTrigger } from "../../config/values.ts";
import { linesIn, writeRule } from "../../config/written.ts";
import { nextTimes } from "../../engine/time.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { answers, createApi, instant, list, takes, unknown } from "./kit.ts";
import { fieldsOf, findMade, refuseTaken } from "./named.ts";
import { report, ruleFields, warning } from "./shapes.ts";

/** What helps with a rule that is being written; none of it changes anything. */

const lines = z.record(z.string(), z.number().int()).meta({
  description: "On which line each field stands, by its path, such as `where.smallerThan`.",
});

const routes = {
  preview: createRoute({
    method: "post",
    path: "/rules/preview",
    summary: "What a rule would be about that nobody has made yet; changes nothing",
    request: takes(
      z.object({
        fields: ruleFields,
        former: z
          .string()
          .optional()
          .meta({ description: "The rule that it would take the place of." }),
      }),
    ),
    responses: answers(
      z.object({
        matching: z.object({
          files: z.number().int(),
          bytes: z.number().int(),
          some: list(z.string()),
          others: z.number().int(),
        }),
        first: report.nullable(),
        warnings: list(warning),
      }),
      "The files that match, and what a first run would do; `first` is null where that is too much.",
    ),
  }),
  parse: createRoute({
    method: "post",
    path: "/rules/parse",
    summary: "The fields of a rule that is written as YAML",
    request: takes(z.object({ yaml: z.string().max(100_000) })),
    responses: answers(
      z.object({ fields: ruleFields, lines }),
      "As they were written; not yet checked.",
    ),
  }),
  write: createRoute({
    method: "post",
    path: "/rules/write",
    summary: "The YAML of a rule that is given as fields",
    request: takes(z.object({ fields: ruleFields })),
    responses: answers(z.object({ yaml: z.string(), lines }), "An entry of `rules`."),
  }),
  times: createRoute({
    method: "post",
    path: "/rules/times",
    summary: "When triggers wake a rule next",
    request: takes(
      z.object({
        on: z.array(z.string().max(200)).max(20),
        timezone: z.string().optional().meta({ description: "Default: that of the file." }),
      }),
    ),
    responses: answers(
      z.object({
        timezone: z.string(),
        triggers: list(
          z.object({
            trigger: z.string(),
            next: list(instant).meta({ description: "Of a cron line; empty for all others." }),
            problem: z.string().nullable(),
          }),
        ),
      }),
      "In the order in which they were given.",
    ),
  }),
};

/** How many of the next times are told. */
const fewTimes = 3;

export function draftsApi(engine: Engine) {
  return createApi()
    .openapi(routes.preview, async (context) => {
      const { fields: given, former } = context.req.valid("json");
      const fields = fieldsOf(given);
      if (former === undefined) refuseTaken(fields.name, engine);
      else findMade(former, engine);
      const { config, doubts } = engine.draft((made) => made.putRule(fields.name, fields, former));
      const draft = config.rules.find(({ name }) => name === fields.name);
      if (!draft) throw unknown("rule", fields.name);
      const told = doubts
        .filter(({ rules }) => rules.includes(draft.name))
        .map(({ message }) => ({
          about: "rules" as const,
          message,
          mend: null,
          count: 0,
          some: [],
        }));
      const seen = await engine.preview(draft, context.req.raw.signal);
      return context.json({ ...seen, warnings: [...told, ...seen.warnings] }, 200);
    })
    .openapi(routes.parse, (context) => {
      const { fields, lines } = writtenFields(context.req.valid("json").yaml);
      return context.json({ fields: fields as z.input<typeof ruleFields>, lines }, 200);
    })
    .openapi(routes.write, (context) => {
      const yaml = writeRule({ ...context.req.valid("json").fields });
      return context.json({ yaml, lines: linesIn(openDocument(yaml)) }, 200);
    })
    .openapi(routes.times, (context) => {
      const { on, timezone } = context.req.valid("json");
      const zone = timezone === undefined ? engine.current().config.timeZone : zoneOf(timezone);
      const triggers = on.map((trigger) => ({ trigger, ...comingOf(trigger, zone, engine.now()) }));
      return context.json({ timezone: zone ?? machineZone(), triggers }, 200);
    });
}

interface Coming {
  readonly next: readonly string[];
  readonly problem: string | null;
}

function zoneOf(text: string): string {
  try {
    return parseTimeZone(text);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new Refused(422, { code: "invalid", message: error.message, field: "timezone" });
  }
}

const machineZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

function comingOf(text: string, zone: string | null, nowMs: number): Coming {
  try {
    const next = nextTimes(parseTrigger(text), zone, nowMs, fewTimes);
    return { next: next.map((at) => at.toISOString()), problem: null };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return { next: [], problem: error.message };
  }
}

/** One rule, alone or as the one entry of a list. */
function writtenFields(yaml: string) {
  const document = openDocument(yaml);
  const { syntax, value } = document;
  const [wrong] = syntax;
  if (wrong) {
    const { line, message } = wrong;
    throw new Refused(422, {
      code: "invalid",
      message: `Line ${line}: ${message}`,
      field: "yaml",
      line,
    });
  }
  const [one, ...more] = Array.isArray(value) ? value : [value];
  if (typeof one === "object" && one !== null && !Array.isArray(one) && more.length === 0) {
    return { fields: one as object, lines: linesIn(document) };
  }
  throw new Refused(422, {
    code: "invalid",
    message: "This is not one rule.",
    field: "yaml",
    mend: "Write its fields, one a line: name, from, to, ...",
    line: 1,
  });
}
