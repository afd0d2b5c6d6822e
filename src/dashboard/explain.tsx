import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { api, ask } from "./api.ts";
import { formatAgo, formatBytes, plain } from "./format.ts";
import { Dialog, Pill, Trouble, useAct } from "./parts.tsx";
import { Steps } from "./steps.tsx";

type Explanation = InferResponseType<typeof api.explain.$get, 200>;

const kinds: Readonly<Record<string, string>> = {
  file: "A file",
  folder: "A folder",
  native: "A document of the service’s own",
};
/** How one rule sees an item. */
const states: Readonly<Record<string, string>> = {
  "in-step": "in step",
  held: "needs you",
  unlinked: "not matched up",
  skipped: "left alone",
  "out-of-scope": "left out",
  "rule-folder": "the rule’s folder",
};

/** Everything that is known of one file or folder, and why it is or is not in step. */
export function Explain({ location, onClose }: { location: string; onClose: () => void }) {
  const told = useSignal<Explanation | null>(null);
  const { problem, act } = useAct();
  useEffect(() => {
    void act(async () => {
      told.value = await ask(api.explain.$get({ query: { location } }));
    });
  }, [location]);
  const { item, rules, steps } = told.value ?? { item: null, rules: [], steps: [] };
  return (
    <Dialog title={location} onClose={onClose}>
      <Trouble problem={problem.value} />
      {told.value && (
        <p>
          {item
            ? `${kinds[item.kind] ?? item.kind}${item.sizeBytes === null ? "" : `, ${formatBytes(item.sizeBytes)}`}${item.modifiedAt === null ? "" : `, modified ${formatAgo(item.modifiedAt)}`}`
            : "Nothing stands there, as the account was last read."}
        </p>
      )}
      {told.value && rules.length === 0 && <p>No rule looks at it.</p>}
      {rules.map((view) => (
        <section key={`${view.rule} ${view.destination} ${view.side}`}>
          <div class="row">
            <strong>{view.rule}</strong>
            <Pill tone={view.state}>{states[view.state] ?? view.state}</Pill>
          </div>
          <p>{plain(view.why)}</p>
          {view.counterpart !== null && <p class="path">{view.counterpart}</p>}
        </section>
      ))}
      {steps.length > 0 && <Steps steps={steps} />}
    </Dialog>
  );
}
