import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addressOf, api, ask } from "./api.ts";
import { formatAgo, formatBytes, formatCount, titles } from "./format.ts";
import {
  Bar,
  Button,
  Dialog,
  Empty,
  Field,
  Head,
  Pill,
  Trouble,
  useAct,
  valuesOf,
} from "./parts.tsx";
import { route } from "./route.ts";
import { type Account, accounts, isAdmin, loadAccounts, nowMs } from "./state.ts";

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
      {all?.length === 0 && (
        <Empty title="No account is connected yet">
          <p>
            Connect a cloud storage, or a folder on the machine that Syncline runs on: that needs no
            account anywhere, and is a good way to try it.
          </p>
        </Empty>
      )}
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

/** Goes to the service's page, which sends the browser back. */
async function signIn(about: { name: string; fields?: { provider: string } }): Promise<void> {
  const json = { ...about, address: addressOf("") };
  const { url } = await ask(api.accounts["sign-in"].$post({ json }));
  location.assign(url);
}

interface Service {
  readonly console: string;
  readonly address: string;
  readonly id: string;
  readonly secret: string;
  readonly secretIsOptional: boolean;
  readonly steps: readonly string[];
}

const services: Readonly<Record<string, Service>> = {
  dropbox: {
    console: "Dropbox App Console",
    address: "https://www.dropbox.com/developers/apps",
    id: "App key",
    secret: "App secret",
    secretIsOptional: true,
    steps: [
      "Create an app: Scoped access, and the kind of access that you want to give.",
      "Permissions: account_info.read, files.metadata.read, files.content.read, files.content.write. Submit.",
      "Settings: add the redirect address below to the redirect URIs.",
    ],
  },
  "google-drive": {
    console: "Google Cloud console",
    address: "https://console.cloud.google.com/apis/credentials",
    id: "Client id",
    secret: "Client secret",
    secretIsOptional: false,
    steps: [
      "Enable the Google Drive API for your project, and set up the consent screen.",
      "Create credentials: OAuth client ID, type “Web application”.",
      "Add the redirect address below to the authorised redirect URIs.",
    ],
  },
  onedrive: {
    console: "Microsoft Entra admin centre",
    address: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
    id: "Application (client) id",
    secret: "Client secret",
    secretIsOptional: true,
    steps: [
      "Register an application for the kinds of accounts that you have.",
      "Add a platform, “Web”, with the redirect address below.",
      "Certificates & secrets: make a client secret, and copy its value.",
    ],
  },
};

function Connect({ onClose }: { onClose: () => void }) {
  const provider = useSignal("local");
  const { busy, problem, act } = useAct();
  const service = services[provider.value];
  const redirect = addressOf(`oauth/${provider.value}/callback`);
  return (
    <Dialog title="Connect an account" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const { name = "", ...given } = valuesOf(event.currentTarget);
          const filled = Object.entries(given).filter(([, value]) => value !== "");
          const fields = { ...Object.fromEntries(filled), provider: provider.value };
          void act(async () => {
            if (service) return signIn({ name, fields });
            await ask(api.accounts.$post({ json: { name, fields } }));
            await loadAccounts();
            onClose();
          });
        }}
      >
        <Trouble problem={problem.value} />
        <fieldset class="choice">
          <legend>What is it?</legend>
          {["local", ...Object.keys(services)].map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="provider"
                value={each}
                checked={provider.value === each}
                onChange={() => {
                  provider.value = each;
                }}
              />
              {titles[each]}
            </label>
          ))}
        </fieldset>
        <Field
          label="A name of your choice"
          name="name"
          hint="Letters, digits, - and _. Rules speak of it by this name."
          required
          problem={problem.value}
        />
        {service ? (
          <>
            <p>
              Your own app at the service gives Syncline access. In the{" "}
              <a href={service.address} target="_blank" rel="noreferrer">
                {service.console}
              </a>
              :
            </p>
            <ol>
              {service.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
            {location.hostname === "127.0.0.1" && (
              <p class="why">
                Services take this number for no address: open the dashboard as{" "}
                <a href={location.href.replace("127.0.0.1", "localhost")}>localhost</a> first.
              </p>
            )}
            <p class="copy">
              <code>{redirect}</code>
              <Button onPress={() => void navigator.clipboard?.writeText(redirect)}>Copy</Button>
            </p>
            <Field
              label={service.id}
              name="clientId"
              autocomplete="off"
              required
              problem={problem.value}
            />
            <Field
              label={
                service.secretIsOptional ? `${service.secret} (if it has one)` : service.secret
              }
              name="clientSecret"
              type="password"
              autocomplete="off"
              required={!service.secretIsOptional}
              problem={problem.value}
            />
            <details>
              <summary>Another cloud than the public one</summary>
              <Field
                label="Its address"
                name="origin"
                hint="Such as https://cloud.example.com. Leave it empty for the public one."
                problem={problem.value}
              />
            </details>
          </>
        ) : (
          <Field
            key="root"
            label="Folder"
            name="root"
            hint="Its full path on the machine that Syncline runs on, such as /srv/archive. It must exist."
            required
            problem={problem.value}
          />
        )}
        <Button kind="main" type="submit" disabled={busy.value}>
          {service ? `Sign in to ${titles[provider.value]}` : "Connect"}
        </Button>
      </form>
    </Dialog>
  );
}
