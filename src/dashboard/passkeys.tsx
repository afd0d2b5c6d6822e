import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { askAuth } from "./api.ts";
import { formatAgo } from "./format.ts";
import { Button, Part, Trouble, useAct } from "./parts.tsx";
import { addPasskey, canUsePasskeys } from "./passkey.ts";
import { loadSession } from "./state.ts";

interface Passkey {
  readonly id: string;
  readonly name: string | null;
  readonly createdAt: string | null;
}

/** Keys that a device holds, instead of a password. */
export function Passkeys() {
  const { busy, problem, act } = useAct();
  const list = useSignal<readonly Passkey[]>([]);
  const load = async () => {
    list.value = (await askAuth("passkey/list-user-passkeys")) as readonly Passkey[];
  };
  const change = (work: () => Promise<unknown>) =>
    void act(async () => {
      await work();
      await load();
      await loadSession();
    });
  useEffect(() => void act(load), []);
  return (
    <Part title="Passkeys">
      <p class="soft">
        Sign in with the fingerprint, face or PIN of a device, without password and code.
      </p>
      <Trouble problem={problem.value} />
      {list.value.length > 0 && (
        <ul class="lines">
          {list.value.map(({ id, name, createdAt }) => (
            <li key={id}>
              <span>{name ?? "Passkey"}</span>
              <span class="soft">{createdAt && `added ${formatAgo(createdAt)}`}</span>
              <Button
                disabled={busy.value}
                label={`Remove ${name ?? "Passkey"}`}
                onPress={() => change(() => askAuth("passkey/delete-passkey", { id }))}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {canUsePasskeys() ? (
        <Button
          disabled={busy.value}
          onPress={() =>
            change(() => addPasskey(`Passkey of ${new Date().toISOString().slice(0, 10)}`))
          }
        >
          Add a passkey of this device
        </Button>
      ) : (
        <p>
          They work where the dashboard is opened by https and a name, or as localhost: not at this
          address.
        </p>
      )}
    </Part>
  );
}
