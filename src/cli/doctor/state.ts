import type { KnownGrant } from "../../app.ts";
import type { Config } from "../../config/parse.ts";
import { keyedAmong } from "../../core/account.ts";
import { type RuleStatus, ruleStatus } from "../../engine/status.ts";
import type { AccountRow } from "../../store/accounts.ts";
import type { Store } from "../../store/open.ts";
import { formatSpan } from "../format.ts";
import { livingOwner } from "../lease.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { judgeBackup, judgeGrant } from "./judge.ts";

/** What the state tells; nothing is asked of a service. `config` null: it is not right. */
export function examineState(
  store: Store,
  config: Config | null,
  grants: ReadonlyMap<string, KnownGrant>,
  nowMs: number,
): Finding[] {
  const owner = livingOwner(store.leases, nowMs);
  const course = owner && store.leases.course();
  const context = { nowMs, running: owner !== null };
  const rules = course?.rules ?? config?.rules ?? [];
  const accounts = store.accounts.all().filter(({ name }) => config?.accounts.has(name) ?? true);
  const keyed = keyedAmong(config?.accounts ?? new Map());
  const last = store.backups.last();
  return [
    owner
      ? ok("process", `${owner.pid} on ${owner.host} is at work`)
      : warn("process", "none is at work: nothing happens by itself", "syncline watch, or serve"),
    ...(course?.problems ?? []).map((problem) =>
      fail("process", `goes on with an older configuration: ${problem}`, "mend the configuration"),
    ),
    ...accounts.map((account) =>
      judgeAccount({ ...account, isKeyed: keyed.has(account.name) }, nowMs),
    ),
    ...accounts.flatMap(({ name, provider }) => {
      const grant = keyed.has(name) ? undefined : grants.get(name);
      return grant ? [judgeGrant({ name, provider, grant }, nowMs)] : [];
    }),
    ...rules.map((rule) => judgeRule(ruleStatus(rule, store, context))),
    judgeBackup(last && nowMs - last.at.getTime()),
  ];
}

type AccountFacts = Pick<
  AccountRow,
  "name" | "provider" | "identity" | "label" | "readAt" | "problem" | "failure"
> & {
  /** Whether a key signs it in, and no person. */
  readonly isKeyed: boolean;
};

export function judgeAccount(account: AccountFacts, nowMs: number): Finding {
  const about = `account ${account.name}`;
  const { problem, failure, identity, label, readAt, provider, name } = account;
  if (failure === "unauthorized") {
    const mend = account.isKeyed
      ? "mend its key; syncline check says whether it works"
      : `sign in again: syncline connect ${provider} ${name}, or in the dashboard`;
    return fail(about, problem ?? "its sign-in has ended", mend);
  }
  if (failure === "forbidden") {
    const mend = "give the app the permission that is named, and sign in again";
    return fail(about, problem ?? "something is not allowed", mend);
  }
  if (problem !== null) return warn(about, problem, "syncline check says whether it still is so");
  if (identity === null) return ok(about, "was not used yet");
  const since = readAt ? `, read ${formatSpan(Math.max(0, nowMs - readAt.getTime()))} ago` : "";
  return ok(about, `signed in as ${label ?? identity}${since}`);
}

export function judgeRule({
  rule,
  state,
  why,
}: Pick<RuleStatus, "rule" | "state" | "why">): Finding {
  const about = `rule ${rule}`;
  const words = why === null ? state.replaceAll("-", " ") : `${state.replaceAll("-", " ")}: ${why}`;
  if (state === "failing") return fail(about, words, `syncline log --rule ${rule}`);
  if (state === "sign-in-needed") return fail(about, words, "sign in to that account again");
  if (state === "held") return warn(about, words, "syncline conflicts");
  return ok(about, words);
}
