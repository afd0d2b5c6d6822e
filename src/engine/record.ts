import type { StepEffect } from "../core/effect.ts";
import type { Store } from "../store/open.ts";
import type { IntendedStep } from "./intent.ts";

/** What was done, or failed, for the log. */
export interface Recorded {
  readonly run: number;
  readonly rule: string;
  readonly step: IntendedStep;
  /** That were really moved. */
  readonly bytes: number;
  /** Null: it changed nothing at either side. */
  readonly effect: StepEffect | null;
  /** Null: it was done. */
  readonly error: string | null;
}

export function recordStep(
  store: Store,
  { run, rule, step, bytes, effect, error }: Recorded,
): void {
  const { do: verb, side, path, from, why, unit, undoes } = step;
  store.runs.record({
    run,
    rule,
    do: verb,
    side,
    path,
    fromPath: from ?? null,
    unit,
    bytes,
    why,
    error,
    effect: effect && { ...effect, ...(undoes && { undoes }) },
  });
}
