import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { api, ask, problemOf } from "./api.ts";
import { Chart } from "./chart.tsx";
import { Editor } from "./editor/editor.tsx";
import { formatAgo, formatBytes, formatCount, formatSpan, plain } from "./format.ts";
import { HeldSet } from "./held.tsx";
import { Way } from "./icons.tsx";
import { Bar, Button, Dialog, Empty, Head, Pill, Trouble, useAct } from "./parts.tsx";

import { rateOf } from "./rate.ts";
import { go, placeOf, route } from "./route.ts";
import { states } from "./rules.tsx";
import {
  mayEdit,
  nowMs,
  type Rule,
  review,
  rules,
  steps,
  type Transfer,
  transfers,
} from "./state.ts";
import { Steps } from "./steps.tsx";

export type Report = InferResponseType<(typeof api.rules)[":name"]["plan"]["$post"], 200>;
type Run = InferResponseType<typeof api.runs.$get, 200>["runs"][number];

/** One rule: how it stands, what it does at this moment, and what it has done. */
export function RulePage({ name }: { name: string }) {
  if (name === "new") return <Editor rule={null} />;
  const rule = rules.value?.find((each) => each.name === name);
  if (!rule) {
    return rules.value === null ? (
      <p class="soft">Loading…</p>
    ) : (
      <Empty title={`There is no rule “${name}”`} />
    );
  }
  if (route.value.path[2] === "edit") return <Editor rule={rule} />;
  return <Known rule={rule} />;
}

function Known({ rule }: { rule: Rule }) {
  const { name, from, to, mode, status, place } = rule;
  const param = { name };
  const { busy, problem, act } = useAct();
  const plan = useSignal<Report | null>(null);
  /** Somebody wants to see a plan, which there is none of while a run is under way. */
  const wantsPlan = useSignal(false);
  const isPaused = status.state === "paused";
  const isWorking = status.state === "working";
  const held = review.value?.held.filter((each) => each.rule === name) ?? [];
  const askPlan = () =>
    void act(async () => {
      wantsPlan.value = isWorking;
      if (isWorking) return;
      plan.value = await ask(api.rules[":name"].plan.$post({ param })).catch((error: unknown) => {
        if (problemOf(error).code !== "working") throw error;
        wantsPlan.value = true;
        return null;
      });
    });
  useEffect(() => {
    if (!wantsPlan.value || isWorking) return;
    // The server may know of a run a moment before this page does.
    const soon = setTimeout(askPlan, 500);
    return () => clearTimeout(soon);
  }, [isWorking, wantsPlan.value]);
  return (
    <>
      <Head title={name}>
        <Pill tone={status.state}>{states[status.state]}</Pill>
        {mayEdit.value && (
          <>
            <Button
              kind="main"
              disabled={busy.value || isPaused}
              onPress={() => void act(() => ask(api.rules[":name"].run.$post({ param })))}
            >
              Run now
            </Button>
            <Button disabled={busy.value} onPress={askPlan}>
              Plan
            </Button>
            <Button
              disabled={busy.value}
              onPress={() =>
                void act(() =>
                  isPaused
                    ? ask(api.rules[":name"].resume.$post({ param }))
                    : ask(api.rules[":name"].pause.$post({ param })),
                )
              }
            >
              {isPaused ? "Resume" : "Pause"}
            </Button>
          </>
        )}
        <Button onPress={() => go("rules", name, "edit")}>
          {mayEdit.value && place === "dashboard" ? "Edit" : "View"}
        </Button>
      </Head>
      <Way from={from} to={to} mode={mode} />
      {place === "file" && (
        <p class="soft">This rule stands in the configuration file, and is changed there.</p>
      )}
      <Trouble problem={problem.value} />
      {wantsPlan.value && (
        <div class="card" role="status">
          A run is under way. The plan comes when it is over.
          <Button
            onPress={() => {
              wantsPlan.value = false;
            }}
          >
            Not any more
          </Button>
        </div>
      )}
      {status.why !== null && (
        <p class="why card">
          {plain(status.why)}
          {status.state === "sign-in-needed" && (
            <span>
              It waits until somebody has signed in anew:{" "}
              <a href={placeOf("connections")}>Connections</a>
            </span>
          )}
        </p>
      )}
      {status.conflicts > 0 && (
        <p>
          <a class="button" href={placeOf("review")}>
            Decide {formatCount(status.conflicts, "conflict")}
          </a>
        </p>
      )}
      {held.map((each) => (
        <HeldSet key={`${each.rule} ${each.kind} ${each.to}`} held={each} />
      ))}
      <Facts status={status} />
      <Moving name={name} />
      <History name={name} />
      {plan.value && (
        <Plan
          report={plan.value}
          onClose={() => {
            plan.value = null;
          }}
        />
      )}
    </>
  );
}

function Facts({ status }: { status: Rule["status"] }) {
  const { linked, waiting, failed, conflicts, freshness, nextDue } = status;
  const { toCopy, oldestChangeAt } = freshness;
  const facts: [string, string][] = [
    ["In step", formatCount(linked, "item")],
    ["Waiting", formatCount(waiting, "item")],
    ["Failing", formatCount(failed, "item")],
    ["To decide", formatCount(conflicts, "conflict")],
    ["Oldest change", oldestChangeAt ? formatAgo(oldestChangeAt, nowMs.value) : "–"],
    ["Next run", nextDue ? formatAgo(nextDue.at, nowMs.value) : "–"],
  ];
  return (
    <>
      <dl class="tiles">
        {facts.map(([name, value]) => (
          <div key={name} class="card">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {toCopy && (
        <p class="soft">
          Of the last {formatCount(toCopy.copies, "copy", "copies")} within 7 days half were there{" "}
          {withinOf(toCopy.medianMs)} of the change, and 95 % {withinOf(toCopy.percentile95Ms)}.
        </p>
      )}
    </>
  );
}

const withinOf = (ms: number) =>
  ms < 1_000 ? "within a second" : `within ${formatSpan(Math.ceil(ms / 1_000) * 1_000)}`;

/** Files on their way, with rate and time left. */
function Moving({ name }: { name: string }) {
  const all = [...transfers.value.values()].filter((each) => each.rule === name);
  if (all.length === 0) return null;
  return (
    <section class="card">
      <h2>On the way</h2>
      <ul class="transfers">
        {all.map((each) => (
          <li key={`${each.side} ${each.path}`}>
            <span class="path">{each.path}</span>
            <Bar value={each.sentBytes} most={each.bytes} label={each.path} />
            <span class="soft">{progressOf(each)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function progressOf({ bytes, sentBytes, samples }: Transfer): string {
  const sent = `${formatBytes(sentBytes)} of ${formatBytes(bytes)}`;
  const rate = rateOf(samples, nowMs.value);
  if (rate === null) return sent;
  const left = rate > 0 ? `, ${formatSpan(((bytes - sentBytes) / rate) * 1_000)} left` : "";
  return `${sent} · ${formatBytes(rate)}/s${left}`;
}

function History({ name }: { name: string }) {
  const runs = useSignal<readonly Run[]>([]);
  const next = useSignal<number | null>(null);
  const { busy, problem, act } = useAct();
  const load = (before?: number) =>
    act(async () => {
      const page = {
        rule: name,
        limit: "20",
        ...(before !== undefined && { before: `${before}` }),
      };
      const given = await ask(api.runs.$get({ query: page }));
      runs.value = before === undefined ? given.runs : [...runs.value, ...given.runs];
      next.value = given.next;
    });
  const lastRun = rules.value?.find((each) => each.name === name)?.status.lastRun;
  useEffect(() => void load(), [name, lastRun?.id, lastRun?.outcome]);
  const recent = steps.value.filter(({ rule }) => rule === name);
  return (
    <>
      <Chart rule={name} stamp={recent.length} />
      <section class="card">
        <h2>Runs</h2>
        <Trouble problem={problem.value} />
        {runs.value.length === 0 && <p class="soft">It has not run yet.</p>}
        <ul class="runs">
          {runs.value.map((run) => (
            <li key={run.id}>
              <RunRow run={run} />
            </li>
          ))}
        </ul>
        {next.value !== null && (
          <Button disabled={busy.value} onPress={() => void load(next.value ?? undefined)}>
            Earlier runs
          </Button>
        )}
      </section>
    </>
  );
}

const outcomes: Readonly<Record<string, string>> = {
  "in-step": "in step",
  changes: "cut off",
  held: "needs you",
  failed: "failed",
};
const tones: Readonly<Record<string, string>> = { changes: "waiting", failed: "failing" };

function RunRow({ run }: { run: Run }) {
  const isOpen = useSignal(false);
  const list = useSignal<Parameters<typeof Steps>[0]["steps"] | null>(null);
  const undo = useSignal<Report | null>(null);
  const { busy, problem, act } = useAct();
  const param = { id: String(run.id) };
  const outcome = run.outcome ?? "working";
  return (
    <details
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
        if (!isOpen.value || list.value) return;
        void act(async () => {
          const { steps } = await ask(api.runs[":id"].$get({ param, query: { limit: "200" } }));
          list.value = steps;
        });
      }}
    >
      <summary>
        <span>#{run.id}</span>
        <Pill tone={tones[outcome] ?? outcome}>{outcomes[outcome] ?? "working"}</Pill>
        <span>{run.trigger}</span>
        <span class="soft">{formatAgo(run.startedAt, nowMs.value)}</span>
        <span class="soft">
          {run.steps === 0
            ? run.endedAt !== null && "nothing to do"
            : `${formatCount(run.steps, "step")}, ${formatBytes(run.bytes)}`}
        </span>
      </summary>
      {run.message !== null && <p class="why">{run.message}</p>}
      <Trouble problem={problem.value} />
      {list.value && <Steps steps={list.value} />}
      {list.value && list.value.length < run.steps && (
        <p class="soft">
          These are the newest; <a href={placeOf("activity")}>the activity</a> has all of them.
        </p>
      )}
      {mayEdit.value && run.steps > 0 && run.undoes === null && (
        <Button
          disabled={busy.value}
          onPress={() =>
            void act(async () => {
              const json = { plan: true };
              undo.value = await ask(api.runs[":id"].undo.$post({ param, json }));
            })
          }
        >
          Undo…
        </Button>
      )}
      {undo.value && (
        <Plan
          report={undo.value}
          verb="Undo this run"
          onDo={() => ask(api.runs[":id"].undo.$post({ param, json: { plan: false } }))}
          onClose={() => {
            undo.value = null;
          }}
        />
      )}
    </details>
  );
}

interface PlanProps {
  readonly report: Report;
  readonly onClose: () => void;
  readonly verb?: string;
  readonly onDo?: () => Promise<unknown>;
}

/** What would be done, to be looked at first. */
function Plan({ report, onClose, verb, onDo }: PlanProps) {
  const { busy, problem, act } = useAct();
  const { steps: planned, totals, errors } = report;
  return (
    <Dialog title={verb ?? `What a run of “${report.rule}” would do now`} onClose={onClose}>
      <Trouble problem={problem.value} />
      {errors.map(({ path, message }) => (
        <p key={path + message} class="why">
          {path && `${path}: `}
          {message}
        </p>
      ))}
      <p>
        {planned.length === 0
          ? "In step: there is nothing to do."
          : `${formatCount(planned.length, "step")}, ${formatBytes(totals.bytes)}. Nothing was changed yet.`}
      </p>
      <Steps steps={planned} rule={report.rule} planned />
      {onDo && report.outcome === "changes" && (
        <div class="acts">
          <Button
            kind="danger"
            disabled={busy.value}
            onPress={() => void act(onDo).then((isDone) => isDone && onClose())}
          >
            {verb}
          </Button>
        </div>
      )}
    </Dialog>
  );
}
