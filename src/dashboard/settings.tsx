import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { addressOf, api, ask, askAuth } from "./api.ts";
import { Backup } from "./backup.tsx";
import { formatAgo, formatTime } from "./format.ts";
import { Notifications } from "./notifications.tsx";
import { Button, Copy, Field, Head, Part, Trouble, useAct, Verdict, valuesOf } from "./parts.tsx";
import { Passkeys } from "./passkeys.tsx";
import { People } from "./people.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { about, isAdmin, loadAbout, signOut } from "./state.ts";

/** What belongs to oneself, and for admins what belongs to all. */
export function Settings() {
  return (
    <>
      <Head title="Settings">
        <Button onPress={() => void signOut()}>Sign out</Button>
      </Head>
      <Password />
      <SecondFactor />
      <Passkeys />
      <Sessions />
      <Keys />
      {isAdmin.value && <People />}
      {isAdmin.value && <Notifications />}
      {isAdmin.value && <Backup />}
      <AboutThis />
    </>
  );
}

function Password() {
  const { busy, problem, act } = useAct();
  const isChanged = useSignal(false);
  return (
    <Part title="Password">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const { currentPassword, newPassword } = valuesOf(form);
          void act(async () => {
            await askAuth("change-password", { currentPassword, newPassword });
            isChanged.value = true;
            form.reset();
          });
        }}
      >
        <Trouble problem={problem.value} />
        {isChanged.value && <p role="status">It is changed. You are signed out everywhere else.</p>}
        <Field
          label="Your password now"
          name="currentPassword"
          type="password"
          autocomplete="current-password"
          required
        />
        <Field
          label="The new one"
          name="newPassword"
          type="password"
          autocomplete="new-password"
          hint="10 characters or more."
          required
        />
        <Button type="submit" disabled={busy.value}>
          Change it
        </Button>
      </form>
    </Part>
  );
}

function Sessions() {
  type Session = InferResponseType<typeof api.me.sessions.$get, 200>["sessions"][number];
  const { busy, problem, act } = useAct();
  const list = useSignal<readonly Session[]>([]);
  const load = async () => {
    list.value = (await ask(api.me.sessions.$get())).sessions;
  };
  useEffect(() => void act(load), []);
  return (
    <Part title="Where you are signed in">
      <Trouble problem={problem.value} />
      <ul class="lines">
        {list.value.map(({ id, current, agent, address, usedAt }) => (
          <li key={id}>
            <span class="path">{agent ?? "Unknown browser"}</span>
            <span class="soft">
              {address} · {current ? "this one" : `used ${formatAgo(usedAt)}`}
            </span>
            {!current && (
              <Button
                disabled={busy.value}
                onPress={() =>
                  void act(async () => {
                    await ask(api.me.sessions[":id"].$delete({ param: { id } }));
                    await load();
                  })
                }
              >
                Sign out there
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

const scopes = [
  ["read", "look at everything"],
  ["run", "run, pause, decide, undo"],
  ["write", "make and change rules"],
  ["manage", "take accounts and notifications out, send tests"],
] as const;

function Keys() {
  type Key = InferResponseType<typeof api.me.keys.$get, 200>["keys"][number];
  const { busy, problem, act } = useAct();
  const list = useSignal<readonly Key[]>([]);
  const made = useSignal<string | null>(null);
  const load = async () => {
    list.value = (await ask(api.me.keys.$get())).keys;
  };
  useEffect(() => void act(load), []);
  return (
    <Part title="API keys">
      <p class="soft">
        For programs; <a href={addressOf("api/openapi.json")}>openapi.json</a> describes what they
        can do.
      </p>
      <Trouble problem={problem.value} />
      {made.value !== null && (
        <p class="copy" role="status">
          <code>{made.value}</code>
          <Copy text={made.value} /> Copy it now: it is shown this once.
        </p>
      )}
      <ul class="lines">
        {list.value.map(({ id, name, start, scopes, usedAt, expiresAt }) => (
          <li key={id}>
            <span>
              {name} <code>{start}…</code>
            </span>
            <span class="soft">
              {scopes.join(", ")} · {usedAt ? `used ${formatAgo(usedAt)}` : "never used"}
              {expiresAt && ` · until ${formatTime(expiresAt)}`}
            </span>
            <Button
              disabled={busy.value}
              onPress={() =>
                void act(async () => {
                  await ask(api.me.keys[":id"].$delete({ param: { id } }));
                  await load();
                })
              }
            >
              End it
            </Button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const name = valuesOf(form).name ?? "";
          const chosen = new FormData(form).getAll("scope").map(String);
          const given = scopes.map(([scope]) => scope).filter((scope) => chosen.includes(scope));
          void act(async () => {
            const { key } = await ask(api.me.keys.$post({ json: { name, scopes: given } }));
            made.value = key;
            form.reset();
            await load();
          });
        }}
      >
        <Field label="What is it for?" name="name" required problem={problem.value} />
        <fieldset class="choice">
          <legend>It may</legend>
          {scopes.map(([scope, words]) => (
            <label key={scope}>
              <input type="checkbox" name="scope" value={scope} defaultChecked={scope === "read"} />
              {words}
            </label>
          ))}
        </fieldset>
        <Button type="submit" disabled={busy.value}>
          Make a key
        </Button>
      </form>
    </Part>
  );
}

function AboutThis() {
  const { busy, problem, act } = useAct();
  const check = useSignal<{ reached: boolean; message: string } | null>(null);
  useEffect(() => void act(loadAbout), []);
  return (
    <Part title="About">
      <Trouble problem={problem.value} />
      {about.value && (
        <dl class="about">
          <dt>Version</dt>
          <dd>{about.value.version}</dd>
          <dt>Configuration file</dt>
          <dd class="path">{about.value.file}</dd>
          <dt>Public address</dt>
          <dd class="path">{about.value.publicUrl ?? "none: changes are found by asking"}</dd>
        </dl>
      )}
      {check.value && (
        <Verdict
          isGood={check.value.reached}
          words={check.value.reached ? "reached" : "not reached"}
          message={check.value.message}
        />
      )}
      {isAdmin.value && (
        <Button
          disabled={busy.value}
          onPress={() =>
            void act(async () => {
              check.value = await ask(api.about.address.$post());
            })
          }
        >
          Check the public address
        </Button>
      )}
    </Part>
  );
}
