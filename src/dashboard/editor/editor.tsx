import { type Signal, useSignal } from "@preact/signals";
import type { InferRequestType } from "hono/client";
import { useEffect } from "preact/hooks";
import { api, ask } from "../api.ts";
import { Button, Head, Trouble, useAct } from "../parts.tsx";
import { go, useLeaving } from "../route.ts";
import { loadRules, mayEdit, type Rule } from "../state.ts";
import { Care, careWords } from "./care.tsx";
import { changed, type Fields, filesWords, isSame, whenWords } from "./fields.ts";
import { Filters } from "./filters.tsx";
import { type FormProps, isOf, Panel } from "./inputs.tsx";
import { Look, usePreview } from "./preview.tsx";
import { Secrecy, secrecyWords } from "./secrecy.tsx";
import { Sentence } from "./sentence.tsx";
import { Triggers } from "./triggers.tsx";
import { Ways, waysWords } from "./ways.tsx";
import { Yaml } from "./yaml.tsx";

/** What the server takes for the fields of a rule; it checks them. */
export type RuleFields = InferRequestType<typeof api.rules.$post>["json"];

const blank: Fields = {};

/** Makes a rule, or makes one another one, as a sentence or as YAML; one of the file can only be looked at. */
export function Editor({ rule }: { rule: Rule | null }) {
  const kept = useSignal<Fields>((rule?.fields as Fields | undefined) ?? blank);
  const fields = useSignal<Fields>(kept.value);
  const isAhead = useSignal(false);
  const { busy, problem, act } = useAct();
  const isReadOnly = !mayEdit.value || rule?.place === "file";
  const seen = usePreview(fields.value, rule?.name ?? null, !isReadOnly);
  const wrong = problem.value ?? seen.problem;
  const isChanged = isAhead.value || !isSame(fields.value, kept.value);
  useLeaving(isChanged && !busy.value);
  const put = (next: Fields) => {
    problem.value = null;
    fields.value = next;
  };
  const save = () =>
    act(async () => {
      const json = fields.value as RuleFields;
      const saved = rule
        ? await ask(api.rules[":name"].$put({ param: { name: rule.name }, json }))
        : await ask(api.rules.$post({ json }));
      kept.value = fields.value;
      await loadRules();
      go("rules", saved.name);
    });
  const remove = (name: string) =>
    act(async () => {
      await ask(api.rules[":name"].$delete({ param: { name } }));
      kept.value = fields.value;
      await loadRules();
      go("rules");
    });
  const form: FormProps = {
    fields: fields.value,
    set: (change) => put(changed(fields.value, change)),
    problem: wrong,
  };
  return (
    <>
      <Head title={title(rule, isReadOnly)} />
      {rule && isReadOnly && <WhyReadOnly rule={rule} />}
      <form
        class="editor"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Trouble problem={wrong} />
        <Form form={form} isReadOnly={isReadOnly} />
        <div class="beside">
          {!isReadOnly && <Look {...seen} />}
          <Yaml
            fields={fields.value}
            problem={wrong}
            isReadOnly={isReadOnly}
            isAhead={isAhead}
            onFields={put}
          />
        </div>
        {!isReadOnly && (
          <div class="acts saving">
            <Button kind="main" type="submit" disabled={busy.value || isAhead.value || !isChanged}>
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
            {isAhead.value && <span class="soft">The YAML is not right yet.</span>}
          </div>
        )}
      </form>
    </>
  );
}

const title = (rule: Rule | null, isReadOnly: boolean): string =>
  rule ? (isReadOnly ? rule.name : `Edit ${rule.name}`) : "New rule";

function WhyReadOnly({ rule: { name, place } }: { rule: Rule }) {
  const file = useSignal<string | null>(null);
  const { problem, act } = useAct();
  useEffect(() => {
    void act(async () => {
      const known = await ask(api.rules[":name"].yaml.$get({ param: { name } }));
      file.value = known.file;
    });
  }, [name]);
  return (
    <>
      <Trouble problem={problem.value} />
      <p class="why">
        {place === "file"
          ? `This rule stands in ${file.value ?? "the configuration file"}. Change it there: it is read anew when it changes.`
          : "You can look at this rule; editors and admins can change it."}
      </p>
    </>
  );
}

type PanelName = "files" | "when" | "care" | "secrecy" | "ways";

/** Which fields each panel has. */
const panelFields: Readonly<Record<PanelName, readonly string[]>> = {
  files: ["include", "exclude", "where", "googleDocs"],
  when: ["on", "quiet", "timezone"],
  care: ["conflict", "deletes", "guard"],
  secrecy: ["encrypt", "passphrase", "identity", "encryptNames"],
  ways: ["as", "bandwidth", "paused"],
};

function Form({ form, isReadOnly }: { form: FormProps; isReadOnly: boolean }) {
  const open = useSignal<ReadonlySet<string>>(new Set());
  const panel = (name: PanelName, title: string, summary: string) => ({
    id: `rule-${name}`,
    title,
    summary,
    // What is wrong is never out of sight.
    isOpen: open.value.has(name) || isOf(form.problem, ...panelFields[name]),
    onToggle: (isOpen: boolean) => toggle(open, name, isOpen),
  });
  const { fields } = form;
  return (
    <fieldset class="parts" disabled={isReadOnly}>
      <legend class="unseen">The rule</legend>
      <Sentence
        {...form}
        onOpen={(name) => {
          toggle(open, name, true);
          const summary = document.querySelector<HTMLElement>(`#rule-${name} summary`);
          summary?.focus();
          summary?.scrollIntoView({ block: "nearest" });
        }}
      />
      <div class="panels">
        <Panel {...panel("files", "Which files", filesWords(fields))}>
          <Filters {...form} />
        </Panel>
        <Panel {...panel("when", "When it runs", whenWords(fields))}>
          <Triggers {...form} />
        </Panel>
        <Panel {...panel("care", "Conflicts and removals", careWords(fields))}>
          <Care {...form} />
        </Panel>
        <Panel {...panel("secrecy", "Encryption", secrecyWords(fields))}>
          <Secrecy {...form} />
        </Panel>
        <Panel {...panel("ways", "Path and speed", waysWords(fields))}>
          <Ways {...form} />
        </Panel>
      </div>
    </fieldset>
  );
}

function toggle(open: Signal<ReadonlySet<string>>, name: PanelName, isOpen: boolean): void {
  if (open.value.has(name) === isOpen) return;
  const next = new Set(open.value);
  if (isOpen) next.add(name);
  else next.delete(name);
  open.value = next;
}
