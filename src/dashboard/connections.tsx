import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect } from "preact/hooks";
import { api, ask } from "./api.ts";
import { Connect, signIn } from "./connect.tsx";
import { formatAgo, formatBytes, formatList, formatNumber, titles } from "./format.ts";
import { Guide } from "./guide.tsx";
import { Bar, Button, Empty, Head, Pill, Trouble, useAct } from "./parts.tsx";
import { placeOf, route } from "./route.ts";
import { type Account, accounts, isAdmin, loadAccounts, mayEdit, nowMs } from "./state.ts";

/** Accounts: how they are, and how they come and go. */
export function Connections() {
  const adding = useSignal(false);
  useEffect(() => void loadAccounts().catch(() => {}), []);
  const connected = route.value.query.get("connected");
  const problem = route.value.query.get("problem");
  const all = accounts.value;
  return (
    <>
      <Head title="Connections">
        {isAdmin.value && (
          <Button
            kind="main"
            onPress={() => {
              adding.value = true;
            }}
          >
            Connect an account
          </Button>
        )}
      </Head>
      {connected !== null && (
        <p class="card" role="status">
          <Pill tone="in-step">connected</Pill> “{connected}” is signed in.
        </p>
      )}
      {problem !== null && <Trouble problem={{ code: "sign-in", message: problem }} />}
      <Guide />
      {all?.length === 0 && !mayEdit.value && <Empty title="No account is connected yet" />}
      <ul class="accounts">
        {all?.map((account) => (
          <li key={account.name} class="card">
            <AccountCard account={account} />
          </li>
        ))}
      </ul>
      {adding.value && (
        <Connect
          onClose={() => {
            adding.value = false;
          }}
        />
      )}
    </>
  );
}

/** How changes are found. */
const hearing: Readonly<Record<Account["hears"], string>> = {
  events: "Seen at once",
  calls: "Told at once, by calls of the service",
  "calls-awaited": "Looked for regularly, until the service calls for the first time",
  "long-poll": "Told at once, by long poll",
  polling: "Looked for regularly; the service would call at a public address",
};

const health: Readonly<Record<Account["health"], readonly [tone: string, words: string]>> = {
  well: ["in-step", "well"],
  "sign-in-needed": ["sign-in-needed", "sign-in needed"],
  failing: ["failing", "failing"],
};

/** What its sign-in allows, by its scopes. */
const access: Readonly<Record<string, string>> = {
  dropbox: "All files that its app sees: read, change, remove",
  "google-drive": "All files of the Google Drive: read, change, remove",
  onedrive: "All files that the person reaches: read, change, remove",
  local: "What the user may as whom Syncline runs",
};

/** Of a service account. */
const accessByKey = "All files that the service account reaches, as its role there allows";

function AccountCard({ account }: { account: Account }) {
  const { name, provider, label, problem: broken, readAt, items, rules, place, signsIn } = account;
  const { busy, problem, act } = useAct();
  const isOurs = isAdmin.value && place === "dashboard";
  const isSignedOut = account.health === "sign-in-needed";
  const [tone, words] = health[account.health];
  return (
    <>
      <div class="row">
        <h2>{name}</h2>
        <Pill tone={tone}>{words}</Pill>
      </div>
      <p>
        {titles[provider] ?? provider}
        {label !== null && <span class="soft"> · {label}</span>}
      </p>
      {broken !== null && (
        <div class="why">
          <p>{broken}</p>
          {isSignedOut && rules.length > 0 && (
            <p>Until it is signed in anew, {formatList(rules)} will wait. Nothing is lost.</p>
          )}
          {isSignedOut && (!isOurs || signsIn === "key") && <p>{mendOf(account)}</p>}
        </div>
      )}
      <Trouble problem={problem.value} />
      <Space name={name} />
      <dl class="about">
        <dt>Changes</dt>
        <dd>{hearing[account.hears]}</dd>
        <dt>Items</dt>
        <dd>
          {formatNumber(items)},{" "}
          {readAt === null ? "not read yet" : `read ${formatAgo(readAt, nowMs.value)}`}
        </dd>
        <dt>Access</dt>
        <dd>{signsIn === "key" ? accessByKey : access[provider]}</dd>
        <dt>Rules</dt>
        <dd>
          {rules.length === 0 && "none"}
          {rules.map((rule, index) => (
            <Fragment key={rule}>
              {index > 0 && ", "}
              <a href={placeOf("rules", rule)}>{rule}</a>
            </Fragment>
          ))}
        </dd>
      </dl>
      {place === "file" && <p class="soft">It stands in the configuration file.</p>}
      {isOurs && (
        <div class="acts">
          {signsIn === "person" && (
            <Button
              kind={isSignedOut ? "main" : "quiet"}
              disabled={busy.value}
              onPress={() => void act(() => signIn({ name }))}
            >
              Sign in anew
            </Button>
          )}
          <Button
            kind="danger"
            disabled={busy.value}
            onPress={() => {
              if (!confirm(removal(account))) return;
              void act(async () => {
                const query = { rules: rules.length > 0 ? ("end" as const) : ("keep" as const) };
                await ask(api.accounts[":name"].$delete({ param: { name }, query }));
                await loadAccounts();
              });
            }}
          >
            Disconnect
          </Button>
        </div>
      )}
    </>
  );
}

/** For whom there is no button. */
function mendOf({ name, provider, place, signsIn }: Account): string {
  if (signsIn === "key") {
    return place === "dashboard"
      ? "Its key signs it in. Where it has to be another one, disconnect the account and make it anew."
      : "Its key signs it in: put a right one where the configuration file takes it from.";
  }
  if (place === "dashboard") return "Ask an admin to sign in anew.";
  return `Run "syncline connect ${provider} ${name}", and put the new token where the configuration file takes it from.`;
}

function removal({ name, rules }: Account): string {
  const ended = rules.length === 0 ? "" : ` The rules that use it end: ${rules.join(", ")}.`;
  return `Disconnect “${name}”?${ended} No file is touched.`;
}

/** How full it is; where that can't be told, nothing is said. */
function Space({ name }: { name: string }) {
  const space = useSignal<{ usedBytes: number; totalBytes: number | null } | null>(null);
  useEffect(() => {
    ask(api.accounts[":name"].space.$get({ param: { name } })).then(
      (told) => {
        space.value = told.space;
      },
      () => {},
    );
  }, [name]);
  if (!space.value || space.value.totalBytes === null) return null;
  const { usedBytes, totalBytes } = space.value;
  const label = `${formatBytes(usedBytes)} of ${formatBytes(totalBytes)} used`;
  return (
    <div class="moving">
      <Bar value={usedBytes} most={totalBytes} label={label} />
      <span>{label}</span>
    </div>
  );
}
