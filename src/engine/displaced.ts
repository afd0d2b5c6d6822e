import { createHash } from "node:crypto";
import type { Entry } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { conflictName, numbered, sameName } from "../core/names.ts";
import { otherSide } from "../core/plan.ts";
import type { Target, Version, Written } from "../core/provider.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";
import type { IntendedStep, RescueIntent } from "./intent.ts";

/** A replacement that was made, as far as its step and its answer tell. */
export interface Made {
  readonly step: IntendedStep;
  readonly written: Written;
  /** Modified time of what was sent. */
  readonly sentModifiedAtMs: number | null;
}

/**
 * What a replacement displaced unseen: somebody saved it between our last look and the end of our upload. None for
 * what is new, nor where the service refuses to tell, as where it keeps no versions: there is nothing to bring back.
 */
export async function displacedBy(
  { provider }: EngineAccount,
  target: Target,
  written: Written,
): Promise<readonly Version[]> {
  if (target.type === "new" || written.direct || written.revision === null) return [];
  const { id, revision } = target;
  if (revision === written.revision) return [];
  try {
    return (await provider.displaced?.({ id, revision, written: written.revision })) ?? [];
  } catch (error) {
    if (!isProviderError(error) || error.retryable || error.failure === "unauthorized") throw error;
    return [];
  }
}

/**
 * Writes down what is to become of displaced versions, in the transaction that records their replacement, so that a
 * kill loses none: they are brought back beside, as a conflict would have had them, or it is told that the rule has
 * them give way.
 */
export function noteDisplaced(
  job: Job,
  { store, clock, newId }: EngineContext,
  { step, written, sentModifiedAtMs }: Made,
  displaced: readonly Version[],
): void {
  const { undoes, ...plain } = step;
  for (const version of displaced) {
    const says = undoes ? null : givesWayBy(job, step, version, sentModifiedAtMs);
    const name = nameOf(job[step.side], written, version, clock.now());
    const isKept = says === null && written.parent !== null;
    const told = isKept
      ? { path: besides(step.path, name), from: step.path, bytes: version.sizeBytes ?? 0 }
      : { path: step.path, bytes: 0 };
    const why = `it was saved while it was being replaced; ${says ?? "both are kept"}`;
    const { revision, sizeBytes, hashes, modifiedAt } = version;
    const body = {
      type: "rescue",
      step: { ...plain, ...told, do: "conflict", why },
      before: null,
      of: written.id,
      version: { revision, sizeBytes, hashes, modifiedAtMs: modifiedAt?.getTime() ?? null },
      at: isKept && written.parent !== null ? { parent: written.parent, name } : null,
    } satisfies RescueIntent & { readonly step: IntendedStep; readonly before: null };
    const { id: destination } = job.destination;
    store.intents.open({ id: newId(), destination, item: step.unit.item, body });
  }
}

/** The rule's words by which such a version would have given way had it been seen; null: it would not. */
function givesWayBy(
  { rule }: Job,
  { side }: IntendedStep,
  { modifiedAt }: Version,
  sentModifiedAtMs: number | null,
): string | null {
  if (rule.mode === "mirror") return "the destination becomes what the source is";
  const isOlder =
    modifiedAt !== null && sentModifiedAtMs !== null && modifiedAt.getTime() < sentModifiedAtMs;
  const givesWay = rule.conflict === "newest" ? isOlder : rule.conflict === otherSide(side);
  return givesWay ? `"conflict: ${rule.conflict}"` : null;
}

/** A function of the version, so that a repeated attempt finds its own copy. */
function nameOf(
  { name: label, provider }: EngineAccount,
  { id, name }: Entry,
  { revision, modifiedAt }: Version,
  nowMs: number,
): string {
  const { names } = provider.traits;
  const hash = createHash("sha256").update(`${id}\0${revision}`).digest("hex");
  const wanted = conflictName(name, { label, at: modifiedAt ?? new Date(nowMs), hash }, names);
  return sameName(wanted, name, names) ? numbered(wanted, 2, names) : wanted;
}

const besides = (path: string, name: string) => path.slice(0, path.lastIndexOf("/") + 1) + name;
