import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { addressOf, api, ask } from "./api.ts";
import { formatAgo } from "./format.ts";
import { Button, Copy, Field, Part, Trouble, useAct, valuesOf } from "./parts.tsx";
import { placeOf } from "./route.ts";
import { session } from "./state.ts";

type User = InferResponseType<typeof api.users.$get, 200>["users"][number];
type Invitation = InferResponseType<typeof api.invitations.$get, 200>["invitations"][number];

const roles = ["viewer", "editor", "admin"] as const;
const roleOf = (text: string) => roles.find((role) => role === text) ?? "viewer";

/** Who may use this dashboard. */
export function People() {
  const { busy, problem, act } = useAct();
  const users = useSignal<readonly User[]>([]);
  const invitations = useSignal<readonly Invitation[]>([]);
  const link = useSignal<string | null>(null);
  const load = async () => {
    users.value = (await ask(api.users.$get())).users;
    invitations.value = (await ask(api.invitations.$get())).invitations;
  };
  const change = (work: () => Promise<unknown>) =>
    void act(async () => {
      await work();
      await load();
    });
  useEffect(() => void act(load), []);
  return (
    <Part title="People">
      <p class="soft">
        Viewers look. Editors make and run rules. Admins also connect accounts and invite.
      </p>
      <Trouble problem={problem.value} />
      <ul class="lines">
        {users.value.map(({ id, name, email, role }) => (
          <li key={id}>
            <span>
              {name} <span class="soft">{email}</span>
            </span>
            <select
              aria-label={`Role of ${name}`}
              value={role}
              disabled={busy.value}
              onChange={(event) => {
                const json = { role: roleOf(event.currentTarget.value) };
                change(() => ask(api.users[":id"].$patch({ param: { id }, json })));
              }}
            >
              {roles.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
            {id !== session.value?.user?.id && (
              <Button
                disabled={busy.value}
                onPress={() => {
                  if (!confirm(`Take ${name} out, with all of their API keys?`)) return;
                  change(() => ask(api.users[":id"].$delete({ param: { id } })));
                }}
              >
                Take out
              </Button>
            )}
          </li>
        ))}
        {invitations.value.map(({ id, email, role, expiresAt }) => (
          <li key={`invited ${id}`}>
            <span>
              {email} <span class="soft">invited as {role}</span>
            </span>
            <span class="soft">ends {formatAgo(expiresAt)}</span>
            <Button
              disabled={busy.value}
              onPress={() =>
                change(() => ask(api.invitations[":id"].$delete({ param: { id: String(id) } })))
              }
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
      {link.value !== null && (
        <p class="copy" role="status">
          Send this link, which is shown this once: <code>{link.value}</code>
          <Copy text={link.value} />
        </p>
      )}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const { email = "", role = "" } = valuesOf(form);
          change(async () => {
            const json = { email, role: roleOf(role) };
            const { token } = await ask(api.invitations.$post({ json }));
            link.value = addressOf(placeOf("join", token));
            form.reset();
          });
        }}
      >
        <Field label="Invite somebody" name="email" type="email" required problem={problem.value} />
        <label class="field">
          as
          <select name="role">
            {roles.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <Button type="submit" disabled={busy.value}>
          Invite
        </Button>
      </form>
    </Part>
  );
}
