import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Connect } from "./connect.tsx";
import { titles } from "./format.ts";
import { Icon } from "./icons.tsx";
import { Button } from "./parts.tsx";
import { go, placeOf } from "./route.ts";
import { type Account, accounts, isAdmin, mayEdit, rules } from "./state.ts";

/** From nothing to the first rule, for whoever may make one: what is done, and what is next. */
export function Guide() {
  const connecting = useSignal<string | null>(null);
  const all = accounts.value;
  if (!mayEdit.value || all === null || rules.value?.length !== 0) return null;
  const connect = isAdmin.value ? (
    <div class="acts">
      <Button kind="main" onPress={() => (connecting.value = "dropbox")}>
        Connect a service
      </Button>
      <Button onPress={() => (connecting.value = "local")}>Try it with a local folder</Button>
    </div>
  ) : (
    <p>Ask an admin: only they connect accounts.</p>
  );
  return (
    <section class="card">
      <h2>Three steps to the first rule</h2>
      <p class="soft">
        A rule says what goes where: “when a file in this folder changes, copy it to that one”.
      </p>
      <ol class="guide">
        <Stage title="Connect where your files are" done={wordsOf(all[0])} isNext={!all[0]}>
          <p>
            Dropbox, Google Drive or OneDrive; or a folder of the machine that Syncline runs on,
            which needs no account anywhere.
          </p>
          {connect}
        </Stage>
        <Stage
          title="Connect where they should go"
          done={wordsOf(all[1])}
          isNext={all.length === 1}
        >
          <p>
            Another account or folder; or go on with “{all[0]?.name}” alone, from one of its folders
            to <a href={placeOf("rules", "new")}>another</a>.
          </p>
          {connect}
        </Stage>
        <Stage title="Make the first rule" done={null} isNext={all.length >= 2}>
          <p>Choose the two folders; before anything is copied you see what would be.</p>
          <div class="acts">
            <Button kind="main" onPress={() => go("rules", "new")}>
              Make the first rule
            </Button>
          </div>
        </Stage>
      </ol>
      {connecting.value !== null && (
        <Connect first={connecting.value} onClose={() => (connecting.value = null)} />
      )}
    </section>
  );
}

const wordsOf = (account: Account | undefined): string | null =>
  account ? `${account.name} · ${titles[account.provider] ?? account.provider}` : null;

/** One step: what is to be done where it is next, or what was done. */
function Stage(props: {
  readonly title: string;
  readonly done: string | null;
  readonly isNext: boolean;
  readonly children: ComponentChildren;
}) {
  const { title, done, isNext, children } = props;
  return (
    <li aria-current={isNext ? "step" : undefined} data-done={done !== null}>
      <span class="mark" aria-hidden="true">
        {done !== null && <Icon name="check" />}
      </span>
      <div>
        <strong>{title}</strong>
        {done !== null && (
          <p class="soft">
            <span class="unseen">done: </span>
            {done}
          </p>
        )}
        {isNext && children}
      </div>
    </li>
  );
}
