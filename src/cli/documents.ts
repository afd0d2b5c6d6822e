import { z } from "@hono/zod-openapi";
import { modes } from "../core/rule.ts";
import { auditRow } from "../server/api/audit.ts";
import { finding } from "../server/api/doctor.ts";
import { instant, list } from "../server/api/kit.ts";
import {
  applyReport,
  conflict,
  count,
  explained,
  heldSet,
  loggedStep,
  report,
  space,
  status,
  step,
  undoReport,
  verifyReport,
} from "../server/api/shapes.ts";

/**
 * What every command prints with `--json`, in the shapes of the API where that tells the same. Fields may be added; what
 * is here stays.
 */

/** What a command prints. */
export interface Documents {
  /** One document, or one object a line. */
  readonly form: "document" | "lines";
  /** In a sentence, what it is. */
  readonly about: string;
  readonly schema: z.ZodType;
}

const one = (about: string, schema: z.ZodType): Documents => ({ form: "document", about, schema });
const lines = (about: string, schema: z.ZodType): Documents => ({ form: "lines", about, schema });

const text = z.string();
const maybe = text.nullable();
const path = z.array(z.union([text, count]));

/** Any command prints it in the place of its own, or as its last line, when it ends with 1 or 2 before it is done. */
export const failure = z.object({
  error: z.object({
    message: text,
    problems: list(
      z.object({
        file: text,
        line: count.meta({ description: "From 1." }),
        column: count.meta({ description: "From 1." }),
        message: text,
        suggestion: text.optional().meta({ description: "The nearest right word." }),
        allowed: list(text).optional(),
        path: path.optional().meta({ description: "Of the value that it is about." }),
        rules: list(text).optional().meta({ description: "That it is about." }),
        place: text.optional().meta({ description: "Where it stands when not in the file." }),
      }),
    )
      .optional()
      .meta({ description: "What is wrong in the configuration." }),
  }),
});

const openConflict = conflict.omit({ look: true });
const waiting = { conflicts: list(openConflict), held: list(heldSet) };
const withHeld = report.extend({
  held: list(heldSet).optional().meta({ description: "What waits to be approved or rejected." }),
});
const names = list(text);
const ofRule = { rule: text };
const decided = z.object({ ...ofRule });

const event = <Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) =>
  z.object({ event: z.literal(name), ...shape });
const now = { at: instant };

/** Of `watch`; those of `serve` besides. */
const watched = [
  event("done", { ...now, ...ofRule, ...step.shape }),
  event("failed", { ...now, ...ofRule, ...step.shape, message: text }),
  event("report", { ...now, ...report.shape }),
  event("held", { ...now, ...ofRule, ...waiting }),
  event("problem", { ...now, rule: text.optional(), message: text }),
  event("configured", { ...now, added: names, changed: names, removed: names }),
] as const;
const served = [
  event("listening", { origin: text, publicUrl: maybe }),
  event("set-up", {
    origin: text,
    code: text.meta({ description: "The first admin enters it on the page." }),
  }),
] as const;

const changedField = z.object({
  field: text.meta({ description: "Its path: where.smallerThan." }),
  from: z.unknown().optional().meta({ description: "Absent: it was not there." }),
  to: z.unknown().optional().meta({ description: "Absent: it is taken out." }),
});

const account = z.object({ account: text, provider: text, label: maybe });
const checked = z.object({ ok: z.boolean(), error: maybe });

/** By the command's words. */
export const documents: Readonly<Record<string, Documents>> = {
  init: one("The files that were written.", z.object({ written: names })),
  connect: one(
    "Who signed in, and the refresh token, or the file that it was written to.",
    account.extend({ refreshToken: text.optional(), written: text.optional() }),
  ),
  check: one(
    "How each account, each rule and each notification was found.",
    z.object({
      ok: z.boolean(),
      accounts: list(account.extend({ ...checked.shape, space: space.nullable() })),
      rules: list(checked.extend(ofRule)),
      notify: list(
        checked.extend({
          to: text.meta({ description: "Without what is secret of it." }),
          kind: z.enum(["mail", "webhook", "slack", "ntfy"]),
        }),
      ),
    }),
  ),
  doctor: one("All that was looked at.", z.object({ ok: z.boolean(), findings: list(finding) })),
  accounts: one(
    "The accounts.",
    z.object({ accounts: list(account.extend({ readAt: instant.nullable(), items: count })) }),
  ),
  rules: one(
    "The rules, in the words of the configuration.",
    z.object({
      rules: list(
        z.object({
          ...ofRule,
          from: text,
          to: names,
          mode: z.enum(modes),
          on: names,
          paused: z.boolean(),
        }),
      ),
    }),
  ),
  "rules apply": one(
    "How the rules of the dashboard and the file differ.",
    z.object({
      applied: z.boolean(),
      added: names,
      changed: list(z.object({ ...ofRule, fields: list(changedField) })),
      removed: names,
      left: names.meta({ description: "Not in the file, and left as they are." }),
    }),
  ),
  status: one(
    "How every rule stands.",
    z.object({
      running: z.object({ host: text, pid: count }).nullable(),
      configuration: z.object({
        problems: names.meta({ description: "Why what it says now is not in force." }),
        inForceSince: instant.nullable(),
      }),
      rules: list(status),
    }),
  ),
  plan: one("What a run would do.", withHeld),
  verify: one("Whether both sides agree.", verifyReport),
  run: lines(
    "What the run of each rule did.",
    withHeld.extend({ paused: z.literal(true).optional() }),
  ),
  watch: lines("What happens.", z.union(watched)),
  serve: lines("What happens.", z.union([...watched, ...served])),
  conflicts: one("What waits for a person.", z.object(waiting)),
  resolve: one(
    "What was decided.",
    decided.extend({ id: text, path: text, keep: z.enum(["from", "to", "both"]) }),
  ),
  approve: one("What goes on.", decided.extend({ approved: list(heldSet) })),
  reject: one("What was dropped.", decided.extend({ rejected: list(heldSet) })),
  apply: one("What became of the plan.", applyReport),
  undo: one(
    "What was put back, or would be.",
    undoReport.extend({
      rule: maybe.meta({ description: "Null: nothing of any rule can be undone." }),
      undoes: count.nullable().meta({ description: "Null: there is nothing to undo." }),
    }),
  ),
  log: one(
    "The steps, the newest last. With --follow it is one step a line.",
    z.union([z.object({ steps: list(loggedStep) }), loggedStep]),
  ),
  explain: one("All that is known of the item.", explained),
  "audit verify": one(
    "Whether the audit log is whole.",
    z.object({
      whole: z.boolean(),
      keyAtHand: z.boolean(),
      first: count.nullable(),
      last: count.nullable(),
      seals: count,
      sealed: count.meta({ description: "Up to this row it is sealed." }),
      heads: count.meta({ description: "Of those that were kept, so many it goes on from." }),
      problem: z.object({ row: count, message: text }).nullable(),
    }),
  ),
  "audit export": lines("The rows, the oldest first.", auditRow),
  "audit head": one(
    "The log's head, signed.",
    z.object({ rows: count, at: instant, hash: text, publicKey: text, signature: text }),
  ),
  backup: one(
    "The file that was written, and where the key is.",
    z.object({ backup: text, bytes: count, key: text }),
  ),
  restore: one(
    "The file that was restored, and where the former state is.",
    z.object({
      restored: text,
      kept: maybe,
      keyFits: z.boolean().optional().meta({ description: "Absent: there is no key in place." }),
    }),
  ),
  decrypt: lines(
    "Each file, and at the end their sums.",
    z.union([
      z.object({
        path: text,
        outcome: z.enum(["copied", "kept", "failed"]),
        bytes: count,
        message: text.optional(),
      }),
      z.object({
        outcome: z.enum(["done", "failed"]),
        copied: count,
        kept: count,
        failed: count,
        bytes: count,
      }),
    ]),
  ),
  "key check": one(
    "Which key the state is sealed with, and what it does not open.",
    z.object({ key: text, values: count, unopened: names }),
  ),
  "key rotate": one(
    "What was sealed anew, from which key to which.",
    z.object({
      from: text,
      to: text,
      values: count,
      secondFactors: count,
      sessionsEnded: count,
      formerKey: maybe.meta({ description: "The file that it is kept in." }),
    }),
  ),
  completion: one(
    "The script; or the names that such a script asks for.",
    z.union([
      z.object({ shell: text, script: text }),
      z.object({ rules: names }),
      z.object({ accounts: names }),
    ]),
  ),
  schema: one(
    "Which schemas there are; or the schema that was asked for.",
    z.union([
      z.object({
        schemas: list(
          z.object({ command: text, form: z.enum(["document", "lines"]), about: text }),
        ),
      }),
      z.looseObject({ $schema: text }),
    ]),
  ),
};
