import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { ItemId, Revision } from "../core/entry.ts";
import { type Step, verbs } from "../core/plan.ts";
import type { ReviewedPlan } from "../engine/reviewed.ts";
import { deriveSecret } from "../store/derived.ts";
import { UsageError } from "./failure.ts";

/** A plan that a person reviews before it is carried out, as `plan --out` writes it. */
export interface PlanFile {
  readonly rule: string;
  readonly madeAt: Date;
  /** One for each destination of the rule. */
  readonly destinations: readonly ReviewedPlan[];
}

/** Of the file's form: another one is refused. */
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
  z.strictObject({ type: z.literal("skip") }),
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

const document = z.strictObject({
  rule: z.string(),
  madeAt: z.iso.datetime().transform((text) => new Date(text)),
  destinations: z.array(destination).min(1),
});

/** Names exactly one content, which only who has the key can do: nothing but what was reviewed is carried out. */
const sealOf = (plan: unknown, key: Uint8Array) =>
  createHmac("sha256", deriveSecret(key, "plan")).update(JSON.stringify(plan)).digest("hex");

/** `key`: that of the state. */
export function writePlanFile(file: string, plan: PlanFile, key: Uint8Array): void {
  const head = { synclinePlan: version, seal: sealOf(plan, key) };
  writeFileSync(file, `${JSON.stringify({ ...head, plan }, null, 2)}\n`);
}

/**
 * `UsageError` for what is no plan, is one of another version, was changed since it was written, or was written with
 * another key than that of this state, which is asked for when the rest is right.
 */
export function readPlanFile(file: string, keyOf: () => Uint8Array): PlanFile {
  const { synclinePlan, seal, plan } = parse(file);
  if (synclinePlan === undefined) throw new UsageError(`${file} is no plan of syncline plan --out`);
  if (synclinePlan !== version) {
    throw new UsageError(`${file} was written by another version of Syncline: make the plan anew`);
  }
  const parsed = document.safeParse(plan);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue ? ` (${issue.path.join(".")}: ${issue.message})` : "";
    throw new UsageError(`${file} is not a plan that can be carried out${where}`);
  }
  if (!isEqual(String(seal), sealOf(plan, keyOf()))) {
    throw new UsageError(
      `${file} was changed since it was written, or was not written with the key of this state: make the plan anew`,
    );
  }
  return parsed.data;
}

function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

interface Envelope {
  readonly synclinePlan?: unknown;
  readonly seal?: unknown;
  readonly plan?: unknown;
}

function parse(file: string): Envelope {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} can't be read: ${reason}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
