import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { addressOf, api, ask } from "./api.ts";
import { Explain } from "./explain.tsx";
import { Button, Empty, Field, Head, Trouble, useAct } from "./parts.tsx";
import { rules, steps as told } from "./state.ts";
import { Steps } from "./steps.tsx";

type Step = InferResponseType<typeof api.activity.$get, 200>["steps"][number];
interface Filter {
  readonly rule?: string;
  readonly search?: string;
  readonly result?: "done" | "failed";
}

const pageSteps = 200;

/** Everything that was done, live, to be searched and taken along. */
export function Activity() {
  const filter = useSignal<Filter>({});
  const list = useSignal<readonly Step[] | null>(null);
  const next = useSignal<number | null>(null);
  const explained = useSignal<string | null>(null);
  const { busy, problem, act } = useAct();
  const load = (before?: number) =>
    act(async () => {
      const query = {
        ...filter.value,
        limit: String(pageSteps),
        ...(before !== undefined && { before: String(before) }),
      };
      const given = await ask(api.activity.$get({ query }));
      list.value = before === undefined ? given.steps : [...(list.value ?? []), ...given.steps];
      next.value = given.next;
    });
  const newest = told.value[0]?.at;
  useEffect(() => {
    // Typing, and a burst of steps, are one question.
    const soon = setTimeout(() => void load(), 250);
    return () => clearTimeout(soon);
  }, [filter.value, newest]);
  const set = (change: Record<string, string>) => {
    const all = Object.entries({ ...filter.value, ...change });
    filter.value = Object.fromEntries(all.filter(([, value]) => value !== ""));
  };
  const query = new URLSearchParams(Object.entries(filter.value));
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
      <div class="filters">
        <Field
          label="Search"
          name="search"
          type="search"
          hint="A part of a file's path."
          onValue={(search) => set({ search })}
        />
        <label class="field">
          Rule
          <select onChange={(event) => set({ rule: event.currentTarget.value })}>
            <option value="">All</option>
            {rules.value?.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Result
          <select onChange={(event) => set({ result: event.currentTarget.value })}>
            <option value="">All</option>
            <option value="done">Done</option>
            <option value="failed">Failed</option>
          </select>
        </label>
      </div>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget).get("location");
          explained.value = typeof given === "string" ? given : null;
        }}
      >
        <Field
          label="The story of one file"
          name="location"
          hint="account:/path, such as work-dropbox:/Invoices/2026.pdf"
        />
        <Button type="submit">Explain</Button>
      </form>
      {explained.value !== null && (
        <Explain
          location={explained.value}
          onClose={() => {
            explained.value = null;
          }}
        />
      )}
      <Trouble problem={problem.value} />
      {list.value?.length === 0 && (
        <Empty title="Nothing was done">
          <p>What rules do appears here as it happens.</p>
        </Empty>
      )}
      {list.value && list.value.length > 0 && (
        <section class="card">
          <Steps steps={list.value} />
        </section>
      )}
      {next.value !== null && (
        <Button disabled={busy.value} onPress={() => void load(next.value ?? undefined)}>
          Earlier
        </Button>
      )}
    </>
  );
}
