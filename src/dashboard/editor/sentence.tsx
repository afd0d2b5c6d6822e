import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Problem } from "../../server/problem.ts";
import { Icon } from "../icons.tsx";
import { Button, Field } from "../parts.tsx";
import { Picker } from "../picker.tsx";
import { filesWords, isLive, listed, listOf, textOf, whenWords } from "./fields.ts";
import { asOf, type FormProps, type Options, Unshown } from "./inputs.tsx";

const modes: Options = [
  ["copy", "copy them"],
  ["move", "move them"],
  ["mirror", "mirror them"],
  ["two-way", "keep them in step, both ways,"],
];

const modeHints: Readonly<Record<string, string>> = {
  copy: "Copy adds and updates at the destination, and removes nothing there.",
  move: "Move copies, verifies, and then puts the source's file in the trash.",
  mirror: "Mirror makes the destination the same as the source: what the source lacks goes there.",
  "two-way": "Changes at either side go to the other one: edits, renames, moves and removals.",
};

/** “When all files in … change, copy them to …”: what most rules are about. */
export function Sentence({
  fields,
  set,
  problem,
  onOpen,
}: FormProps & { readonly onOpen: (panel: "files" | "when") => void }) {
  /** What the picker is open for. */
  const picking = useSignal<((place: string) => void) | null>(null);
  const mode = textOf(fields.mode) || "copy";
  const to = listOf(fields.to);
  const places = to?.length === 0 ? [""] : to;
  const setTo = (next: readonly string[]) => set({ to: listed(next) });
  const live = isLive(fields);
  const from = textOf(fields.from);
  return (
    <div class="card">
      <div class="naming">
        <Field
          label="Name"
          name="name"
          value={textOf(fields.name) ?? ""}
          hint="Letters, digits, - and _."
          problem={problem}
          required
          onValue={(name) => set({ name })}
        />
      </div>
      <div class="sentence">
        <span>{live ? "When" : "Take"}</span>
        <Slot about="Which files" onPress={() => onOpen("files")}>
          {filesWords(fields)}
        </Slot>
        {from === null ? (
          <Unshown name="from" />
        ) : (
          <Place
            before="When files change "
            word="in"
            name="from"
            value={from}
            problem={problem}
            picking={picking}
            onValue={(place) => set({ from: place })}
          />
        )}
        <span>
          <Slot about="When it runs" onPress={() => onOpen("when")}>
            {whenWords(fields)}
          </Slot>
          {live ? "," : " and"}
        </span>
        <select
          aria-label="What is done with them"
          value={mode}
          onChange={({ currentTarget: { value } }) => set({ mode: value === "copy" ? "" : value })}
        >
          {modes.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
        {places === null && <Unshown name="to" />}
        {places?.map((place, at) => (
          <Place
            // Places have nothing to tell them apart by but where they stand.
            key={at}
            word={`${at === 0 ? "" : "and "}${mode === "two-way" ? "with" : "to"}`}
            name={`to.${at}`}
            value={place}
            problem={places.length === 1 ? asOf(problem, "to.0", "to", "to.0") : problem}
            picking={picking}
            onValue={(next) => setTo(places.with(at, next))}
            onRemove={places.length < 2 ? null : () => setTo(places.toSpliced(at, 1))}
          />
        ))}
      </div>
      <p class="note">{modeHints[mode]}</p>
      {places && <Button onPress={() => set({ to: [...places, ""] })}>Add a destination</Button>}
      {picking.value && (
        <Picker
          onChoose={(place) => {
            picking.value?.(place);
            picking.value = null;
          }}
          onClose={() => {
            picking.value = null;
          }}
        />
      )}
    </div>
  );
}

/** Words of the sentence that lead to where they can be changed. */
function Slot(props: { about: string; children: string; onPress: () => void }) {
  return (
    <button class="slot" type="button" onClick={props.onPress}>
      <span class="unseen">{props.about}: </span>
      {props.children}
    </button>
  );
}

/** A folder, by hand or from the tree, with the word before it. */
function Place(props: {
  readonly before?: string;
  readonly word: string;
  readonly name: string;
  readonly value: string;
  readonly problem: Problem | null;
  readonly picking: Signal<((place: string) => void) | null>;
  readonly onValue: (place: string) => void;
  readonly onRemove?: (() => void) | null;
}) {
  const { before, word, name, value, problem, picking, onValue, onRemove } = props;
  const id = useId();
  const wrong = problem?.field === name ? problem : null;
  return (
    <span class="piece">
      <label for={id}>
        {before !== undefined && <span class="unseen">{before}</span>}
        {word}
      </label>
      <input
        id={id}
        name={name}
        value={value}
        placeholder="account:/path"
        required
        spellcheck={false}
        autocapitalize="off"
        aria-invalid={wrong !== null}
        aria-describedby={wrong ? `${id}-note` : undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <Button
        onPress={() => {
          picking.value = onValue;
        }}
      >
        Choose…
      </Button>
      {onRemove && (
        <Button label={`Remove ${value || "this destination"}`} onPress={onRemove}>
          <Icon name="close" />
        </Button>
      )}
      {wrong && (
        <span id={`${id}-note`} class="note wrong">
          {wrong.message} {wrong.mend}
        </span>
      )}
    </span>
  );
}
