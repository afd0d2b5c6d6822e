import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../../server/problem.ts";
import { api, ask, problemOf } from "../api.ts";
import { Button } from "../parts.tsx";
import type { RuleFields } from "./editor.tsx";
import { type Fields, isEmpty } from "./fields.ts";

interface Written {
  readonly text: string;
  /** Where each field stands, by its path. */
  readonly lines: Readonly<Record<string, number>>;
  /** Why the text can't be read. */
  readonly problem: Problem | null;
}

const blank: Written = { text: "", lines: {}, problem: null };

interface YamlProps {
  readonly fields: Fields;
  /** What is wrong with the fields. */
  readonly problem: Problem | null;
  readonly isReadOnly: boolean;
  /** Whether the text holds what the form does not. */
  readonly isAhead: Signal<boolean>;
  readonly onFields: (fields: Fields) => void;
}

/** The rule as text: what is typed here is in the form, and what is changed there is here. */
export function Yaml({ fields, problem, isReadOnly, isAhead, onFields }: YamlProps) {
  const written = useSignal<Written>(blank);
  /** The fields that were read from the text: it is not written anew for them. */
  const read = useRef<Fields | null>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (read.current === fields) return;
    let isOld = false;
    clearTimeout(typing.current);
    isAhead.value = false;
    if (isEmpty(fields)) {
      written.value = blank;
      return;
    }
    const soon = setTimeout(async () => {
      const json = { fields: fields as RuleFields };
      const next = await ask(api.rules.write.$post({ json })).then(
        ({ yaml, lines }): Written => ({ text: yaml, lines, problem: null }),
        (error): Written => ({ ...written.value, problem: problemOf(error) }),
      );
      // Whoever writes meanwhile is not interrupted.
      if (!isOld && !isAhead.value) written.value = next;
    }, 150);
    return () => {
      isOld = true;
      clearTimeout(soon);
    };
  }, [fields]);
  useEffect(() => () => clearTimeout(typing.current), []);

  function type(text: string): void {
    written.value = { ...written.value, text };
    isAhead.value = true;
    clearTimeout(typing.current);
    typing.current = setTimeout(async () => {
      try {
        const { fields, lines } = await ask(api.rules.parse.$post({ json: { yaml: text } }));
        if (written.value.text !== text) return;
        written.value = { text, lines, problem: null };
        isAhead.value = false;
        read.current = fields as Fields;
        onFields(read.current);
      } catch (error) {
        if (written.value.text === text)
          written.value = { ...written.value, problem: problemOf(error) };
      }
    }, 400);
  }

  const { text } = written.value;
  const own = written.value.problem;
  const wrong = own ?? problem;
  const line = own ? (own.line ?? null) : lineOf(problem?.field, written.value.lines);
  const rows = text.split("\n");
  return (
    <details class="card" open={isWide()}>
      <summary>The same as YAML</summary>
      <div class="rows">
        <div class="numbered">
          <ol aria-hidden="true">
            {rows.map((_, index) => (
              // Lines are what their number says.
              <li key={index} class={index + 1 === line ? "wrong" : undefined} />
            ))}
          </ol>
          <textarea
            aria-label="The rule as YAML"
            aria-invalid={wrong !== null && line !== null}
            aria-describedby="yaml-note"
            rows={Math.max(8, rows.length)}
            wrap="off"
            spellcheck={false}
            readOnly={isReadOnly}
            value={text}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </div>
        <p id="yaml-note" class={wrong && line !== null ? "note wrong" : "note"} role="status">
          {wrong && line !== null
            ? said(wrong, line)
            : `As it would stand in a syncline.yaml.${isReadOnly ? "" : " Edit it, and the form follows."}`}
        </p>
        <Copy text={text} />
      </div>
    </details>
  );
}

const isWide = () => matchMedia("(min-width: 761px)").matches;

function said({ message, mend }: Problem, line: number): string {
  const at = message.startsWith("Line ") ? "" : `Line ${line}: `;
  return [at + message, mend].filter(Boolean).join(" ");
}

/** On which line a field stands, or what holds it; null: it stands nowhere. */
function lineOf(field: string | undefined, lines: Written["lines"]): number | null {
  const path = field?.split(".") ?? [];
  const places = path.map((_, depth) => lines[path.slice(0, path.length - depth).join(".")]);
  return places.find((each) => each !== undefined) ?? null;
}

function Copy({ text }: { text: string }) {
  const copied = useSignal<string | null>(null);
  return (
    <Button
      disabled={text === ""}
      onPress={async () => {
        await navigator.clipboard.writeText(text);
        copied.value = text;
      }}
    >
      {copied.value === text ? "Copied" : "Copy YAML"}
    </Button>
  );
}
