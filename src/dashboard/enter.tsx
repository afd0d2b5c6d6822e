import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../server/problem.ts";
import { api, ask, askAuth } from "./api.ts";
import { Button, Field, Trouble, useAct, valuesOf } from "./parts.tsx";
import { canUsePasskeys, signInByPasskey } from "./passkey.ts";
import { go, route } from "./route.ts";
import { loadSession, session } from "./state.ts";

/** What somebody sees who is not signed in. */
export function Enter() {
  const { path } = route.value;
  if (path[0] === "join" && path[1]) return <Join token={path[1]} />;
  return session.value?.state === "set-up" ? <SetUp /> : <SignIn />;
}

function Door({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="door">
      <div class="card">
        <p class="brand">Syncline</p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** The password of somebody who is new here. */
function NewPassword({ problem }: { problem: Problem | null }) {
  return (
    <Field
      label="Password"
      name="password"
      type="password"
      autocomplete="new-password"
      hint="10 characters or more."
      required
      problem={problem}
    />
  );
}

function SetUp() {
  const { busy, problem, act } = useAct();
  return (
    <Door title="Welcome. Who are you?">
      <p class="soft">
        You are the first one here. The terminal in which Syncline was started shows a set-up code.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const { code = "", name = "", email = "", password = "" } = valuesOf(event.currentTarget);
          const json = { code, name, email, password };
          void act(async () => {
            await ask(api["set-up"].$post({ json }));
            await loadSession();
            go("welcome");
          });
        }}
      >
        <Trouble problem={problem.value} />
        <Field
          label="Set-up code"
          name="code"
          autocomplete="off"
          required
          problem={problem.value}
        />
        <Field label="Your name" name="name" autocomplete="name" required problem={problem.value} />
        <Field
          label="E-mail address"
          name="email"
          type="email"
          autocomplete="username"
          required
          problem={problem.value}
        />
        <NewPassword problem={problem.value} />
        <Button kind="main" type="submit" disabled={busy.value}>
          Begin
        </Button>
      </form>
    </Door>
  );
}

function SignIn() {
  const { busy, problem, act } = useAct();
  const isSecond = useSignal(false);
  if (isSecond.value) return <SecondFactor />;
  return (
    <Door title="Sign in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const { email, password } = valuesOf(event.currentTarget);
          void act(async () => {
            const answer = await askAuth("sign-in/email", { email, password });
            isSecond.value = asksForMore(answer);
            if (!isSecond.value) await loadSession();
          });
        }}
      >
        <Trouble problem={problem.value} />
        <Field label="E-mail address" name="email" type="email" autocomplete="username" required />
        <Field
          label="Password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
        />
        <Button kind="main" type="submit" disabled={busy.value}>
          Sign in
        </Button>
        {canUsePasskeys() && (
          <Button
            disabled={busy.value}
            onPress={() =>
              void act(async () => {
                await signInByPasskey();
                await loadSession();
              })
            }
          >
            Sign in with a passkey
          </Button>
        )}
      </form>
    </Door>
  );
}

const asksForMore = (answer: unknown): boolean =>
  typeof answer === "object" && answer !== null && "twoFactorRedirect" in answer;

function SecondFactor() {
  const { busy, problem, act } = useAct();
  const isBackup = useSignal(false);
  return (
    <Door title="One more step">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const { code } = valuesOf(event.currentTarget);
          const way = isBackup.value ? "verify-backup-code" : "verify-totp";
          void act(async () => {
            await askAuth(`two-factor/${way}`, { code });
            await loadSession();
          });
        }}
      >
        <Trouble problem={problem.value} />
        <Field
          key={String(isBackup.value)}
          label={isBackup.value ? "Backup code" : "The code that your app shows"}
          name="code"
          autocomplete="one-time-code"
          inputMode={isBackup.value ? "text" : "numeric"}
          required
        />
        <Button kind="main" type="submit" disabled={busy.value}>
          Sign in
        </Button>
        <Button
          onPress={() => {
            isBackup.value = !isBackup.value;
          }}
        >
          {isBackup.value ? "Use the app instead" : "Use a backup code instead"}
        </Button>
      </form>
    </Door>
  );
}

function Join({ token }: { token: string }) {
  const { busy, problem, act } = useAct();
  const email = useSignal<string | null>(null);
  const param = { token };
  useEffect(() => {
    void act(async () => {
      email.value = (await ask(api.invitations[":token"].$get({ param }))).email;
    });
  }, [token]);
  return (
    <Door title="You are invited">
      <Trouble problem={problem.value} />
      {email.value !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const { name = "", password = "" } = valuesOf(event.currentTarget);
            void act(async () => {
              await ask(api.invitations[":token"].$post({ param, json: { name, password } }));
              await loadSession();
              go("rules");
            });
          }}
        >
          <Field label="E-mail address" name="email" value={email.value} autocomplete="username" />
          <Field
            label="Your name"
            name="name"
            autocomplete="name"
            required
            problem={problem.value}
          />
          <NewPassword problem={problem.value} />
          <Button kind="main" type="submit" disabled={busy.value}>
            Join
          </Button>
        </form>
      )}
    </Door>
  );
}
