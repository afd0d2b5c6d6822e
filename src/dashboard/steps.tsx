import { formatAgo, formatBytes, formatTime } from "./format.ts";
import { nowMs } from "./state.ts";

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

const signs: Readonly<Record<string, string>> = {
  upload: "+",
  update: "~",
  "create-folder": "+",
  rename: "→",
  move: "→",
  trash: "−",
  link: "=",
  conflict: "!",
  restore: "↶",
  skip: "·",
};

/** Steps, one a line. Lines out of sight cost nothing, so that ten thousand of them scroll well. */
export function Steps({
  steps,
  withRule = false,
}: {
  steps: readonly StepLine[];
  withRule?: boolean;
}) {
  return (
    <ul class="steps">
      {steps.map((step) => (
        <li
          key={`${step.at} ${step.rule} ${step.side} ${step.do} ${step.path}`}
          data-do={step.error ? "failed" : step.do}
        >
          <span class="sign" aria-hidden="true">
            {signs[step.do] ?? "·"}
          </span>
          <span class="verb">
            {step.do}
            {step.side === "from" ? " at “from”" : ""}
          </span>
          <span class="path">
            {step.from !== undefined && `${step.from} → `}
            {step.path === "" ? "the folder itself" : step.path}
            {withRule && <span class="soft"> · {step.rule}</span>}
            {(step.error ?? step.why) && (
              <span class={step.error ? "wrong" : "soft"}> · {step.error ?? step.why}</span>
            )}
          </span>
          <span class="soft number">
            {step.do === "upload" || step.do === "update" ? formatBytes(step.bytes) : ""}
          </span>
          {step.at !== undefined && (
            <time class="soft number" dateTime={step.at} title={formatTime(step.at)}>
              {formatAgo(step.at, nowMs.peek())}
            </time>
          )}
        </li>
      ))}
    </ul>
  );
}
