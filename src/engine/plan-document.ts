import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { ItemId, Revision } from "../core/entry.ts";
import { type Step, verbs } from "../core/plan.ts";
import type { ReviewedPlan } from "./reviewed.ts";

/** A plan that a person reviews before it is carried out. */
export interface ReviewedRule {
  readonly rule: string;
  readonly madeAt: Date;
  /** One for each destination of the rule. */
  readonly destinations: readonly ReviewedPlan[];
}

/** Of the document's form: another one is refused. */
const version = 2;

const itemId = z.custom<ItemId>((value) => typeof value === "string");
const revision = z.custom<Revision>((value) => typeof value === "string");
const side = z.enum(["from", "to"]);
const kind = z.enum(["file", "folder", "native"]);
const bytes = z.number().nonnegative();
const ref = z.strictObject({ side, item: itemId });
const target = z.strictObject({
  parent: z.union([z.strictObject({ id: itemId }), z.strictObject({ step: z.string() })]),
  name: z.string(),
});
const content = { source: itemId, revision: revision.nullable(), exportAs: z.string().nullable() };
const pair = { source: itemId, target: itemId };

/** All that a plan of a rule can hold; steps that only an undo has are not among them. */
const action = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("upload"), ...content, at: target }),
  z.strictObject({
    type: z.literal("update"),
    ...content,
    target: itemId,
    targetRevision: revision,
  }),
  z.strictObject({ type: z.literal("create-folder"), source: itemId.nullable(), at: target }),
  z.strictObject({ type: z.literal("move"), target: itemId, to: target, detour: z.boolean() }),
  z.strictObject({
    type: z.literal("set-aside"),
    target: itemId,
    revision: revision.nullable(),
    to: target,
  }),
  z.strictObject({
    type: z.literal("trash"),
    target: itemId,
    revision: revision.nullable(),
    holds: z.array(itemId),
    files: z.number(),
  }),
  z.strictObject({ type: z.literal("link"), ...pair, diverged: z.boolean() }),
  z.strictObject({ type: z.literal("compare"), ...pair }),
  z.strictObject({ type: z.literal("review"), ...pair }),
  z.strictObject({ type: z.literal("skip"), isRefused: z.literal(true).exactOptional() }),
]);

const step: z.ZodType<Step> = z.strictObject({
  id: z.string(),
  do: z.enum(verbs),
  side,
  path: z.string(),
  from: z.string().exactOptional(),
  bytes,
  why: z.string(),
  unit: ref,
  after: z.array(z.string()),
  action,
});

const state = z.strictObject({
  kind,
  parent: itemId.nullable(),
  name: z.string(),
  revision: revision.nullable(),
});

const destination: z.ZodType<ReviewedPlan> = z.strictObject({
  location: z.string(),
  fingerprint: z.string(),
  accounts: z.strictObject({ from: z.string().nullable(), to: z.string().nullable() }),
  steps: z.array(step),
  items: z.array(z.strictObject({ side, id: itemId, state: state.nullable() })),
  places: z.array(
    z.strictObject({ side, parent: itemId, name: z.string(), holders: z.array(itemId) }),
  ),
});

const reviewed = z.strictObject({
  rule: z.string(),
  madeAt: z.iso.datetime().transform((text) => new Date(text)),
  destinations: z.array(destination).min(1),
});

/** Names exactly one content, which only who has the secret can do: nothing but what was reviewed is carried out. */
const sealOf = (plan: unknown, secret: string) =>
  createHmac("sha256", secret).update(JSON.stringify(plan)).digest("hex");

/** The plan as `plan --out` writes it and the API gives it, to be carried out exactly, here or there. */
export interface PlanDocument {
  readonly synclinePlan: number;
  readonly seal: string;
  readonly plan: unknown;
}

/** `secret`: of the state, for plans alone. */
export function planDocument(plan: ReviewedRule, secret: string): PlanDocument {
  return { synclinePlan: version, seal: sealOf(plan, secret), plan };
}

/**
 * The plan in a document; or what the document is, where it can't be carried out, with what to do. The secret is asked
 * for when the rest is right.
 */
export function readPlanDocument(
  value: unknown,
  secretOf: () => string,
): ReviewedRule | { readonly problem: string } {
  const given: Partial<PlanDocument> = typeof value === "object" && value !== null ? value : {};
  if (given.synclinePlan === undefined) return { problem: "is no plan of syncline plan --out" };
  if (given.synclinePlan !== version) {
    return { problem: "was written by another version of Syncline: make the plan anew" };
  }
  const parsed = reviewed.safeParse(given.plan);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue ? ` (${issue.path.join(".")}: ${issue.message})` : "";
    return { problem: `is not a plan that can be carried out${where}` };
  }
  if (isEqual(String(given.seal), sealOf(given.plan, secretOf()))) return parsed.data;
  return {
    problem:
      "was changed since it was written, or was not written with the key of this state: make the plan anew",
  };
}

function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
