import { Counter, Gauge, Registry } from "prom-client";
import { type RuleStatus, ruleStates, ruleStatus } from "../engine/status.ts";
import type { Engine } from "./engine.ts";

/**
 * Everything in numbers, as Prometheus reads it. Computed when it is asked for, and kept by nobody. Labels are rules
 * and accounts of the configuration and words of closed lists; never what a file is called.
 */
export async function metricsOf(
  engine: Engine,
  version: string,
): Promise<{ readonly text: string; readonly type: string }> {
  const registry = new Registry();
  const { config } = engine.current();
  put(registry, "info", "This installation; always 1.", [{ labels: { version }, value: 1 }]);
  putRules(registry, engine);
  putSteps(registry, engine, new Set(config.rules.map(({ name }) => name)));
  putAccounts(registry, engine, new Set(config.accounts.keys()));
  putRest(registry, engine);
  return { text: await registry.metrics(), type: registry.contentType };
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Without samples it is not told of. */
function put(
  registry: Registry,
  name: string,
  help: string,
  samples: readonly Sample[],
  isTotal = false,
): void {
  const [first] = samples;
  if (!first) return;
  const labelNames = Object.keys(first.labels);
  const about = { name: `syncline_${name}`, help, labelNames, registers: [registry] };
  if (isTotal) {
    const counter = new Counter(about);
    for (const { labels, value } of samples) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(about);
    for (const { labels, value } of samples) gauge.set(labels, value);
  }
}

function putRules(registry: Registry, engine: Engine): void {
  const { store, now } = engine;
  const nowMs = now();
  const all = engine
    .current()
    .config.rules.map((rule) => ruleStatus(rule, store, { nowMs, running: true }));
  const ofRules = (name: string, help: string, read: (status: RuleStatus) => number | null) =>
    put(
      registry,
      name,
      help,
      all.flatMap((status) => {
        const value = read(status);
        return value === null ? [] : [{ labels: { rule: status.rule }, value }];
      }),
    );
  const stateSamples = all.flatMap(({ rule, state }) =>
    ruleStates.map((each) => ({ labels: { rule, state: each }, value: each === state ? 1 : 0 })),
  );
  put(registry, "rule_state", "1 for the state that a rule is in, 0 for all others.", stateSamples);
  ofRules("linked_items", "Items that both sides of a rule have.", ({ linked }) => linked);
  ofRules("queue_items", "Items that a rule has still to look at.", ({ waiting }) => waiting);
  ofRules("failed_items", "Items that failed and are tried again.", ({ failed }) => failed);
  ofRules("conflicts", "Conflicts that wait for a person.", ({ conflicts }) => conflicts);
  ofRules("held_items", "Items that a guard holds for a person.", ({ held }) =>
    held.reduce((sum, { items }) => sum + items, 0),
  );
  ofRules(
    "oldest_change_age_seconds",
    "How long the oldest change waits that is due and not brought yet; 0: none does.",
    ({ freshness: { oldestChangeAt } }) =>
      oldestChangeAt === null ? 0 : Math.max(0, nowMs - oldestChangeAt.getTime()) / 1000,
  );
  ofRules("last_run_timestamp_seconds", "When the last run of a rule ended.", ({ lastRun }) =>
    lastRun?.endedAt ? lastRun.endedAt.getTime() / 1000 : null,
  );
  const delays = all.flatMap(({ rule, freshness: { toCopy } }) => {
    if (!toCopy) return [];
    const sample = (quantile: string, ms: number) => ({
      labels: { rule, quantile },
      value: ms / 1000,
    });
    return [sample("0.5", toCopy.medianMs), sample("0.95", toCopy.percentile95Ms)];
  });
  const delayHelp =
    "From when a change was seen to its verified copy, over the newest thousand of the last seven days.";
  put(registry, "copy_delay_seconds", delayHelp, delays);
}

const transfers: ReadonlySet<string> = new Set(["upload", "update"]);

function putSteps(registry: Registry, { tally }: Engine, rules: ReadonlySet<string>): void {
  const steps = tally.steps().filter(({ rule }) => rules.has(rule));
  const stepSamples = steps.map(({ rule, do: verb, outcome, count }) => ({
    labels: { rule, do: verb, outcome },
    value: count,
  }));
  put(registry, "steps_total", "Steps since the start, done or failed.", stepSamples, true);
  const done = steps.filter((step) => transfers.has(step.do) && step.outcome === "done");
  const sums = [...rules].map((rule) => {
    const own = done.filter((step) => step.rule === rule);
    const sum = (read: (step: (typeof own)[number]) => number) =>
      own.reduce((total, step) => total + read(step), 0);
    return { rule, files: sum(({ count }) => count), bytes: sum(({ bytes }) => bytes) };
  });
  const ofSums = (name: string, help: string, read: (sum: (typeof sums)[number]) => number) =>
    put(
      registry,
      name,
      help,
      sums.map((sum) => ({ labels: { rule: sum.rule }, value: read(sum) })),
      true,
    );
  const files = "Files transferred and verified since the start.";
  ofSums("transferred_files_total", files, (sum) => sum.files);
  ofSums("transferred_bytes_total", "Their bytes.", (sum) => sum.bytes);
}

function putAccounts(registry: Registry, engine: Engine, names: ReadonlySet<string>): void {
  const { store, now, tally, apiCalls } = engine;
  const calls = Object.entries(apiCalls()).filter(([account]) => names.has(account));
  const callSamples = calls.map(([account, value]) => ({ labels: { account }, value }));
  put(registry, "requests_total", "HTTP requests to an account's service.", callSamples, true);
  const failures = tally.failures().filter(({ account }) => names.has(account));
  const failureSamples = failures.map(({ account, failure, count }) => ({
    labels: { account, failure },
    value: count,
  }));
  const failureHelp =
    "Attempts that failed since the start, by why: rate-limited is throttling, unauthorized a dead grant.";
  put(registry, "request_failures_total", failureHelp, failureSamples, true);
  const rows = store.accounts.lastRead().filter(({ name }) => names.has(name));
  const ages = rows.flatMap(({ name: account, readAt }) =>
    readAt ? [{ labels: { account }, value: Math.max(0, now() - readAt.getTime()) / 1000 }] : [],
  );
  put(registry, "feed_age_seconds", "How long ago an account's changes were read.", ages);
  const flags = (isSet: (row: (typeof rows)[number]) => boolean) =>
    rows.map((row) => ({ labels: { account: row.name }, value: isSet(row) ? 1 : 0 }));
  const unreadable = flags(({ problem }) => problem !== null);
  put(registry, "account_unreadable", "1 while an account can't be read.", unreadable);
  const signIn = flags(({ failure }) => failure === "unauthorized");
  put(registry, "sign_in_needed", "1 while an account's grant is dead.", signIn);
}

function putRest(registry: Registry, { current, notifier, store }: Engine): void {
  const waiting = current().config.notify.map((contact) => notifier.deliveries(contact).waiting);
  const sum = waiting.reduce((total, each) => total + each, 0);
  const notices = [{ labels: {}, value: sum }];
  put(registry, "undelivered_notices", "Notifications on their way.", notices);
  const last = store.backups.last();
  const backups = last ? [{ labels: {}, value: last.at.getTime() / 1000 }] : [];
  put(registry, "last_backup_timestamp_seconds", "When the last backup was made.", backups);
}
