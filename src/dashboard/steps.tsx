import { useComputed, useSignal } from "@preact/signals";
import { formatAgo, formatBytes, formatTime } from "./format.ts";
import { More } from "./parts.tsx";
import { nowMs, rules } from "./state.ts";
import { namesOf, sayStep, signOf, type Tense } from "./words.ts";

export interface StepLine {
  readonly do: string;
  readonly side: "from" | "to";
  readonly path: string;
  readonly from?: string | undefined;
  readonly bytes: number;
  readonly why: string;
  readonly error?: string | null;
  readonly at?: string;
  readonly rule?: string;
}

export interface StepsProps {
  readonly steps: readonly StepLine[];
  /** Of which all of them are; default: each says it. */
  readonly rule?: string;
  /** Whether they are still to be done. */
  readonly planned?: boolean;
}

const shownAtOnce = 200;

/** Steps, one a row, in full. */
export function Steps({ steps, rule, planned = false }: StepsProps) {
  const most = useSignal(shownAtOnce);
  const more = steps.length - most.value;
  return (
    <>
      <ul class="steps">
        {steps.slice(0, most.value).map((step, at) => (
          <li key={at} class="step" data-do={step.error ? "failed" : step.do}>
            <StepSign step={step} />
            <div class="what">
              <StepPath step={step} />
              <StepWords step={rule === undefined ? step : { ...step, rule }} planned={planned} />
            </div>
            <StepFacts step={step} />
          </li>
        ))}
      </ul>
      <More
        count={more}
        noun="more step"
        onMore={() => {
          most.value += shownAtOnce;
        }}
      />
    </>
  );
}

export function StepSign({ step }: { step: StepLine }) {
  return (
    <span class="sign" aria-hidden="true">
      {step.error ? "!" : signOf(step.do)}
    </span>
  );
}

/** Which file; with where it was, where that is told. */
export function StepPath({ step: { path, from } }: { step: StepLine }) {
  const name = path === "" ? "the folder itself" : path;
  return (
    <span class="path">
      {from !== undefined && `${from} → `}
      {name}
    </span>
  );
}

/** What was done, or would be, and why. */
export function StepWords({
  step,
  planned = false,
  withRule = false,
}: {
  step: StepLine;
  planned?: boolean;
  withRule?: boolean;
}) {
  const why = step.error ?? step.why;
  return (
    <span class="soft said">
      <strong>{wordsOf(step, planned)}</strong>
      {withRule && ` · ${step.rule}`}
      {why !== "" && <span class={step.error ? "wrong" : ""}> · {why}</span>}
    </span>
  );
}

/** `copied to drive`; in a plan `copy to drive`. */
export function wordsOf(step: StepLine, planned = false): string {
  const tense: Tense = planned ? "planned" : step.error ? "failed" : "done";
  const rule = rules.value?.find(({ name }) => name === step.rule);
  return sayStep(step, tense, rule && namesOf(rule));
}

/** How much, and when. */
export function StepFacts({ step: { do: verb, bytes, at } }: { step: StepLine }) {
  return (
    <span class="soft number">
      {(verb === "upload" || verb === "update") && <span>{formatBytes(bytes)}</span>}
      {at !== undefined && <Ago at={at} />}
    </span>
  );
}

/** How long ago, by now. */
function Ago({ at }: { at: string }) {
  const ago = useComputed(() => formatAgo(at, nowMs.value));
  return (
    <time dateTime={at} title={formatTime(at)}>
      {ago}
    </time>
  );
}
