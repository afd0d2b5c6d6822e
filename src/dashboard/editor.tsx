import { useSignal } from "@preact/signals";
import type { InferRequestType, InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import type { Problem } from "../server/problem.ts";
import { api, ask, problemOf } from "./api.ts";
import { formatBytes, formatCount } from "./format.ts";
import { Button, Field, Head, Trouble, useAct } from "./parts.tsx";
import { Picker } from "./picker.tsx";
import { go } from "./route.ts";
import { loadRules, type Rule } from "./state.ts";
import { Steps } from "./steps.tsx";

type Fields = InferRequestType<typeof api.rules.$post>["json"];
type Preview = InferResponseType<typeof api.rules.preview.$post, 200>;

const blank: Fields = { name: "", from: "", to: "" };

/** Makes a rule, or makes one of the dashboard another one: as a sentence, or as YAML. */
export function Editor({ rule }: { rule: Rule | null }) {
  const fields = useSignal<Fields>((rule?.fields as Fields | undefined) ?? blank);
  const shown = useShown(fields.value, rule);
  const { busy, problem, act } = useAct();
  const wrong = problem.value ?? shown.problem;
  const set = (change: Partial<Record<keyof Fields, unknown>>) => {
    problem.value = null;
    const entries = Object.entries({ ...fields.value, ...change });
    // What is empty is left out: then the default holds.
    fields.value = Object.fromEntries(entries.filter(([, value]) => !isEmpty(value))) as Fields;
  };
  const save = () =>
    act(async () => {
      const json = fields.value;
      const saved = rule
        ? await ask(api.rules[":name"].$put({ param: { name: rule.name }, json }))
        : await ask(api.rules.$post({ json }));
      await loadRules();
      go("rules", saved.name);
    });
  const remove = (name: string) =>
    act(async () => {
      await ask(api.rules[":name"].$delete({ param: { name } }));
      await loadRules();
      go("rules");
    });
  return (
    <>
      <Head title={rule ? `Edit ${rule.name}` : "New rule"} />
      <form
        class="editor"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="card">
          <Trouble problem={wrong} />
          <Sentence fields={fields.value} set={set} problem={wrong} />
          <More fields={fields.value} set={set} problem={wrong} />
          <div class="acts">
            <Button kind="main" type="submit" disabled={busy.value}>
              {rule ? "Save" : "Make the rule"}
            </Button>
            {rule && (
              <Button
                kind="danger"
                disabled={busy.value}
                onPress={() => {
                  if (confirm(`End rule “${rule.name}”? No file is touched.`))
                    void remove(rule.name);
                }}
              >
                End the rule
              </Button>
            )}
          </div>
        </div>
        <div>
          <Look preview={shown.preview} isReading={shown.isReading} />
          <Yaml
            yaml={shown.yaml}
            onFields={(given) => {
              fields.value = given;
            }}
          />
        </div>
      </form>
    </>
  );
}

const isEmpty = (value: unknown) =>
  value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

interface Shown {
  readonly preview: Preview | null;
  readonly yaml: string | null;
  readonly problem: Problem | null;
  readonly isReading: boolean;
}

/** What the rule would be about, asked for when nobody has typed for half a second. */
function useShown(fields: Fields, rule: Rule | null): Shown {
  const shown = useSignal<Shown>({ preview: null, yaml: null, problem: null, isReading: false });
  const isWhole = !isEmpty(fields.name) && !isEmpty(fields.from) && !isEmpty(fields.to);
  useEffect(() => {
    if (!isWhole) return;
    let isOld = false;
    const soon = setTimeout(async () => {
      shown.value = { ...shown.value, isReading: true };
      const json = { fields, ...(rule && { former: rule.name }) };
      const asked = [
        ask(api.rules.preview.$post({ json })),
        ask(api.rules.write.$post({ json: { fields } })),
      ] as const;
      const next = await Promise.all(asked).then(
        ([preview, { yaml }]): Shown => ({ preview, yaml, problem: null, isReading: false }),
        (error): Shown => ({
          preview: null,
          yaml: null,
          problem: problemOf(error),
          isReading: false,
        }),
      );
      if (!isOld) shown.value = next;
    }, 500);
    return () => {
      isOld = true;
      clearTimeout(soon);
    };
  }, [fields, isWhole]);
  return shown.value;
}

interface PartProps {
  readonly fields: Fields;
  readonly set: (change: Partial<Record<keyof Fields, unknown>>) => void;
  readonly problem: Problem | null;
}

const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : isEmpty(value) ? [] : [String(value)];

/** “When files in … change, copy them to …” */
function Sentence({ fields, set, problem }: PartProps) {
  const picking = useSignal<"from" | "to" | null>(null);
  const [to = "", ...more] = listOf(fields.to);
  const wrong =
    problem && /^to\b/.test(problem.field ?? "") ? { ...problem, field: "to" } : problem;
  return (
    <>
      <Field
        label="Name"
        name="name"
        value={String(fields.name ?? "")}
        hint="Letters, digits, - and _."
        problem={problem}
        required
        onValue={(name) => set({ name })}
      />
      <div class="place">
        <Field
          label="When files change in"
          name="from"
          value={String(fields.from ?? "")}
          hint="account:/path"
          problem={problem}
          required
          onValue={(from) => set({ from })}
        />
        <Button
          onPress={() => {
            picking.value = "from";
          }}
        >
          Choose…
        </Button>
      </div>
      <Choice
        label="then"
        value={String(fields.mode ?? "copy")}
        options={modes}
        onValue={(mode) => set({ mode: mode === "copy" ? "" : mode })}
      />
      <div class="place">
        <Field
          label="to"
          name="to"
          value={to}
          hint="account:/path"
          problem={wrong}
          required
          onValue={(first) => set({ to: more.length === 0 ? first : [first, ...more] })}
        />
        <Button
          onPress={() => {
            picking.value = "to";
          }}
        >
          Choose…
        </Button>
      </div>
      {more.length > 0 && <p class="soft">and to {more.join(", ")}</p>}
      <Triggers value={listOf(fields.on)} onValue={(on) => set({ on })} problem={problem} />
      {picking.value && (
        <Picker
          onChoose={(place) => {
            set(
              picking.value === "from"
                ? { from: place }
                : { to: more.length === 0 ? place : [place, ...more] },
            );
            picking.value = null;
          }}
          onClose={() => {
            picking.value = null;
          }}
        />
      )}
    </>
  );
}

type Options = readonly (readonly [value: string, title: string])[];

const modes: Options = [
  ["copy", "copy them: adds and updates, removes nothing"],
  ["move", "move them: copies, verifies, then trashes the source"],
  ["mirror", "mirror: makes the other side the same, removals too"],
  ["two-way", "keep both sides the same, both ways"],
];

function Choice(props: {
  label: string;
  value: string;
  options: Options;
  onValue: (value: string) => void;
}) {
  return (
    <label class="field">
      {props.label}
      <select value={props.value} onChange={(event) => props.onValue(event.currentTarget.value)}>
        {props.options.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

const triggers: Options = [
  ["change", "as soon as something changes"],
  ["every 15m", "every 15 minutes"],
  ["every 1h", "every hour"],
  ["0 3 * * *", "every night at 3:00"],
  ["0 3 * * 1", "every Monday at 3:00"],
  ["manual", "only when somebody says so"],
];

function Triggers(props: {
  value: readonly string[];
  onValue: (value: readonly string[] | string) => void;
  problem: Problem | null;
}) {
  const { value, onValue, problem } = props;
  const text = value.length === 0 ? "change" : value.join(", ");
  const isListed = triggers.some(([each]) => each === text);
  return (
    <>
      <Choice
        label="when"
        value={isListed ? text : "other"}
        options={[...triggers, ["other", "otherwise…"]]}
        onValue={(chosen) => {
          if (chosen === "change") onValue("");
          else onValue(chosen === "other" ? "every 30m" : chosen);
        }}
      />
      {!isListed && (
        <Field
          label="Triggers, one or more with commas between them"
          name="on"
          value={text}
          hint="change, manual, every 30m, or a cron line such as 0 3 * * *"
          problem={
            problem && /^on\b/.test(problem.field ?? "") ? { ...problem, field: "on" } : null
          }
          onValue={(given) => onValue(given.split(/,\s*/).filter(Boolean))}
        />
      )}
    </>
  );
}

const conflicts: Options = [
  ["keep-both", "keep both, under two names"],
  ["newest", "the newest stays"],
  ["review", "ask me"],
  ["from", "the source stays"],
  ["to", "the destination stays"],
];
const deletes: Options = [
  ["trash", "move it to the trash at the other side"],
  ["keep", "leave it at the other side"],
];

/** What most rules leave as it is. */
function More({ fields, set, problem }: PartProps) {
  const isBothWays = fields.mode === "mirror" || fields.mode === "two-way";
  const lines = (value: unknown) => listOf(value).join(", ");
  const globs = (text: string) => text.split(/,\s*/).filter(Boolean);
  return (
    <details>
      <summary>Filters and care</summary>
      <Field
        label="Only files that match"
        name="include"
        value={lines(fields.include)}
        hint="Globs with commas between them: **/*.pdf is every PDF. Default: everything."
        problem={problem}
        onValue={(text) => set({ include: globs(text) })}
      />
      <Field
        label="But not"
        name="exclude"
        value={lines(fields.exclude)}
        hint="Stronger than the line above. What is newly left out is forgotten, never deleted."
        problem={problem}
        onValue={(text) => set({ exclude: globs(text) })}
      />
      <Choice
        label="When both sides changed a file"
        value={String(fields.conflict ?? "keep-both")}
        options={conflicts}
        onValue={(conflict) => set({ conflict: conflict === "keep-both" ? "" : conflict })}
      />
      {isBothWays && (
        <Choice
          label="When a file is removed at one side"
          value={String(fields.deletes ?? "trash")}
          options={deletes}
          onValue={(policy) => set({ deletes: policy === "trash" ? "" : policy })}
        />
      )}
      <Field
        label="Leave a file alone until it was still for"
        name="quiet"
        value={String(fields.quiet ?? "")}
        hint="Such as 10s or 5m. Default: 2s."
        problem={problem}
        onValue={(quiet) => set({ quiet })}
      />
      <Field
        label="No faster than"
        name="bandwidth"
        value={typeof fields.bandwidth === "string" ? fields.bandwidth : ""}
        hint="Such as 10MiB/s. Default: as fast as it goes."
        problem={problem}
        onValue={(bandwidth) => set({ bandwidth })}
      />
      {!isBothWays && (
        <Field
          label="Path at the destination"
          name="as"
          value={String(fields.as ?? "")}
          hint="Such as {yyyy}/{mm}/{name}. Default: the same path."
          problem={problem}
          onValue={(as) => set({ as })}
        />
      )}
    </details>
  );
}

/** What the rule would be about, as it stands now. */
function Look({ preview, isReading }: { preview: Preview | null; isReading: boolean }) {
  const some = preview?.matching.some ?? [];
  return (
    <section class="card" aria-live="polite">
      <h2>What it would do</h2>
      {isReading && <p class="soft">Looking…</p>}
      {!preview && !isReading && (
        <p class="soft">Fill in the sentence, and this shows which files match.</p>
      )}
      {preview && (
        <>
          <p>
            {formatCount(preview.matching.files, "file")}{" "}
            {preview.matching.files === 1 ? "matches" : "match"},{" "}
            {formatBytes(preview.matching.bytes)}
            {preview.matching.others > 0 &&
              `; ${formatCount(preview.matching.others, "file")} left out by the filters`}
            .
          </p>
          {preview.first ? (
            <>
              <p class="soft">
                The first run: {formatCount(preview.first.steps.length, "step")},{" "}
                {formatBytes(preview.first.totals.bytes)}.
              </p>
              <Steps steps={preview.first.steps.slice(0, 100)} />
            </>
          ) : (
            <ul class="tree">
              {some.map((path) => (
                <li key={path} class="path">
                  {path}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}

function Yaml({ yaml, onFields }: { yaml: string | null; onFields: (fields: Fields) => void }) {
  const { problem, act } = useAct();
  return (
    <details class="card">
      <summary>The same as YAML</summary>
      <Trouble problem={problem.value} />
      <textarea
        aria-label="The rule as YAML"
        rows={12}
        spellcheck={false}
        key={yaml}
        defaultValue={yaml ?? ""}
        onChange={(event) => {
          const text = event.currentTarget.value;
          void act(async () => {
            const { fields } = await ask(api.rules.parse.$post({ json: { yaml: text } }));
            onFields(fields as Fields);
          });
        }}
      />
      <p class="note">As it would stand in a syncline.yaml. Edit it, and the form follows.</p>
    </details>
  );
}
