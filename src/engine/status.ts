import type { ItemRef } from "../core/plan.ts";
import { fingerprint, formatTrigger, type Rule, type Trigger } from "../core/rule.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { Store } from "../store/open.ts";
import type { RunRow } from "../store/runs.ts";
import { type Freshness, freshnessOf } from "./freshness.ts";
import { destinationsOf, endOf, pathOf } from "./place.ts";
import { listConflicts, listHolds } from "./review.ts";
import { nextTime } from "./time.ts";
import { unreadableIn } from "./unreadable.ts";

/**
 * - `in-step`: nothing is left to do, as far as both feeds were read.
 * - `working`: a run is under way.
 * - `waiting`: changes are known that no run has dealt with yet.
 * - `held`: it waits for a person.
 * - `sign-in-needed`: one of its accounts has lost its grant; nothing is tried until somebody signs in anew.
 * - `failing`: something could not be done; it is tried again.
 */
export const ruleStates = [
  "in-step",
  "working",
  "waiting",
  "held",
  "sign-in-needed",
  "failing",
  "paused",
  "never-run",
] as const;
export type RuleState = (typeof ruleStates)[number];

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
  /** Conflicts that a person is to decide. */
  readonly conflicts: number;
  /** Sets of removals or overwrites that wait to be approved, or rejected. */
  readonly held: readonly Held[];
  readonly freshness: Freshness;
  readonly lastRun: Pick<
    RunRow,
    "id" | "trigger" | "startedAt" | "endedAt" | "outcome" | "message"
  > | null;
  /** When time alone brings the rule to run next, where a process watches it; null: nothing is planned. */
  readonly nextDue: { readonly at: Date; readonly because: string } | null;
}

export interface Held {
  readonly kind: "deletes" | "changes";
  readonly items: number;
  readonly why: string;
}

export interface StatusContext {
  readonly nowMs: number;
  /** Whether a living process owns the state. */
  readonly running: boolean;
}

/** How a rule stands, without what is counted of all its files. */
export type RuleStanding = Omit<RuleStatus, "linked" | "freshness">;

/** How a rule stands, from the state alone; null when there is no state. */
export function ruleStatus(rule: Rule, store: Store | null, context: StatusContext): RuleStatus {
  const destinations = store ? destinationsOf(rule, store) : [];
  return {
    ...ruleStanding(rule, store, context),
    linked: sum(destinations.map(({ id }) => store?.links.count(id) ?? 0)),
    freshness: store
      ? freshnessOf(rule.name, destinations, store, context.nowMs)
      : { oldestChangeAt: null, toCopy: null },
  };
}

/** The cheap part of it. */
export function ruleStanding(
  rule: Rule,
  store: Store | null,
  context: StatusContext,
): RuleStanding {
  const destinations = store ? destinationsOf(rule, store) : [];
  const counts = destinations.map(({ id }) => store?.dirty.counts(id) ?? { waiting: 0, failed: 0 });
  const failed = sum(counts.map((count) => count.failed));
  const lastRun = store?.runs.last(rule.name) ?? null;
  const facts = {
    rule: rule.name,
    waiting: sum(counts.map((count) => count.waiting)) - failed,
    failed,
    ...(store ? openOf(rule, store) : { conflicts: 0, held: [] }),
    lastRun: lastRun && runFacts(lastRun),
    nextDue: rule.paused ? null : nextDue(rule, store, destinations, lastRun, context.nowMs),
  };
  return { ...facts, ...judge(rule, store, destinations, facts, context) };
}

/** What waits for a person; not what they have decided already. */
function openOf(rule: Rule, store: Store): Pick<RuleStatus, "conflicts" | "held"> {
  const conflicts = listConflicts(store, [rule]).filter(({ decided }) => decided === null);
  const held = listHolds(store, [rule]).filter(({ approved }) => !approved);
  return {
    conflicts: conflicts.length,
    held: held.map(({ kind, items, why }) => ({ kind, items: items.length, why })),
  };
}

function runFacts({ id, trigger, startedAt, endedAt, outcome, message }: RunRow) {
  return { id, trigger, startedAt, endedAt, outcome, message };
}

type Facts = Omit<RuleStanding, "state" | "why">;

type Verdict = Pick<RuleStatus, "state" | "why">;

function judge(
  rule: Rule,
  store: Store | null,
  destinations: readonly DestinationRow[],
  facts: Facts,
  { running, nowMs }: StatusContext,
): Verdict {
  if (rule.paused) return { state: "paused", why: whyPaused(rule, store) };
  const trouble = store && accountTrouble(destinations, store);
  if (trouble) return trouble;
  if (!store || !facts.lastRun) return { state: "never-run", why: null };
  const verdict = judgeRuns(rule, store, destinations, facts, running);
  if (verdict?.state === "working" || verdict?.state === "failing") return verdict;
  const [unread, ...more] = destinations.flatMap((row) => unreadableIn(row, store));
  if (unread !== undefined) {
    const others = more.length > 0 ? ` (and ${more.length} more)` : "";
    return { state: "failing", why: `${unread}${others}` };
  }
  if (verdict) return verdict;
  const { waiting, nextDue } = facts;
  if (waiting === 0) return { state: "in-step", why: null };
  const due = sum(destinations.map(({ id }) => store.dirty.countDue(id, nowMs)));
  const items = waiting === 1 ? "1 item waits" : `${waiting} items wait`;
  const resting = due === 0 && nextDue !== null;
  return { state: "waiting", why: resting ? `${items} for the right time` : items };
}

function whyPaused({ name }: Rule, store: Store | null): string {
  return store?.made.paused().has(name)
    ? "somebody paused it in the dashboard"
    : '"paused: true" in the configuration';
}

/** What the last run of each destination left; null: nothing but what is marked. */
function judgeRuns(
  rule: Rule,
  store: Store,
  destinations: readonly DestinationRow[],
  facts: Facts,
  running: boolean,
): Verdict | null {
  const runs = destinations.flatMap(({ id }) => store.runs.last(rule.name, id) ?? []);
  const ended = (outcome: RunRow["outcome"]) => runs.find((run) => run.outcome === outcome);
  if (runs.some(({ endedAt }) => endedAt === null)) {
    if (running) return { state: "working", why: null };
    return { state: "waiting", why: "the last run was cut off; the next one goes on from there" };
  }
  const { failed } = facts;
  if (failed > 0) return { state: "failing", why: firstFailure(destinations, store, failed) };
  const broken = ended("failed");
  if (broken) return { state: "failing", why: broken.message };
  const held = waitsForPerson(facts);
  if (held !== null) return { state: "held", why: held };
  if (ended("held")) {
    return { state: "waiting", why: "what was held is decided; the next run carries it out" };
  }
  const cut = ended("changes");
  if (cut) return { state: "waiting", why: cut.message };
  const isNew = runs.length < rule.to.length;
  if (isNew || destinations.some((row) => row.fingerprint !== fingerprint(rule))) {
    return { state: "waiting", why: "the rule was changed after its last run" };
  }
  return null;
}

/** What a person is to decide, and how; null: nothing. */
function waitsForPerson({ rule, conflicts, held }: Facts): string | null {
  const reasons = held.map(({ why }) => `${why} (syncline approve ${rule})`);
  if (conflicts === 1) reasons.push("1 conflict is to be decided (syncline conflicts)");
  if (conflicts > 1) reasons.push(`${conflicts} conflicts are to be decided (syncline conflicts)`);
  return reasons.length === 0 ? null : reasons.join("; ");
}

/** Why an account of the rule can't be read at present; what only a person can mend comes first. */
function accountTrouble(destinations: readonly DestinationRow[], store: Store): Verdict | null {
  const accounts = destinations
    .flatMap(({ fromAccount, toAccount }) => [fromAccount, toAccount])
    .map(store.accounts.get)
    .filter(({ problem }) => problem !== null);
  const signedOut = accounts.find(({ failure }) => failure === "unauthorized");
  const { name, problem } = signedOut ?? accounts[0] ?? {};
  if (name === undefined) return null;
  return { state: signedOut ? "sign-in-needed" : "failing", why: `account "${name}": ${problem}` };
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
    return `${pathText(row, first, store)}: ${first.error}${more}`;
  }
  return null;
}

function pathText(row: DestinationRow, { side, item }: ItemRef, store: Store): string {
  const path = pathOf(row, side, item, store)?.join("/");
  const tree = store.trees.of(endOf(row, side).account);
  return path || (tree.get(item)?.name ?? "an item that is gone");
}

function nextDue(
  rule: Rule,
  store: Store | null,
  destinations: readonly DestinationRow[],
  lastRun: RunRow | null,
  nowMs: number,
): RuleStatus["nextDue"] {
  const timed = rule.triggers.flatMap((trigger) => {
    const at = timeOf(trigger, rule, lastRun, nowMs);
    return at ? [{ at, because: formatTrigger(trigger) }] : [];
  });
  const resting = destinations.flatMap(({ id }) => {
    const at = store?.dirty.nextDue(id);
    return at ? [{ at, because: "change" }] : [];
  });
  const [first] = [...timed, ...resting].sort((a, b) => a.at.getTime() - b.at.getTime());
  return first ?? null;
}

/** As a process that watches would count: what was missed comes at once. */
function timeOf(trigger: Trigger, rule: Rule, lastRun: RunRow | null, nowMs: number): Date | null {
  const sinceMs = Math.min(nowMs, lastRun?.startedAt.getTime() ?? nowMs);
  const at = nextTime(trigger, rule.timeZone, sinceMs);
  return at && new Date(Math.max(nowMs, at.getTime()));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
