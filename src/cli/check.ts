import type { App } from "../app.ts";
import { lintIdentified } from "../config/graph.ts";
import { loadConfig, noteWarning } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { folderProblem } from "./folder.ts";
import { formatBytes, formatCount, printable } from "./format.ts";
import { withStatus } from "./progress.ts";
import { withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { table } from "./table.ts";

interface AccountCheck {
  readonly account: string;
  readonly provider: string;
  readonly ok: boolean;
  /** Who is signed in. */
  readonly label: string | null;
  readonly space: { readonly usedBytes: number; readonly totalBytes: number | null } | null;
  readonly error: string | null;
}

interface RuleCheck {
  readonly rule: string;
  readonly ok: boolean;
  readonly error: string | null;
}

/** An account that did not say yes in this time is not well, however often the request is repeated. */
const patienceMs = 15_000;

/** Validates the configuration and really talks to every account. */
export async function check(shell: Shell): Promise<number> {
  const { output } = shell;
  const config = loadConfig(shell);
  /** What each account's last request failed with. */
  const refusals = new Map<string, string>();
  const onRequest = ({ account, message }: { account: string; message?: string }) => {
    if (message !== undefined) refusals.set(account, message);
  };
  const options = { config, exclusive: false, readonly: true, onRequest };
  const { accounts, rules, warnings } = await withSession(shell, options, ({ app }) =>
    withStatus(output, "talking to every account", () => checkAll(app, refusals)),
  );
  const ok = [...accounts, ...rules].every((each) => each.ok);
  for (const warning of warnings) noteWarning(output, printable(warning));
  output.document({ ok, accounts, rules });
  output.print(format(accounts, rules, shell));
  return ok ? exitCodes.done : exitCodes.failed;
}

async function checkAll(app: App, refusals: ReadonlyMap<string, string>) {
  const names = [...app.config.accounts.keys()];
  const checks = await Promise.all(names.map((name) => checkAccount(app, name, refusals)));
  const identities = new Map(
    checks.flatMap(({ account, identity }) => (identity === null ? [] : [[account, identity]])),
  );
  const findings = lintIdentified(app.config, identities);
  const rules = await Promise.all(
    app.config.rules.map(async ({ name, from }): Promise<RuleCheck> => {
      const clash = findings.find((each) => !each.isWarning && each.rules.includes(name));
      if (clash) return { rule: name, ok: false, error: clash.message };
      const error = identities.has(from.account)
        ? await attempt(folderProblem(app.account(from.account), from.path), from.account, refusals)
        : { value: `account "${from.account}" has to be put right first` };
      const problem = "value" in error ? error.value : error.error;
      return { rule: name, ok: problem === null, error: problem };
    }),
  );
  const accounts = checks.map(({ identity, ...account }): AccountCheck => account);
  const warnings = findings.filter(({ isWarning }) => isWarning).map(({ message }) => message);
  return { accounts, rules, warnings };
}

async function checkAccount(
  app: App,
  name: string,
  refusals: ReadonlyMap<string, string>,
): Promise<AccountCheck & { readonly identity: string | null }> {
  const { provider } = app.account(name);
  const facts = { account: name, provider: provider.kind };
  const talk = async () => {
    const { id, label } = await provider.identity();
    return { identity: id, label, space: (await provider.space?.()) ?? null };
  };
  const outcome = await attempt(talk(), name, refusals);
  if ("value" in outcome) return { ...facts, ok: true, ...outcome.value, error: null };
  return { ...facts, ok: false, identity: null, label: null, space: null, error: outcome.error };
}

type Attempt<T> = { readonly value: T } | { readonly error: string };

/** The result, or in words why there is none. */
async function attempt<T>(
  work: Promise<T>,
  account: string,
  refusals: ReadonlyMap<string, string>,
): Promise<Attempt<T>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Attempt<T>>((resolve) => {
    timer = setTimeout(() => {
      const refusal = refusals.get(account) ?? "nothing came back at all: check the network";
      resolve({ error: `no answer within ${patienceMs / 1_000} s: ${refusal}` });
    }, patienceMs);
  });
  const done = work.then(
    (value): Attempt<T> => ({ value }),
    (error: unknown): Attempt<T> => ({
      error: error instanceof Error ? error.message : String(error),
    }),
  );
  return Promise.race([done, timeout]).finally(() => clearTimeout(timer));
}

function format(
  accounts: readonly AccountCheck[],
  rules: readonly RuleCheck[],
  { config, output }: Shell,
): string {
  const sign = (ok: boolean) => (ok ? output.style("green", "✓") : output.style("red", "✗"));
  const size = `${formatCount(accounts.length, "account")}, ${formatCount(rules.length, "rule")}`;
  const accountRows = accounts.map(({ account, provider, ok, label, space, error }) => [
    sign(ok),
    output.style("bold", account),
    provider,
    ...(error === null
      ? [printable(label ?? ""), formatSpace(space)]
      : [output.style("red", printable(error))]),
  ]);
  const ruleRows = rules.map(({ rule, ok, error }) => [
    sign(ok),
    output.style("bold", rule),
    error === null ? "its source folder is there" : output.style("red", printable(error)),
  ]);
  const blocks = [
    table([[sign(true), `${config} is right: ${size}`]]),
    ...(accountRows.length > 0 ? ["", "Accounts", table(accountRows, { indent: "  " })] : []),
    ...(ruleRows.length > 0 ? ["", "Rules", table(ruleRows, { indent: "  " })] : []),
  ];
  return blocks.join("\n");
}

function formatSpace(space: AccountCheck["space"]): string {
  if (!space) return "";
  const used = `${formatBytes(space.usedBytes)} used`;
  return space.totalBytes === null ? used : `${used} of ${formatBytes(space.totalBytes)}`;
}
