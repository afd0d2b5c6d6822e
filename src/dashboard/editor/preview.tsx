import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import type { Problem } from "../../server/problem.ts";
import { api, ask, problemOf } from "../api.ts";
import { formatBytes, formatCount } from "../format.ts";
import { type StepLine, Steps } from "../steps.tsx";
import type { RuleFields } from "./editor.tsx";
import { type Fields, isEmpty } from "./fields.ts";

type Preview = InferResponseType<typeof api.rules.preview.$post, 200>;

export interface Seen {
  readonly preview: Preview | null;
  readonly problem: Problem | null;
  readonly isReading: boolean;
}

const nothing: Seen = { preview: null, problem: null, isReading: false };

/** What the rule would be about, asked for when nobody has typed for half a second. */
export function usePreview(fields: Fields, former: string | null, isAsked: boolean): Seen {
  const seen = useSignal<Seen>(nothing);
  const isWhole = isAsked && !isEmpty(fields.name) && !isEmpty(fields.from) && !isEmpty(fields.to);
  useEffect(() => {
    if (!isWhole) {
      seen.value = nothing;
      return;
    }
    const left = new AbortController();
    const soon = setTimeout(async () => {
      seen.value = { ...seen.value, isReading: true };
      const json = { fields: fields as RuleFields, ...(former !== null && { former }) };
      const init = { signal: left.signal };
      const next = await ask(api.rules.preview.$post({ json }, { init })).then(
        (preview): Seen => ({ preview, problem: null, isReading: false }),
        (error): Seen => ({ preview: null, problem: problemOf(error), isReading: false }),
      );
      if (!left.signal.aborted) seen.value = next;
    }, 500);
    return () => {
      left.abort();
      clearTimeout(soon);
    };
  }, [fields, former, isWhole]);
  return seen.value;
}

const mostSteps = 100;

/** What the rule would be about, as it stands now. */
export function Look({ preview, problem, isReading }: Seen) {
  return (
    <section class="card" aria-live="polite" aria-busy={isReading}>
      <div class="row">
        <h2>What it would do</h2>
        {isReading && <span class="soft">Looking…</span>}
      </div>
      {!preview && !isReading && (
        <p class="soft">
          {problem
            ? "This shows which files match as soon as the rule is right."
            : "Fill in the sentence, and this shows which files match."}
        </p>
      )}
      {preview && (
        <>
          <p>{matchingWords(preview.matching)}</p>
          <Warnings warnings={preview.warnings} />
          {preview.first ? <First first={preview.first} /> : <Some matching={preview.matching} />}
        </>
      )}
    </section>
  );
}

function matchingWords({ files, bytes, others }: Preview["matching"]): string {
  const left = others > 0 ? `; ${formatCount(others, "file")} left out by the filters` : "";
  return `${formatCount(files, "file")} ${files === 1 ? "matches" : "match"}, ${formatBytes(bytes)}${left}.`;
}

function Warnings({ warnings }: { warnings: Preview["warnings"] }) {
  if (warnings.length === 0) return null;
  return (
    <ul class="warnings">
      {warnings.map(({ about, message, mend, count, some }) => (
        <li key={about + message} class="why">
          <p>{message}</p>
          {some.length > 0 && (
            <ul class="path">
              {some.map((each) => (
                <li key={each}>{each}</li>
              ))}
              {count > some.length && <li>and {formatCount(count - some.length, "other")}</li>}
            </ul>
          )}
          {mend !== null && <p class="note">{mend}</p>}
        </li>
      ))}
    </ul>
  );
}

function First({ first: { steps, totals } }: { first: NonNullable<Preview["first"]> }) {
  if (steps.length === 0) return <p class="soft">The first run would have nothing to do.</p>;
  const others = steps.length - mostSteps;
  return (
    <>
      <p class="soft">
        The first run: {totalsWords(steps)}; {formatBytes(totals.bytes)} to transfer.
      </p>
      <Steps steps={steps.slice(0, mostSteps)} planned />
      {others > 0 && <p class="soft">and {formatCount(others, "other step")}</p>}
    </>
  );
}

/** Where there is too much for a plan while somebody types. */
function Some({ matching: { some, files } }: Pick<Preview, "matching">) {
  return (
    <>
      <p class="soft">
        There are too many items to work out the first run while you type. Some of the files:
      </p>
      <ul class="tree">
        {some.map((path) => (
          <li key={path} class="path">
            {path}
          </li>
        ))}
      </ul>
      {files > some.length && <p class="soft">and {formatCount(files - some.length, "other")}</p>}
    </>
  );
}

/** By verb, what is done to so many. */
const kinds: readonly (readonly [verb: string, noun: string, done: string])[] = [
  ["upload", "file", "to copy"],
  ["update", "file", "to replace"],
  ["create-folder", "folder", "to make"],
  ["link", "item", "there already"],
  ["rename", "item", "to rename"],
  ["move", "item", "to move"],
  ["trash", "item", "to put in the trash"],
  ["restore", "item", "to bring back"],
  ["conflict", "conflict", "to settle"],
  ["skip", "item", "to leave alone"],
];

/** `12 files to copy, 3 folders to make` */
function totalsWords(steps: readonly StepLine[]): string {
  const words = kinds.flatMap(([verb, noun, done]) => {
    const count = steps.filter((step) => step.do === verb).length;
    return count === 0 ? [] : [`${formatCount(count, noun)} ${done}`];
  });
  return words.join(", ");
}
