import { formatAgo, formatBytes, formatNumber, plain } from "./format.ts";
import { Guide } from "./guide.tsx";
import { Way } from "./icons.tsx";
import { Bar, Button, Empty, Head, Pill } from "./parts.tsx";
import { go, placeOf } from "./route.ts";
import { mayEdit, nowMs, type Rule, rules, type Transfer, transfers } from "./state.ts";

/** All rules, and the truth about each at a glance. */
export function Rules() {
  const all = rules.value;
  return (
    <>
      <Head title="Rules">
        {mayEdit.value && (
          <Button kind="main" onPress={() => go("rules", "new")}>
            New rule
          </Button>
        )}
      </Head>
      {all === null && <p class="soft">Loading…</p>}
      {all?.length === 0 && <NoRules />}
      <ul class="rules">
        {all?.map((rule) => (
          <li key={rule.name}>
            <RuleCard rule={rule} />
          </li>
        ))}
      </ul>
    </>
  );
}

function NoRules() {
  if (mayEdit.value) return <Guide />;
  return (
    <Empty title="There is no rule yet">
      <p>A rule says what goes where: “when a file in this folder changes, copy it to that one”.</p>
    </Empty>
  );
}

/** The tone and the words of a state. */
export const states: Readonly<Record<Rule["status"]["state"], string>> = {
  "in-step": "in step",
  working: "working",
  waiting: "waiting",
  held: "needs you",
  "sign-in-needed": "sign-in needed",
  failing: "failing",
  paused: "paused",
  "never-run": "not run yet",
};

function RuleCard({ rule }: { rule: Rule }) {
  const { name, from, to, mode, status } = rule;
  const moving = [...transfers.value.values()].filter((each) => each.rule === name);
  return (
    <a class="card rule" href={placeOf("rules", name)}>
      <div class="row">
        <strong>{name}</strong>
        <Pill tone={status.state}>{states[status.state]}</Pill>
      </div>
      <Way from={from} to={to} mode={mode} />
      {status.why !== null && <p class="why">{plain(status.why)}</p>}
      {moving.length > 0 && <Moving transfers={moving} />}
      <p class="facts">{factsOf(rule).join(" · ")}</p>
    </a>
  );
}

/** All that is on its way for a rule, as one bar. */
function Moving({ transfers: all }: { transfers: readonly Transfer[] }) {
  const sent = all.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const bytes = all.reduce((sum, each) => sum + each.bytes, 0);
  const label = `${all.length} on the way, ${formatBytes(sent)} of ${formatBytes(bytes)}`;
  return (
    <div class="moving">
      <Bar value={sent} most={bytes} label={label} />
      <span>{label}</span>
    </div>
  );
}

function factsOf({ mode, on, status }: Rule): string[] {
  const { linked, waiting, lastRun, nextDue, freshness } = status;
  const took = freshness.toCopy;
  return [
    mode,
    `on ${on.join(", ")}`,
    `${formatNumber(linked)} in step`,
    ...(waiting > 0 ? [`${formatNumber(waiting)} waiting`] : []),
    ...(took ? [`95 % within ${Math.max(1, Math.round(took.percentile95Ms / 1_000))} s`] : []),
    ...(lastRun
      ? [`last run ${formatAgo(lastRun.endedAt ?? lastRun.startedAt, nowMs.value)}`]
      : []),
    ...(nextDue ? [`next ${formatAgo(nextDue.at, nowMs.value)}`] : []),
  ];
}
