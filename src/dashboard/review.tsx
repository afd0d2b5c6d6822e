import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, ask, Failed } from "./api.ts";
import { formatAgo, formatCount } from "./format.ts";
import { HeldSet } from "./held.tsx";
import { Button, Empty, Head, More, Pill, Trouble, useAct } from "./parts.tsx";
import { placeOf } from "./route.ts";
import { loadReview, mayEdit, nowMs, review } from "./state.ts";
import { type Conflict, Versions } from "./versions.tsx";

type Keep = "from" | "to" | "both";

/** What waits for a person. */
export function ReviewPage() {
  useEffect(() => void loadReview().catch(() => {}), []);
  const { conflicts = [], held = [] } = review.value ?? {};
  const isEmpty = review.value !== null && conflicts.length === 0 && held.length === 0;
  return (
    <>
      <Head title="Review" />
      {isEmpty && (
        <Empty title="Nothing waits for you">
          <p>Conflicts and removals that a guard holds come here. All else goes by itself.</p>
        </Empty>
      )}
      {held.map((each) => (
        <HeldSet key={`${each.rule} ${each.kind} ${each.to}`} held={each} />
      ))}
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
    </>
  );
}

const shownAtOnce = 50;

function Conflicts({ conflicts }: { conflicts: readonly Conflict[] }) {
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const most = useSignal(shownAtOnce);
  const title = useRef<HTMLHeadingElement>(null);
  const { busy, problem, act } = useAct();
  const open = conflicts.filter(({ decided }) => decided === null);
  const picked = open.filter(({ id }) => chosen.value.has(id));
  const more = conflicts.length - most.value;
  const decide = (some: readonly Conflict[], keep: Keep) =>
    void act(async () => {
      const seen = some.map(({ id, from, to }) => [id, { from: from.revision, to: to.revision }]);
      const json = { ids: some.map(({ id }) => id), keep, seen: Object.fromEntries(seen) };
      const told = await ask(api.review.conflicts.$post({ json }));
      chosen.value = new Set();
      await loadReview();
      // The button that was pressed is gone.
      title.current?.focus();
      const [refused] = told.refused;
      if (refused) throw new Failed({ code: "moved-on", message: refused.message });
    });
  const toggle = (id: string) => {
    const next = new Set(chosen.value);
    if (!next.delete(id)) next.add(id);
    chosen.value = next;
  };
  return (
    <section class="conflicts">
      <div class="row">
        <h2 ref={title} tabIndex={-1}>
          {formatCount(conflicts.length, "conflict")}
        </h2>
        {mayEdit.value && open.length > 1 && (
          <label class="check">
            <input
              type="checkbox"
              checked={picked.length === open.length}
              onChange={({ currentTarget }) => {
                chosen.value = new Set(currentTarget.checked ? open.map(({ id }) => id) : []);
              }}
            />
            All of them
          </label>
        )}
      </div>
      <Trouble problem={problem.value} />
      {picked.length > 0 && (
        <div class="card picked row">
          <span role="status">{formatCount(picked.length, "conflict")} chosen</span>
          <Choice disabled={busy.value} onKeep={(keep) => decide(picked, keep)} />
        </div>
      )}
      <ul class="conflicts">
        {conflicts.slice(0, most.value).map((conflict) => (
          <li key={conflict.id} class="card">
            <ConflictCard
              conflict={conflict}
              isChosen={chosen.value.has(conflict.id)}
              isBusy={busy.value}
              onToggle={() => toggle(conflict.id)}
              onKeep={(keep) => decide([conflict], keep)}
            />
          </li>
        ))}
      </ul>
      <More
        count={more}
        noun="more conflict"
        onMore={() => {
          most.value += shownAtOnce;
        }}
      />
    </section>
  );
}

interface ConflictCardProps {
  readonly conflict: Conflict;
  readonly isChosen: boolean;
  readonly isBusy: boolean;
  readonly onToggle: () => void;
  readonly onKeep: (keep: Keep) => void;
}

function ConflictCard({ conflict, isChosen, isBusy, onToggle, onKeep }: ConflictCardProps) {
  const { path, rule, why, at, decided } = conflict;
  const isOpen = mayEdit.value && decided === null;
  return (
    <>
      <div class="row">
        <div class="check">
          {isOpen && (
            <input
              type="checkbox"
              aria-label={`Choose ${path}`}
              checked={isChosen}
              onChange={onToggle}
            />
          )}
          <strong class="path">{path}</strong>
        </div>
        <a class="soft" href={placeOf("rules", rule)}>
          {rule}
        </a>
      </div>
      <p class="soft">
        {why}, found {formatAgo(at, nowMs.value)}
      </p>
      <Versions conflict={conflict} />
      {decided !== null && (
        <p>
          <Pill tone="waiting">decided</Pill> {words[decided]}; the next run does it.
        </p>
      )}
      {isOpen && <Choice disabled={isBusy} onKeep={onKeep} />}
    </>
  );
}

const words: Readonly<Record<Keep, string>> = {
  from: "The left one stays",
  to: "The right one stays",
  both: "Both stay, under two names",
};

function Choice({ disabled, onKeep }: { disabled: boolean; onKeep: (keep: Keep) => void }) {
  return (
    <div class="acts">
      <Button disabled={disabled} onPress={() => onKeep("from")}>
        Keep left
      </Button>
      <Button disabled={disabled} onPress={() => onKeep("to")}>
        Keep right
      </Button>
      <Button disabled={disabled} onPress={() => onKeep("both")}>
        Keep both
      </Button>
    </div>
  );
}
