import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Problem } from "../../server/problem.ts";
import { type Fields, isSame } from "./fields.ts";

/** What the form of a rule is made of, beside what all pages are made of. */

export interface FormProps {
  readonly fields: Fields;
  /** What is empty is left out: then the default holds. */
  readonly set: (change: Fields) => void;
  readonly problem: Problem | null;
}

export type Options = readonly (readonly [value: string, title: string])[];

export function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly options: Options;
  readonly hint?: string | undefined;
  readonly onValue: (value: string) => void;
}) {
  const { label, value, options, hint, onValue } = props;
  const id = useId();
  const isKnown = options.some(([each]) => each === value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-note`}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {/* What is wrong is shown as it is until somebody chooses another. */}
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <p id={`${id}-note`} class="note">
          {hint}
        </p>
      )}
    </div>
  );
}

/** A list, one entry a line. */
export function Lines(props: {
  readonly label: string;
  readonly name: string;
  readonly value: readonly string[];
  readonly hint: string;
  readonly problem: Problem | null;
  readonly onValue: (value: readonly string[]) => void;
}) {
  const { label, name, value, hint, problem, onValue } = props;
  const id = useId();
  const own = useSignal("");
  const entries = (text: string) => text.split("\n").filter((line) => line.trim() !== "");
  // Empty lines are nobody's business but that of who is writing.
  const text = isSame(entries(own.value), value) ? own.value : value.join("\n");
  const wrong = isOf(problem, name) ? problem : null;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        rows={Math.max(2, text.split("\n").length)}
        spellcheck={false}
        value={text}
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-note`}
        onInput={(event) => {
          own.value = event.currentTarget.value;
          onValue(entries(own.value));
        }}
      />
      <p id={`${id}-note`} class={wrong ? "note wrong" : "note"}>
        {wrong ? [wrong.message, wrong.mend].filter(Boolean).join(" ") : hint}
      </p>
    </div>
  );
}

/** Stands for what the form can't show; it is left as it is. */
export function Unshown({ name }: { name: string }) {
  return (
    <p class="note">
      “{name}” is written in a way that this form can't show. It stays as it is; change it in the
      YAML.
    </p>
  );
}

/** A part of the form that can be folded away, with what it says in a few words. */
export function Panel(props: {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
  readonly children: ComponentChildren;
}) {
  const { id, title, summary, isOpen, onToggle, children } = props;
  return (
    <details
      id={id}
      class="card panel"
      open={isOpen}
      onToggle={(event) => onToggle(event.currentTarget.open)}
    >
      <summary>
        <strong>{title}</strong> <span class="soft">{summary}</span>
      </summary>
      <div class="rows">{children}</div>
    </details>
  );
}

/** Whether a problem is one of a field, or of a part of it. */
export const isOf = (problem: Problem | null, ...names: readonly string[]): boolean =>
  names.some((name) => problem?.field === name || problem?.field?.startsWith(`${name}.`) === true);

/** The problem as one of the field `name`, where it is that of one of these. */
export const asOf = (
  problem: Problem | null,
  name: string,
  ...names: readonly string[]
): Problem | null =>
  problem && names.includes(problem.field ?? "") ? { ...problem, field: name } : null;
