import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Problem } from "../server/problem.ts";
import { problemOf } from "./api.ts";
import { formatCount } from "./format.ts";
import { Icon } from "./icons.tsx";

/** What pages are made of. */

/** A state in one word, with a sign that does without colour. */
export function Pill({ tone, children }: { tone: string; children: ComponentChildren }) {
  return (
    <span class="pill" data-tone={tone}>
      {children}
    </span>
  );
}

/** What went wrong, and what to do; read out at once. */
export function Trouble({ problem }: { problem: Problem | null }) {
  if (!problem) return null;
  return (
    <div class="trouble" role="alert">
      <strong>{problem.message}</strong>
      {problem.mend && <p>{problem.mend}</p>}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly type?: "email" | "password" | "search";
  readonly value?: string;
  readonly hint?: string;
  readonly problem?: Problem | null;
  readonly autocomplete?: string;
  readonly inputMode?: "numeric" | "text";
  /** The id of a `datalist` with what may be meant. */
  readonly list?: string;
  readonly required?: boolean;
  readonly onValue?: (value: string) => void;
}

/** A line of text with its name, a word of help, and what is wrong with it. */
export function Field({ label, hint, problem, onValue, name, type, ...input }: FieldProps) {
  const id = useId();
  const wrong = problem?.field === name ? problem : null;
  const note = wrong?.message ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        aria-invalid={wrong !== null}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onInput={(event) => onValue?.(event.currentTarget.value)}
        // The types tell each kind of input apart; all take what is given here.
        type={type as "email"}
        {...input}
      />
      {note !== undefined && (
        <p id={`${id}-note`} class={wrong ? "note wrong" : "note"}>
          {note}
          {wrong?.mend && ` ${wrong.mend}`}
        </p>
      )}
    </div>
  );
}

/** Does something, once at a time, and says when it could not. */
export function useAct() {
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  async function act(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    problem.value = null;
    try {
      await work();
      return true;
    } catch (error) {
      problem.value = problemOf(error);
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, problem, act };
}

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onPress?: () => void;
  readonly kind?: "main" | "quiet" | "danger";
  readonly type?: "button" | "submit";
  readonly disabled?: boolean;
  readonly label?: string;
  /** Whether what it opens is open; absent: it opens nothing. */
  readonly expanded?: boolean;
}

export function Button({
  children,
  onPress,
  kind = "quiet",
  type = "button",
  disabled,
  label,
  expanded,
}: ButtonProps) {
  return (
    <button
      class={kind}
      type={type}
      disabled={disabled}
      onClick={onPress}
      aria-label={label}
      aria-expanded={expanded}
    >
      {children}
    </button>
  );
}

/** Puts a text on the clipboard; where the browser has none to give, as at plain http, it is not there. */
export function Copy({ text }: { text: string }) {
  const came = useSignal("Copy");
  const say = (words: string) => () => {
    came.value = words;
  };
  // Absent where the page is no secure context, whatever the types say.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (!clipboard) return null;
  return (
    <Button
      onPress={() =>
        void clipboard.writeText(text).then(say("Copied"), say("Select and copy it by hand"))
      }
    >
      {came.value}
    </Button>
  );
}

/** Over the page until it is left; Escape leaves it, and the focus goes back to where it was. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const at = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before what is in it takes the focus. Only one that is closed gives it back.
  useLayoutEffect(() => {
    const dialog = at.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={at} aria-labelledby={id} onClose={props.onClose}>
      <header>
        <h2 id={id}>{props.title}</h2>
        <Button onPress={() => at.current?.close()} label="Close">
          <Icon name="close" />
        </Button>
      </header>
      {props.children}
    </dialog>
  );
}

/** Shows more of a long list; nothing while all of it is there. */
export function More(props: {
  readonly count: number;
  /** Of one: `more step`. */
  readonly noun: string;
  readonly onMore: () => void;
}) {
  if (props.count <= 0) return null;
  return <Button onPress={props.onMore}>{formatCount(props.count, props.noun)}</Button>;
}

/** What came of a try, read out when it is there. */
export function Verdict(props: {
  readonly isGood: boolean;
  readonly words: string;
  readonly message: string;
}) {
  return (
    <p role="status">
      <Pill tone={props.isGood ? "in-step" : "failing"}>{props.words}</Pill> {props.message}
    </p>
  );
}

/** A bar that fills, for eyes and for readers of the screen. */
export function Bar({ value, most, label }: { value: number; most: number; label: string }) {
  const part = most > 0 ? Math.min(1, value / most) : 0;
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
    >
      <span style={{ width: `${part * 100}%` }} />
    </div>
  );
}

/** The text fields of a form, by name. */
export function valuesOf(form: HTMLFormElement): Record<string, string> {
  const entries = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(entries);
}

/** The head of a page: its name, and what can be done there. */
export function Head({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <header class="head">
      <h1>{title}</h1>
      <div class="acts">{children}</div>
    </header>
  );
}

/** A part of a page under a name of its own. */
export function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
