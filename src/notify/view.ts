import type { Rule } from "../core/rule.ts";
import { ruleStanding } from "../engine/status.ts";
import { nextTime } from "../engine/time.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { Store } from "../store/open.ts";
import type { AccountView, RuleView } from "./decide.ts";

/** How rules and accounts stand, from the state alone. */

/** How closely it is kept when a rule was last in step: as long as nothing changes, no more is written. */
const finestMs = 10 * 60_000;

/** `staleAfterMs`: the shortest after which anybody is told. Keeps, too, when each rule was last in step. */
export function viewRules(
  rules: readonly Rule[],
  store: Store,
  { nowMs, staleAfterMs }: { readonly nowMs: number; readonly staleAfterMs: number },
): RuleView[] {
  const accounts = new Map(store.accounts.lastRead().map((row) => [row.name, row]));
  const keptMs = Math.min(finestMs, staleAfterMs / 10);
  return rules.map((rule) => {
    const { state, why, conflicts, held, lastRun } = ruleStanding(rule, store, {
      nowMs,
      running: true,
    });
    const kept = store.notices.inStepAt(rule.name);
    const isWell = state === "in-step" || state === "paused";
    const isNews = kept === null || (isWell && nowMs - kept.getTime() >= keptMs);
    if (isNews) store.notices.setInStep(rule.name);
    const names = [...new Set([rule.from, ...rule.to].map(({ account }) => account))];
    const rows = names.flatMap((name) => accounts.get(name) ?? []);
    const seenAt = isNews || kept === null ? new Date(nowMs) : kept;
    const sinceAt = state === "in-step" ? wasProvenAt(rule, rows, lastRun, seenAt) : seenAt;
    return {
      rule: rule.name,
      state,
      why,
      isHeld: conflicts > 0 || held.length > 0,
      outSince: outSince(rule, sinceAt, nowMs),
      accounts: names,
    };
  });
}

/** When a rule that is in step was last known to be: both feeds were read, or it ran. */
function wasProvenAt(
  rule: Rule,
  rows: readonly AccountRow[],
  lastRun: { readonly startedAt: Date } | null,
  seenAt: Date,
): Date {
  if (!isFollowed(rule)) return lastRun?.startedAt ?? seenAt;
  const [oldest] = rows.map(({ readAt }) => readAt ?? seenAt).sort((a, b) => +a - +b);
  return oldest ?? seenAt;
}

const isFollowed = ({ triggers }: Rule) => triggers.some(({ type }) => type === "change");

/** Since when a rule should be in step that last was at an instant; null: it need not be. */
function outSince(rule: Rule, sinceAt: Date, nowMs: number): Date | null {
  if (isFollowed(rule)) return sinceAt;
  const due = rule.triggers.flatMap((trigger) => {
    const at = nextTime(trigger, rule.timeZone, sinceAt.getTime());
    return at !== null && at.getTime() <= nowMs ? [at] : [];
  });
  const [first] = due.sort((a, b) => +a - +b);
  return first ?? null;
}

/** Those that the rules use. `keyed`: accounts that a key signs in. */
export function viewAccounts(
  rules: readonly Rule[],
  store: Store,
  keyed: ReadonlySet<string>,
): AccountView[] {
  const used = new Set(
    rules
      .filter(({ paused }) => !paused)
      .flatMap(({ from, to }) => [from, ...to].map(({ account }) => account)),
  );
  return store.accounts
    .all()
    .filter(({ name }) => used.has(name))
    .map(({ name, provider, problem, failure }) => ({
      account: name,
      provider,
      signedOut: failure === "unauthorized" ? (problem ?? failure) : null,
      isKeyed: keyed.has(name),
    }));
}
