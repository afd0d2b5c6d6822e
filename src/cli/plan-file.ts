import { readFileSync, writeFileSync } from "node:fs";
import { planDocument, type ReviewedRule, readPlanDocument } from "../engine/plan-document.ts";
import { deriveSecret, planPurpose } from "../store/derived.ts";
import { UsageError } from "./failure.ts";

/** `key`: that of the state. */
export function writePlanFile(file: string, plan: ReviewedRule, key: Uint8Array): void {
  const document = planDocument(plan, deriveSecret(key, planPurpose));
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
}

/**
 * `UsageError` for what is no plan, is one of another version, was changed since it was written, or was written with
 * another key than that of this state, which is asked for when the rest is right.
 */
export function readPlanFile(file: string, keyOf: () => Uint8Array): ReviewedRule {
  const found = readPlanDocument(parse(file), () => deriveSecret(keyOf(), planPurpose));
  if ("problem" in found) throw new UsageError(`${file} ${found.problem}`);
  return found;
}

function parse(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} can't be read: ${reason}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
