import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { api, ask } from "./api.ts";
import { formatAgo } from "./format.ts";
import { Button, Field, Part, Trouble, useAct, Verdict, valuesOf } from "./parts.tsx";

type Contact = InferResponseType<typeof api.notifications.$get, 200>["contacts"][number];
type Occasion = Contact["when"][number];

const occasions: readonly (readonly [occasion: Occasion, words: string])[] = [
  ["held", "a rule waits for a person"],
  ["failing", "a rule fails"],
  ["stale", "a rule is out of step for too long"],
  ["sign-in-needed", "an account needs a new sign-in"],
];
const wordsOf = (when: Occasion) => occasions.find(([each]) => each === when)?.[1] ?? when;

const kinds = { mail: "E-mail", webhook: "Webhook", slack: "Slack", ntfy: "ntfy" } as const;

/** Who is told when a rule needs somebody. */
export function Notifications() {
  const { busy, problem, act } = useAct();
  const list = useSignal<readonly Contact[]>([]);
  const file = useSignal("");
  const load = async () => {
    const told = await ask(api.notifications.$get());
    list.value = told.contacts;
    file.value = told.file;
  };
  useEffect(() => void act(load), []);
  return (
    <Part title="Notifications">
      <p class="soft">
        Who is told, once when it begins and once when it is over. What several rules bring at the
        same time is one message.
      </p>
      {list.value.length > 0 && (
        <ul class="contacts">
          {list.value.map((contact) => (
            <Line key={contact.id} contact={contact} file={file.value} onChange={load} />
          ))}
        </ul>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const { to = "", secret = "", staleAfter = "" } = valuesOf(form);
          const chosen = new FormData(form).getAll("when").map(String);
          const when = occasions.map(([each]) => each).filter((each) => chosen.includes(each));
          const json = {
            when,
            to,
            ...(secret !== "" && { secret }),
            ...(staleAfter !== "" && { staleAfter }),
          };
          void act(async () => {
            await ask(api.notifications.$post({ json }));
            form.reset();
            await load();
          });
        }}
      >
        <Trouble problem={problem.value?.field === undefined ? problem.value : null} />
        <Field
          label="Where to"
          name="to"
          hint="smtps://user:password@host?from=a@x.org&to=b@x.org · https://… (a webhook, or Slack’s) · ntfy://host/topic"
          autocomplete="off"
          required
          problem={problem.value}
        />
        <fieldset class="choice">
          <legend>When</legend>
          {occasions.map(([each, words]) => (
            <label key={each}>
              <input type="checkbox" name="when" value={each} defaultChecked />
              {words}
            </label>
          ))}
          {problem.value?.field === "when" && <p class="note wrong">{problem.value.message}</p>}
        </fieldset>
        <details>
          <summary>More</summary>
          <Field
            label="Too long is"
            name="staleAfter"
            hint="Such as 12h; a day if you leave it empty."
            problem={problem.value}
          />
          <Field
            label="Secret of a webhook"
            name="secret"
            type="password"
            autocomplete="off"
            hint="Its calls are signed with it."
            problem={problem.value}
          />
        </details>
        <Button type="submit" disabled={busy.value}>
          Add
        </Button>
      </form>
    </Part>
  );
}

interface Tested {
  readonly delivered: boolean;
  readonly message: string;
}

function Line({
  contact,
  file,
  onChange,
}: {
  readonly contact: Contact;
  readonly file: string;
  readonly onChange: () => Promise<void>;
}) {
  const { busy, problem, act } = useAct();
  const tested = useSignal<Tested | null>(null);
  const { id, place, kind, to, when, signed } = contact;
  const param = { id };
  return (
    <li>
      <div class="row">
        <p>
          <strong>{kinds[kind]}</strong> <span class="path">{to}</span>
        </p>
        <div class="acts">
          <Button
            disabled={busy.value}
            label={`Send a test to ${to}`}
            onPress={() =>
              void act(async () => {
                tested.value = null;
                tested.value = await ask(api.notifications[":id"].test.$post({ param }));
              })
            }
          >
            {busy.value ? "Sending…" : "Send a test"}
          </Button>
          {place === "dashboard" && (
            <Button
              disabled={busy.value}
              label={`Remove ${to}`}
              onPress={() => {
                if (!confirm(`Tell ${to} nothing any more?`)) return;
                void act(async () => {
                  await ask(api.notifications[":id"].$delete({ param }));
                  await onChange();
                });
              }}
            >
              Remove
            </Button>
          )}
        </div>
      </div>
      <p class="soft">
        {[
          when.map(wordsOf).join(", "),
          ...(signed ? ["signed"] : []),
          ...(place === "file" ? [`stands in ${file}`] : []),
        ].join(" · ")}
      </p>
      <Fate contact={contact} />
      <Trouble problem={problem.value} />
      {tested.value && (
        <Verdict
          isGood={tested.value.delivered}
          words={tested.value.delivered ? "delivered" : "not delivered"}
          message={tested.value.message}
        />
      )}
    </li>
  );
}

/** What became of the last notices. */
function Fate({ contact }: { readonly contact: Contact }) {
  const { waiting, problem, deliveredAt, givenUpAt } = contact;
  if (problem !== null) {
    const count = waiting === 1 ? "1 notice waits" : `${waiting} notices wait`;
    return (
      <p class="why">
        {count}: {problem}. It is tried again for a day.
      </p>
    );
  }
  if (givenUpAt !== null) {
    return (
      <p class="why">A notice was given up {formatAgo(givenUpAt)}: nobody took it for a day.</p>
    );
  }
  if (deliveredAt === null) return null;
  return <p class="soft">The last notice was delivered {formatAgo(deliveredAt)}.</p>;
}
