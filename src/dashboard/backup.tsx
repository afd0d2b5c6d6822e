import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { addressOf, api, ask } from "./api.ts";
import { formatAgo, formatBytes } from "./format.ts";
import { Part, Trouble, useAct } from "./parts.tsx";

type Last = InferResponseType<typeof api.backups.$get, 200>["last"];

/** A copy of all that Syncline knows, for keeping elsewhere. */
export function Backup() {
  const { problem, act } = useAct();
  const last = useSignal<Last | undefined>(undefined);
  const load = async () => {
    last.value = (await ask(api.backups.$get())).last;
  };
  useEffect(() => {
    void act(load);
    // A download ends without a word to the page.
    const again = () => void act(load);
    addEventListener("focus", again);
    return () => removeEventListener("focus", again);
  }, []);
  return (
    <Part title="Backup">
      <p class="soft">
        What Syncline knows: rules and accounts of the dashboard, people, the log, and what is in
        step with what. Not your files, and not the key, which you keep apart. “syncline restore”
        puts a backup back.
      </p>
      <Trouble problem={problem.value} />
      {last.value !== undefined && (
        <p>
          {last.value === null
            ? "None was made yet."
            : `The last one was made ${formatAgo(last.value.at)}: ${formatBytes(last.value.bytes)}.`}
        </p>
      )}
      <div class="acts">
        <a class="button" href={addressOf("api/v1/backups/download")} download>
          Download a backup
        </a>
      </div>
    </Part>
  );
}
