import { z } from "@hono/zod-openapi";
import type { RuleInput } from "../../config/schema.ts";
import { verbs } from "../../core/plan.ts";
import { modes } from "../../core/rule.ts";
import { itemStates } from "../../engine/item-state.ts";
import { ruleStates } from "../../engine/status.ts";
import { warningKinds } from "../../engine/warnings.ts";
import type { StepFilter } from "../../store/activity.ts";
import { instant, list } from "./kit.ts";

/** Shapes that several parts of the API give. */

/** The fields of a rule as in a `syncline.yaml`; described by the schema of that file, see api.ts. */
export const ruleFields = z
  .custom<RuleInput>((value) => typeof value === "object" && value !== null)
  .openapi("RuleFields", { type: "object" });

/** The fields of an account as in a `syncline.yaml`. */
export const accountInput = z
  .looseObject({ provider: z.string() })
  .openapi("AccountFields", { type: "object" });

export const space = z.object({
  usedBytes: z.number().int(),
  totalBytes: z.number().int().nullable(),
});

export const side = z.enum(["from", "to"]);
export const outcome = z.enum(["in-step", "changes", "held", "failed"]);
export const count = z.number().int();

export const step = z
  .object({
    do: z.enum(verbs),
    side,
    path: z.string(),
    from: z.string().optional(),
    bytes: count,
    why: z.string(),
  })
  .openapi("Step");

export const loggedStep = z
  .object({
    ...step.shape,
    id: count,
    at: instant,
    rule: z.string(),
    run: count,
    do: z.string().meta({ description: "As in a step; a log may have words of other versions." }),
    error: z.string().nullable(),
  })
  .openapi("LoggedStep");

export const status = z
  .object({
    rule: z.string(),
    state: z.enum(ruleStates),
    why: z.string().nullable(),
    waiting: count,
    failed: count,
    linked: count,
    conflicts: count,
    held: list(z.object({ kind: z.enum(["deletes", "changes"]), items: count, why: z.string() })),
    freshness: z.object({
      oldestChangeAt: instant.nullable(),
      toCopy: z
        .object({ copies: count, medianMs: z.number(), percentile95Ms: z.number() })
        .nullable(),
    }),
    lastRun: z
      .object({
        id: count,
        trigger: z.string(),
        startedAt: instant,
        endedAt: instant.nullable(),
        outcome: outcome.nullable(),
        message: z.string().nullable(),
      })
      .nullable(),
    nextDue: z.object({ at: instant, because: z.string() }).nullable(),
  })
  .openapi("RuleStatus");

export const rule = z
  .object({
    name: z.string(),
    from: z.string(),
    to: list(z.string()),
    mode: z.enum(modes),
    on: list(z.string()),
    place: z.enum(["file", "dashboard"]).meta({
      description: "Where it stands. One of the file is changed there.",
    }),
    paused: z.boolean(),
    fields: ruleFields,
    status,
  })
  .openapi("Rule");

export const report = z
  .object({
    rule: z.string(),
    outcome,
    steps: list(step),
    totals: z.object({
      files: count,
      bytes: count,
      uploads: count,
      downloads: count,
      apiCalls: z.record(z.string(), count),
    }),
    conflicts: list(z.object({ id: z.string(), path: z.string(), why: z.string() })),
    errors: list(
      z.object({
        path: z.string(),
        message: z.string(),
        retryable: z.boolean(),
        retryAt: z.string().optional(),
      }),
    ),
  })
  .openapi("Report");

export const applyReport = report.extend({
  movedOn: list(z.string()).meta({
    description: "What has changed since the plan was made; not empty: nothing was done.",
  }),
});

export const verifyReport = z
  .object({
    rule: z.string(),
    agrees: z.boolean(),
    compared: count,
    byHash: count,
    byRead: count,
    unproven: count.meta({ description: "Neither proven nor known to differ." }),
    differences: list(
      z.object({ path: z.string(), kind: z.enum(["missing", "extra", "content", "unreadable"]) }),
    ),
  })
  .openapi("VerifyReport");

export const undoReport = report.extend({
  undoes: count.meta({ description: "The run that was to be taken back." }),
  run: count.nullable().meta({ description: "The run that did so; null: nothing was done." }),
});

export const warning = z
  .object({
    about: z.enum(warningKinds).meta({ description: "One word for programs." }),
    message: z.string(),
    mend: z.string().nullable().meta({ description: "What to do about it." }),
    count,
    some: list(z.string()).meta({ description: "A few of what it is about." }),
  })
  .openapi("Warning");

const version = z.object({
  location: z.string().nullable(),
  sizeBytes: count.nullable(),
  modifiedAt: instant.nullable(),
  revision: z.string().nullable(),
});

export const conflict = z
  .object({
    rule: z.string(),
    id: z.string(),
    path: z.string(),
    why: z.string(),
    at: instant,
    from: version,
    to: version,
    decided: z.enum(["from", "to", "both"]).nullable(),
    look: z.enum(["picture", "text"]).nullable().meta({
      description:
        "How both contents can be compared; null: they are too large, or of no such kind.",
    }),
  })
  .openapi("Conflict");

export const heldSet = z
  .object({
    rule: z.string(),
    from: z.string(),
    to: z.string(),
    kind: z.enum(["deletes", "changes"]),
    set: z.string(),
    why: z.string(),
    at: instant,
    approved: z.boolean(),
    items: list(z.object({ side, path: z.string(), bytes: count })),
  })
  .openapi("HeldSet");

export const explained = z
  .object({
    location: z.string(),
    item: z
      .object({
        kind: z.enum(["file", "folder", "native"]),
        sizeBytes: count.nullable(),
        modifiedAt: instant.nullable(),
        revision: z.string().nullable(),
        hashes: z.record(z.string(), z.string().optional()),
        changedAt: instant.nullable(),
      })
      .nullable(),
    readAt: instant.nullable(),
    rules: list(
      z.object({
        rule: z.string(),
        mode: z.enum(modes),
        destination: z.string(),
        side,
        state: z.enum(itemStates),
        why: z.string(),
        counterpart: z.string().nullable(),
        linkedAt: instant.nullable(),
        attempts: count,
      }),
    ),
    steps: list(loggedStep),
  })
  .openapi("Explanation");

export const ruleName = { params: z.object({ name: z.string() }) };

export const stepQuery = z.object({
  rule: z.string().optional(),
  run: z.coerce.number().int().optional(),
  search: z.string().max(200).optional().meta({ description: "A part of the path." }),
  do: z.string().optional(),
  result: z.enum(["done", "failed"]).optional(),
  since: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
});

/** What `GET /activity` and its export are asked for. */
export function filterOf({ result, ...query }: z.output<typeof stepQuery>) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const filter: Omit<StepFilter, "limit"> = Object.fromEntries(given);
  return { ...filter, ...(result !== undefined && { failed: result === "failed" }) };
}
