import { useSignal } from "@preact/signals";
import { askAuth } from "./api.ts";
import { Button, Copy, Field, Part, Pill, Trouble, useAct, valuesOf } from "./parts.tsx";
import { QrCode } from "./qr.tsx";
import { loadSession, session } from "./state.ts";

interface Enabling {
  readonly totpURI: string;
  readonly backupCodes: readonly string[];
}

/** A code of an app on one's phone, besides the password: how it is turned on and off, and its backup codes. */
export function SecondFactor() {
  const begun = useSignal<Enabling | null>(null);
  const codes = useSignal<readonly string[] | null>(null);
  const isOn = session.value?.user?.twoFactor ?? false;
  return (
    <Part title="Second factor">
      <p>
        <Pill tone={isOn ? "in-step" : "paused"}>{isOn ? "on" : "off"}</Pill> A code of an app on
        your phone, besides the password.
      </p>
      {codes.value ? (
        <BackupCodes
          codes={codes.value}
          onKept={() => {
            codes.value = null;
          }}
        />
      ) : begun.value ? (
        <Enrolment
          uri={begun.value.totpURI}
          onProven={() => {
            codes.value = begun.value?.backupCodes ?? null;
            begun.value = null;
          }}
          onCancel={() => {
            begun.value = null;
          }}
        />
      ) : isOn ? (
        <>
          <details>
            <summary>New backup codes</summary>
            <WithPassword
              action="Make new ones"
              work={async (password) => {
                const made = await askAuth("two-factor/generate-backup-codes", { password });
                codes.value = (made as Enabling).backupCodes;
              }}
            />
          </details>
          <details>
            <summary>Turn it off</summary>
            <WithPassword
              action="Turn it off"
              work={async (password) => {
                await askAuth("two-factor/disable", { password });
                await loadSession();
              }}
            />
          </details>
        </>
      ) : (
        <WithPassword
          action="Turn it on"
          work={async (password) => {
            begun.value = (await askAuth("two-factor/enable", { password })) as Enabling;
          }}
        />
      )}
    </Part>
  );
}

/** What only the person at the keyboard may do, not whoever finds the page open. */
function WithPassword(props: {
  readonly action: string;
  readonly work: (password: string) => Promise<void>;
}) {
  const { busy, problem, act } = useAct();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const { password = "" } = valuesOf(event.currentTarget);
        void act(() => props.work(password));
      }}
    >
      <Field
        label="Your password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        problem={problem.value}
      />
      {problem.value?.field !== "password" && <Trouble problem={problem.value} />}
      <Button type="submit" disabled={busy.value}>
        {props.action}
      </Button>
    </form>
  );
}

/** The app learns the key, and proves that it has. */
function Enrolment(props: {
  readonly uri: string;
  readonly onProven: () => void;
  readonly onCancel: () => void;
}) {
  const { busy, problem, act } = useAct();
  const secret = new URL(props.uri).searchParams.get("secret") ?? "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const { code } = valuesOf(event.currentTarget);
        void act(async () => {
          await askAuth("two-factor/verify-totp", { code });
          await loadSession();
          props.onProven();
        });
      }}
    >
      <p>
        Scan this with the app, enter the key by hand, or <a href={props.uri}>open it</a> on this
        device.
      </p>
      <QrCode text={props.uri} label="The key as a QR code" />
      <p class="copy">
        <code>{secret}</code>
        <Copy text={secret} />
      </p>
      <Field
        label="The code that your app shows now"
        name="code"
        autocomplete="one-time-code"
        inputMode="numeric"
        required
        problem={problem.value}
      />
      {problem.value?.field !== "code" && <Trouble problem={problem.value} />}
      <div class="acts">
        <Button kind="main" type="submit" disabled={busy.value}>
          Turn it on
        </Button>
        <Button onPress={props.onCancel}>Cancel</Button>
      </div>
    </form>
  );
}

function BackupCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const text = codes.join("\n");
  return (
    <>
      <p role="status">
        Keep these backup codes where you find them without your phone: each signs you in once, and
        they are shown this once.
      </p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="acts">
        <Copy text={text} />
        <a
          class="button"
          download="syncline-backup-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`}
        >
          Download
        </a>
        <Button kind="main" onPress={onKept}>
          I have kept them
        </Button>
      </div>
    </>
  );
}
