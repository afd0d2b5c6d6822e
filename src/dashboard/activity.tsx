import { type Signal, useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import type { Problem } from "../server/problem.ts";
import { addressOf, api, ask, problemOf } from "./api.ts";
import { Explain } from "./explain.tsx";
import { formatAgo, formatCount } from "./format.ts";
import { Button, Empty, Field, Head, Trouble } from "./parts.tsx";
import { type Rows, useRows } from "./rows.tsx";
import { nowMs, type Rule, rules, steps as told } from "./state.ts";
import { StepFacts, StepPath, StepSign, StepWords, wordsOf } from "./steps.tsx";
import { doneWords } from "./words.ts";

type Step = InferResponseType<typeof api.activity.$get, 200>["steps"][number];
type Query = Parameters<typeof api.activity.$get>[0]["query"];
type Filter = Readonly<Partial<Record<"rule" | "search" | "do" | "result" | "since", string>>>;

const pageSteps = 200;
/** However much happens, the newest steps are asked for no more often. */
const followMs = 1_000;
/** Nearer to the top than this, what is new is put there by itself. */
const topPx = 40;

/** Everything that was done, live, to be searched and taken along. */
export function Activity() {
  const filter = useSignal<Filter>({});
  const log = useLog(filter);
  const explained = useSignal<string | null>(null);
  const query = new URLSearchParams(Object.entries(filter.value));
  const { steps, problem } = log;
  return (
    <>
      <Head title="Activity">
        <a class="button" href={addressOf(`api/v1/activity/export?format=csv&${query}`)} download>
          CSV
        </a>
        <a class="button" href={addressOf(`api/v1/activity/export?format=json&${query}`)} download>
          JSON
        </a>
      </Head>
      <Filters filter={filter} />
      <AskForFile
        onAsk={(location) => {
          explained.value = location;
        }}
      />
      {explained.value !== null && (
        <Explain
          location={explained.value}
          onClose={() => {
            explained.value = null;
          }}
        />
      )}
      <Trouble problem={problem.value} />
      {steps.value?.length === 0 && (
        <Empty title="Nothing was done">
          <p>What rules do appears here as it happens.</p>
        </Empty>
      )}
      {steps.value && steps.value.length > 0 && (
        <Feed
          log={log}
          steps={steps.value}
          onExplain={(location) => {
            explained.value = location;
          }}
        />
      )}
    </>
  );
}

interface Log {
  /** Null: not asked for yet. */
  readonly steps: Signal<readonly Step[] | null>;
  /** What has come since, and is not among them yet. */
  readonly fresh: Signal<readonly Step[]>;
  /** From where on there are older ones; null: from nowhere. */
  readonly next: Signal<number | null>;
  readonly problem: Signal<Problem | null>;
  /** Asks for older ones, once at a time. */
  more(): void;
  /** Puts what has come on top. */
  join(): void;
}

function useLog(filter: Signal<Filter>): Log {
  const steps = useSignal<readonly Step[] | null>(null);
  const fresh = useSignal<readonly Step[]>([]);
  const next = useSignal<number | null>(null);
  const problem = useSignal<Problem | null>(null);
  const isAsking = useSignal(false);

  /** Null: it could not be had, or somebody has typed on meanwhile. */
  async function page(before?: number) {
    const asked = filter.value;
    const range = before === undefined ? {} : { before: String(before) };
    const query = { ...asked, ...range, limit: String(pageSteps) } as Query;
    try {
      const given = await ask(api.activity.$get({ query }));
      problem.value = null;
      return asked === filter.value ? given : null;
    } catch (error) {
      problem.value = problemOf(error);
      return null;
    }
  }

  async function begin(): Promise<void> {
    const given = await page();
    if (!given) return;
    steps.value = given.steps;
    next.value = given.next;
    fresh.value = [];
  }

  function join(): void {
    // A whole page of new ones may not reach down to those that are known.
    if (fresh.value.length >= pageSteps) void begin();
    else if (fresh.value.length > 0) {
      steps.value = [...fresh.value, ...(steps.value ?? [])];
      fresh.value = [];
    }
  }

  async function follow(): Promise<void> {
    const given = await page();
    if (!given || !steps.value) return;
    const newest = steps.value[0]?.id ?? -1;
    fresh.value = given.steps.filter(({ id }) => id > newest);
    if (scrollY < topPx) join();
  }

  async function more(): Promise<void> {
    if (isAsking.value || next.value === null) return;
    isAsking.value = true;
    const from = next.value;
    const given = await page(from);
    isAsking.value = false;
    // Of a list that has begun anew meanwhile it is no part.
    if (!given || from !== next.value) return;
    steps.value = [...(steps.value ?? []), ...given.steps];
    next.value = given.next;
  }

  useEffect(() => {
    // Typing is one question.
    const soon = setTimeout(() => void begin(), steps.value === null ? 0 : 250);
    return () => clearTimeout(soon);
  }, [filter.value]);
  const newest = told.value[0];
  const isDue = useSignal(false);
  useEffect(() => {
    if (!newest || isDue.value) return;
    isDue.value = true;
    setTimeout(() => {
      isDue.value = false;
      void follow();
    }, followMs);
  }, [newest]);
  useEffect(() => {
    const look = () => {
      if (scrollY < topPx) join();
    };
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
  return { steps, fresh, next, problem, more: () => void more(), join };
}

/** So many rows before the end of what is there, older ones are asked for. */
const aheadRows = 60;

function Feed(props: {
  readonly log: Log;
  readonly steps: readonly Step[];
  readonly onExplain: (location: string) => void;
}) {
  const { log, steps, onExplain } = props;
  const { fresh, next } = log;
  const rows = useRows(steps.length);
  const isNearEnd = rows.end > steps.length - aheadRows;
  useEffect(() => {
    if (isNearEnd && next.value !== null) log.more();
  }, [isNearEnd, next.value]);
  const count = fresh.value.length;
  return (
    <>
      {count > 0 && (
        <div class="fresh">
          <Button
            kind="main"
            onPress={() => {
              log.join();
              scrollTo({ top: 0 });
            }}
          >
            {count >= pageSteps ? `More than ${pageSteps} new` : `${count} new`}
          </Button>
        </div>
      )}
      <section class="card feed">
        <div
          ref={rows.list}
          role="feed"
          aria-label="What was done, the newest first"
          style={rows.style}
        >
          {steps.slice(rows.first, rows.end).map((step, offset) => (
            <FeedRow
              key={step.id}
              step={step}
              row={rows.first + offset}
              rows={rows}
              // The last of all is not known before it was asked for.
              total={next.value === null ? steps.length : -1}
              onExplain={onExplain}
            />
          ))}
        </div>
      </section>
      <p class="soft" role="status">
        {next.value === null ? formatCount(steps.length, "step") : ""}
      </p>
    </>
  );
}

interface FeedRowProps {
  readonly step: Step;
  readonly row: number;
  readonly rows: Rows;
  readonly total: number;
  readonly onExplain: (location: string) => void;
}

function FeedRow({ step, row, rows, total, onExplain }: FeedRowProps) {
  const location = locationOf(step, rules.value);
  const words = `${wordsOf(step)}: ${step.path}, ${formatAgo(step.at, nowMs.peek())}`;
  return (
    <article
      class="step"
      aria-label={words}
      aria-posinset={row + 1}
      aria-setsize={total}
      data-do={step.error ? "failed" : step.do}
    >
      <StepSign step={step} />
      <div class="what">
        <button
          type="button"
          class="story"
          title="The story of this file"
          aria-disabled={location === null}
          tabIndex={rows.tabOf(row)}
          data-row={row}
          onKeyDown={(event) => void rows.onKey(event)}
          onClick={() => location !== null && onExplain(location)}
        >
          <StepPath step={step} />
        </button>
        <StepWords step={step} withRule />
      </div>
      <StepFacts step={step} />
    </article>
  );
}

/** Where the file of a step is, or what it was made from where it went to one of several; null: its rule is gone. */
function locationOf({ rule, side, path }: Step, all: readonly Rule[] | null): string | null {
  const found = all?.find(({ name }) => name === rule);
  if (!found) return null;
  const [to = found.from, ...others] = found.to;
  const folder = side === "from" || others.length > 0 ? found.from : to;
  return folder.endsWith("/") ? `${folder}${path}` : `${folder}/${path}`;
}

function Filters({ filter }: { filter: Signal<Filter> }) {
  const set = (change: Filter) => {
    const all = Object.entries({ ...filter.value, ...change });
    filter.value = Object.fromEntries(all.filter(([, value]) => value !== ""));
  };
  return (
    <div class="filters">
      <Field
        label="Search"
        name="search"
        type="search"
        hint="A part of a file's path."
        onValue={(search) => set({ search })}
      />
      <Choice
        label="Rule"
        all={rules.value?.map(({ name }) => [name, name]) ?? []}
        onChoose={(rule) => set({ rule })}
      />
      <Choice label="What" all={doneWords} onChoose={(verb) => set({ do: verb })} />
      <Choice
        label="Result"
        all={[
          ["done", "Done"],
          ["failed", "Failed"],
        ]}
        onChoose={(result) => set({ result })}
      />
      <Choice
        label="When"
        all={spans.map(([ms, words]) => [String(ms), words])}
        onChoose={(ms) =>
          set({ since: ms === "" ? "" : new Date(Date.now() - Number(ms)).toISOString() })
        }
      />
    </div>
  );
}

const spans = [
  [3_600_000, "the last hour"],
  [86_400_000, "the last day"],
  [604_800_000, "the last 7 days"],
  [2_592_000_000, "the last 30 days"],
] as const;

function Choice(props: {
  readonly label: string;
  readonly all: readonly (readonly [value: string, words: string])[];
  readonly onChoose: (value: string) => void;
}) {
  return (
    <label class="field">
      {props.label}
      <select onChange={({ currentTarget }) => props.onChoose(currentTarget.value)}>
        <option value="">All</option>
        {props.all.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Of a file that no step was told of, too. */
function AskForFile({ onAsk }: { onAsk: (location: string) => void }) {
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget).get("location");
        if (typeof given === "string" && given !== "") onAsk(given);
      }}
    >
      <Field
        label="The story of one file"
        name="location"
        hint="account:/path, such as work-dropbox:/Invoices/2026.pdf"
      />
      <Button type="submit">Explain</Button>
    </form>
  );
}
