import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, ask } from "./api.ts";
import { Connect, signIn } from "./connect.tsx";
import { formatAgo, formatBytes, formatCount, titles } from "./format.ts";
import { Guide } from "./guide.tsx";
import { Bar, Button, Empty, Head, Pill, Trouble, useAct } from "./parts.tsx";
import { route } from "./route.ts";
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

const calls = {
  live: "its service calls when something changes",
  waiting: "waiting for the first call of its service; asked meanwhile",
  none: "asked when something may have changed",
} as const;

function AccountCard({ account }: { account: Account }) {
  const { name, provider, label, problem: broken, readAt, items, rules, place } = account;
  const { busy, problem, act } = useAct();
  const isOurs = isAdmin.value && place === "dashboard";
  return (
    <>
      <div class="row">
        <h2>{name}</h2>
        <Pill tone={broken === null ? "in-step" : "failing"}>
          {broken === null ? "well" : "needs you"}
        </Pill>
      </div>
      <p>
        {titles[provider] ?? provider}
        {label !== null && <span class="soft"> · {label}</span>}
      </p>
      {broken !== null && <p class="why">{broken}</p>}
      <Trouble problem={problem.value} />
      <Space name={name} />
      <p class="facts">
        {[
          formatCount(items, "item"),
          readAt === null ? "not read yet" : `read ${formatAgo(readAt, nowMs.value)}`,
          provider === "local" ? "changes are seen at once" : calls[account.calls],
          rules.length === 0 ? "no rule uses it" : `used by ${rules.join(", ")}`,
        ].join(" · ")}
      </p>
      {place === "file" && <p class="soft">It stands in the configuration file.</p>}
      {isOurs && (
        <div class="acts">
          {provider !== "local" && (
            <Button disabled={busy.value} onPress={() => void act(() => signIn({ name }))}>
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
