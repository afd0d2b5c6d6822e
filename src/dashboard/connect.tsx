import { useSignal } from "@preact/signals";
import { addressOf, api, ask } from "./api.ts";
import { titles } from "./format.ts";
import { Button, Copy, Dialog, Field, Trouble, useAct, valuesOf } from "./parts.tsx";
import { loadAccounts } from "./state.ts";

/** Goes to the service's page, which sends the browser back. */
export async function signIn(about: {
  name: string;
  fields?: { provider: string };
}): Promise<void> {
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
  /** What to do there; at `[redirect]` the address is shown to be copied. */
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
      "Create app: Scoped access, then Full Dropbox, or an app folder if it is to see nothing else.",
      "Permissions: tick account_info.read, files.metadata.read, files.content.read and files.content.write, and submit.",
      "Settings, OAuth 2, Redirect URIs: add [redirect]",
      "Settings shows the app key and the app secret: copy both.",
    ],
  },
  "google-drive": {
    console: "Google Cloud console",
    address: "https://console.cloud.google.com/apis/credentials",
    id: "Client ID",
    secret: "Client secret",
    secretIsOptional: false,
    steps: [
      "Make a project, and enable the Google Drive API for it.",
      "Consent screen: External, with the scope https://www.googleapis.com/auth/drive; then publish the app, else each sign-in ends after seven days.",
      "Create credentials, OAuth client ID, type Web application. Authorised redirect URIs: add [redirect]",
      "Create shows the client ID and the client secret: copy both.",
    ],
  },
  onedrive: {
    console: "Microsoft Entra admin centre",
    address: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
    id: "Application (client) ID",
    secret: "Client secret",
    secretIsOptional: true,
    steps: [
      "New registration, for any organizational directory and personal Microsoft accounts.",
      "Authentication, Add a platform, Web. Redirect URIs: add [redirect]",
      "API permissions, Microsoft Graph, Delegated: add Files.ReadWrite.All, and Sites.Read.All for libraries of SharePoint.",
      "Certificates & secrets: make a client secret and copy its value; Overview shows the application ID.",
    ],
  },
};

/** Services send browsers back to https and to this machine by its name, to nothing else. */
function AddressAdvice() {
  const { protocol, hostname, href } = location;
  if (protocol === "https:" || hostname === "localhost") return null;
  return (
    <p class="why">
      Services send browsers back to https addresses and to localhost alone.{" "}
      {hostname === "127.0.0.1" ? (
        <>
          Open the dashboard as <a href={href.replace(hostname, "localhost")}>localhost</a> first.
        </>
      ) : (
        "Open the dashboard by https first, or on the machine itself as localhost."
      )}
    </p>
  );
}

function Steps({ steps, redirect }: { steps: readonly string[]; redirect: string }) {
  return (
    <ol class="steps-there">
      {steps.map((step) => (
        <li key={step}>
          {step.replace("[redirect]", "").trim()}
          {step.includes("[redirect]") && (
            <p class="copy">
              <code>{redirect}</code>
              <Copy text={redirect} />
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Asks for what a new account takes; `first`: what is chosen in the beginning. */
export function Connect({ first = "local", onClose }: { first?: string; onClose: () => void }) {
  const provider = useSignal(first);
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
            <AddressAdvice />
            <Steps steps={service.steps} redirect={redirect} />
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
            {provider.value === "google-drive" && (
              <p class="why">
                A service account of an organisation, which needs no person, is made in the
                configuration file (<code>serviceAccount</code>), not here.
              </p>
            )}
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
