import type { App } from "../app.ts";
import { lintIdentified } from "../config/graph.ts";
import { type Contact, labelOf } from "../core/contact.ts";
import type { Provider } from "../core/provider.ts";
import { resolveHost } from "../notify/reach.ts";
import { reasonOf, tryOut } from "../notify/send.ts";
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

interface ContactCheck {
  /** Where notices go, without what is secret of it. */
  readonly to: string;
  readonly kind: Contact["channel"]["kind"];
  readonly ok: boolean;
  readonly error: string | null;
}

export interface CheckFlags {
  readonly privateNotifications?: true;
}

/** Validates the configuration and really talks to every account, and to who carries notices; sends none. */
export async function check(shell: Shell, flags: CheckFlags = {}): Promise<number> {
  const { output } = shell;
  const config = loadConfig(shell);
  /** What each account's last request failed with. */
  const refusals = new Map<string, string>();
  const onRequest = ({ account, message }: { account: string; message?: string }) => {
    if (message !== undefined) refusals.set(account, message);
  };
  const options = { config, exclusive: false, readonly: true, onRequest };
  const allowNear = flags.privateNotifications ?? false;
  const [{ accounts, rules, warnings }, notify] = await withSession(
    shell,
    options,
    ({ app, signal }) =>
      withStatus(output, "talking to every account", () =>
        Promise.all([
          checkAll(app, refusals),
          Promise.all(config.notify.map((each) => checkContact(each, { allowNear, signal }))),
        ]),
      ),
  );
  const ok = [...accounts, ...rules, ...notify].every((each) => each.ok);
  for (const warning of warnings) noteWarning(output, printable(warning));
  output.document({ ok, accounts, rules, notify });
  output.print(format(accounts, rules, notify, shell));
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
  const lack = await attempt(lackOf(provider, name), name, refusals);
  const nobody = { identity: null, label: null, space: null };
  const who = "value" in outcome ? outcome.value : nobody;
  // What a permission is wanting for says more than what was refused for want of it.
  const error =
    ("value" in lack && lack.value) ||
    ("error" in outcome ? outcome.error : "error" in lack ? lack.error : null);
  return { ...facts, ok: error === null, ...who, error };
}

/** Which permissions the sign-in is short of, with what to do; null: none. */
async function lackOf(provider: Provider, name: string): Promise<string | null> {
  const lack = await provider.lacks?.();
  if (!lack) return null;
  const connect = `"syncline connect ${provider.kind} ${name}" or the dashboard signs in`;
  return `the sign-in may not ${lack.scopes.join(", ")}: ${lack.mend} (${connect})`;
}

async function checkContact(
  contact: Contact,
  options: { readonly allowNear: boolean; readonly signal: AbortSignal },
): Promise<ContactCheck> {
  const { channel } = contact;
  const facts = { to: labelOf(channel), kind: channel.kind };
  try {
    await tryOut(contact, { ...options, resolve: resolveHost });
    return { ...facts, ok: true, error: null };
  } catch (error) {
    return { ...facts, ok: false, error: reasonOf(error, contact) };
  }
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
  notify: readonly ContactCheck[],
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
  const contactRows = notify.map(({ to, kind, ok, error }) => [
    sign(ok),
    output.style("bold", printable(to)),
    kind,
    error === null ? triedWords(kind) : output.style("red", printable(error)),
  ]);
  const blocks = [
    table([[sign(true), `${config} is right: ${size}`]]),
    ...(accountRows.length > 0 ? ["", "Accounts", table(accountRows, { indent: "  " })] : []),
    ...(ruleRows.length > 0 ? ["", "Rules", table(ruleRows, { indent: "  " })] : []),
    ...(contactRows.length > 0 ? ["", "Notifications", table(contactRows, { indent: "  " })] : []),
  ];
  return blocks.join("\n");
}

const triedWords = (kind: ContactCheck["kind"]): string =>
  kind === "mail"
    ? "its server takes us; nothing was sent"
    : "somebody answers there; nothing was sent, so a wrong path or token would not show";

function formatSpace(space: AccountCheck["space"]): string {
  if (!space) return "";
  const used = `${formatBytes(space.usedBytes)} used`;
  return space.totalBytes === null ? used : `${used} of ${formatBytes(space.totalBytes)}`;
}
