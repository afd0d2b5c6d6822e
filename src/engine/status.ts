import { Cron } from "croner";
import type { ItemId } from "../core/entry.ts";
import {
  fingerprint,
  formatLocation,
  formatTrigger,
  type Rule,
  type Trigger,
} from "../core/rule.ts";
import { pathBelow } from "../core/scope.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { Store } from "../store/open.ts";
import type { RunRow } from "../store/runs.ts";

/**
 * - `in-step`: nothing is left to do, as far as both feeds were read.
 * - `working`: a run is under way.
 * - `waiting`: changes are known that no run has dealt with yet.
 * - `held`: it waits for a person.
 * - `failing`: something could not be done; it is tried again.
 */
export type RuleState =
  | "in-step"
  | "working"
  | "waiting"
  | "held"
  | "failing"
  | "paused"
  | "never-run";

export interface RuleStatus {
  readonly rule: string;
  readonly state: RuleState;
  /** For people; null where the state says it all. */
  readonly why: string | null;
  /** Items that are still to be looked at, without those that failed. */
  readonly waiting: number;
  readonly failed: number;
  /** Items that both sides have. */
  readonly linked: number;
  readonly lastRun: Pick<
    RunRow,
    "trigger" | "startedAt" | "endedAt" | "outcome" | "message"
  > | null;
  /** When time alone brings the rule to run next, where a process watches it; null: nothing is planned. */
  readonly nextDue: { readonly at: Date; readonly because: string } | null;
}

export interface StatusContext {
  readonly nowMs: number;
  /** Whether a living process owns the state. */
  readonly running: boolean;
}

/** How a rule stands, from the state alone; null when there is no state. */
export function ruleStatus(rule: Rule, store: Store | null, context: StatusContext): RuleStatus {
  const destinations = store ? destinationsOf(rule, store) : [];
  const counts = destinations.map(({ id }) => store?.dirty.counts(id) ?? { waiting: 0, failed: 0 });
  const failed = sum(counts.map((count) => count.failed));
  const lastRun = store?.runs.last(rule.name) ?? null;
  const facts = {
    rule: rule.name,
    waiting: sum(counts.map((count) => count.waiting)) - failed,
    failed,
    linked: sum(destinations.map(({ id }) => store?.links.count(id) ?? 0)),
    lastRun: lastRun && runFacts(lastRun),
    nextDue: rule.paused ? null : nextDue(rule, store, destinations, lastRun, context.nowMs),
  };
  return { ...facts, ...judge(rule, store, destinations, facts, context) };
}

function destinationsOf(rule: Rule, store: Store): DestinationRow[] {
  const locations = rule.to.map(formatLocation);
  return store.destinations
    .ofRule(rule.name)
    .filter(({ location }) => locations.includes(location));
}

function runFacts({ trigger, startedAt, endedAt, outcome, message }: RunRow) {
  return { trigger, startedAt, endedAt, outcome, message };
}

type Facts = Omit<RuleStatus, "state" | "why">;

function judge(
  rule: Rule,
  store: Store | null,
  destinations: readonly DestinationRow[],
  { lastRun, failed, waiting, nextDue }: Facts,
  { running, nowMs }: StatusContext,
): Pick<RuleStatus, "state" | "why"> {
  if (rule.paused) return { state: "paused", why: '"paused: true" in the configuration' };
  if (!store || !lastRun) return { state: "never-run", why: null };
  const problem = accountProblem(destinations, store);
  if (problem !== null) return { state: "failing", why: problem };
  if (lastRun.endedAt === null) {
    if (running) return { state: "working", why: null };
    return { state: "waiting", why: "the last run was cut off; the next one goes on from there" };
  }
  if (failed > 0) return { state: "failing", why: firstFailure(destinations, store, failed) };
  if (lastRun.outcome === "failed") return { state: "failing", why: lastRun.message };
  if (lastRun.outcome === "held") return { state: "held", why: lastRun.message };
  if (lastRun.outcome === "changes") return { state: "waiting", why: lastRun.message };
  if (destinations.some((row) => row.fingerprint !== fingerprint(rule))) {
    return { state: "waiting", why: "the rule was changed after its last run" };
  }
  if (waiting === 0) return { state: "in-step", why: null };
  const due = sum(destinations.map(({ id }) => store.dirty.countDue(id, nowMs)));
  const items = waiting === 1 ? "1 item waits" : `${waiting} items wait`;
  const resting = due === 0 && nextDue !== null;
  return { state: "waiting", why: resting ? `${items} for the right time` : items };
}

/** Why an account of the rule can't be read at present. */
function accountProblem(destinations: readonly DestinationRow[], store: Store): string | null {
  for (const { fromAccount, toAccount } of destinations) {
    for (const { name, problem } of [fromAccount, toAccount].map(store.accounts.get)) {
      if (problem !== null) return `account "${name}": ${problem}`;
    }
  }
  return null;
}

function firstFailure(
  destinations: readonly DestinationRow[],
  store: Store,
  count: number,
): string | null {
  for (const row of destinations) {
    const [first] = store.dirty.failed(row.id);
    if (!first) continue;
    const more = count > 1 ? ` (and ${count - 1} more)` : "";
    return `${sourcePath(row, store, first.item)}: ${first.error}${more}`;
  }
  return null;
}

function sourcePath({ fromAccount, fromRoot }: DestinationRow, store: Store, item: ItemId): string {
  const tree = store.trees.of(fromAccount);
  const path = fromRoot && pathBelow(tree, fromRoot, item);
  return path?.join("/") || (tree.get(item)?.name ?? "an item that is gone");
}

function nextDue(
  rule: Rule,
  store: Store | null,
  destinations: readonly DestinationRow[],
  lastRun: RunRow | null,
  nowMs: number,
): RuleStatus["nextDue"] {
  const timed = rule.triggers.flatMap((trigger) => {
    const at = nextTime(trigger, lastRun, nowMs);
    return at ? [{ at, because: formatTrigger(trigger) }] : [];
  });
  const resting = destinations.flatMap(({ id }) => {
    const at = store?.dirty.nextDue(id);
    return at ? [{ at, because: "change" }] : [];
  });
  const [first] = [...timed, ...resting].sort((a, b) => a.at.getTime() - b.at.getTime());
  return first ?? null;
}

function nextTime(trigger: Trigger, lastRun: RunRow | null, nowMs: number): Date | null {
  if (trigger.type === "cron") return new Cron(trigger.line).nextRun(new Date(nowMs));
  if (trigger.type !== "every") return null;
  const fromMs = lastRun?.startedAt.getTime() ?? nowMs;
  return new Date(Math.max(nowMs, fromMs + trigger.everyMs));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
