import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, ask, Failed } from "./api.ts";
import { formatAgo, formatBytes, formatCount, formatTime, plain } from "./format.ts";
import { Button, Empty, Head, Pill, Trouble, useAct } from "./parts.tsx";
import { placeOf } from "./route.ts";
import { loadReview, mayEdit, nowMs, type Review, review } from "./state.ts";

type Conflict = Review["conflicts"][number];
type Held = Review["held"][number];
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
        <HeldSet key={each.set} held={each} />
      ))}
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
    </>
  );
}

function HeldSet({ held }: { held: Held }) {
  const { busy, problem, act } = useAct();
  const { rule, kind, set, why, at, approved, items, from, to } = held;
  const request = { param: { name: rule }, json: { set } };
  const noun = kind === "deletes" ? "removal" : "overwrite";
  return (
    <section class="card held">
      <div class="row">
        <h2>
          {formatCount(items.length, noun)} of <a href={placeOf("rules", rule)}>{rule}</a>
        </h2>
        <Pill tone={approved ? "waiting" : "held"}>{approved ? "approved" : "held"}</Pill>
      </div>
      <p>
        {plain(why)} <span class="soft">({formatAgo(at, nowMs.value)})</span>
      </p>
      <Trouble problem={problem.value} />
      <Tree items={items} names={{ from, to }} />
      {mayEdit.value && !approved && (
        <div class="acts">
          <Button
            kind="danger"
            disabled={busy.value}
            onPress={() =>
              void act(async () => {
                await ask(api.rules[":name"].approve.$post(request));
                await loadReview();
              })
            }
          >
            {kind === "deletes" ? "Remove them" : "Overwrite them"}
          </Button>
          <Button
            disabled={busy.value}
            onPress={() =>
              void act(async () => {
                await ask(api.rules[":name"].reject.$post(request));
                await loadReview();
              })
            }
          >
            {kind === "deletes" ? "Put them back" : "Keep what is there"}
          </Button>
        </div>
      )}
    </section>
  );
}

/** What is held, folder by folder. */
function Tree({ items, names }: Pick<Held, "items"> & { names: { from: string; to: string } }) {
  const folders = Map.groupBy(items, ({ side, path }) => {
    const folder = path.split("/").slice(0, -1).join("/");
    return `${names[side]}${names[side].endsWith("/") ? "" : "/"}${folder}`;
  });
  return (
    <ul class="tree">
      {[...folders].map(([folder, list]) => (
        <li key={folder}>
          <details open={folders.size < 6}>
            <summary>
              <span class="path">{folder}</span>{" "}
              <span class="soft">{formatCount(list.length, "item")}</span>
            </summary>
            <ul>
              {list.map(({ path, bytes }) => (
                <li key={path}>
                  <span class="path">{path.split("/").at(-1)}</span>{" "}
                  <span class="soft">{formatBytes(bytes)}</span>
                </li>
              ))}
            </ul>
          </details>
        </li>
      ))}
    </ul>
  );
}

function Conflicts({ conflicts }: { conflicts: readonly Conflict[] }) {
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const { busy, problem, act } = useAct();
  const open = conflicts.filter(({ decided }) => decided === null).map(({ id }) => id);
  const picked = open.filter((id) => chosen.value.has(id));
  const decide = (ids: readonly string[], keep: Keep) =>
    void act(async () => {
      const told = await ask(api.review.conflicts.$post({ json: { ids: [...ids], keep } }));
      chosen.value = new Set();
      await loadReview();
      const [refused] = told.refused;
      if (refused) throw new Failed({ code: "moved-on", message: refused.message });
    });
  const toggle = (id: string) => {
    const next = new Set(chosen.value);
    if (!next.delete(id)) next.add(id);
    chosen.value = next;
  };
  return (
    <section>
      <div class="row">
        <h2>{formatCount(conflicts.length, "conflict")}</h2>
        {mayEdit.value && open.length > 1 && (
          <label class="check">
            <input
              type="checkbox"
              checked={picked.length === open.length}
              onChange={(event) => {
                chosen.value = new Set(event.currentTarget.checked ? open : []);
              }}
            />
            All of them
          </label>
        )}
      </div>
      <Trouble problem={problem.value} />
      {picked.length > 0 && (
        <div class="card picked">
          <span>{formatCount(picked.length, "conflict")} chosen</span>
          <Choice disabled={busy.value} onKeep={(keep) => decide(picked, keep)} />
        </div>
      )}
      <ul class="conflicts">
        {conflicts.map((conflict) => (
          <li key={conflict.id} class="card">
            <div class="row">
              <div class="check">
                {mayEdit.value && conflict.decided === null && (
                  <input
                    type="checkbox"
                    aria-label={`Choose ${conflict.path}`}
                    checked={chosen.value.has(conflict.id)}
                    onChange={() => toggle(conflict.id)}
                  />
                )}
                <strong class="path">{conflict.path}</strong>
              </div>
              <a class="soft" href={placeOf("rules", conflict.rule)}>
                {conflict.rule}
              </a>
            </div>
            <p class="soft">
              {conflict.why}, found {formatAgo(conflict.at, nowMs.value)}
            </p>
            <Versions conflict={conflict} />
            {conflict.decided !== null && (
              <p>
                <Pill tone="waiting">decided</Pill> {words[conflict.decided]}; the next run does it.
              </p>
            )}
            {mayEdit.value && conflict.decided === null && (
              <Choice disabled={busy.value} onKeep={(keep) => decide([conflict.id], keep)} />
            )}
          </li>
        ))}
      </ul>
    </section>
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

/** Both versions side by side; what differs is marked. */
function Versions({ conflict }: { conflict: Conflict }) {
  const { from, to } = conflict;
  const isNewer = (a: Conflict["from"], b: Conflict["from"]) =>
    Date.parse(a.modifiedAt ?? "") > Date.parse(b.modifiedAt ?? "");
  const side = (title: string, version: Conflict["from"], other: Conflict["from"]) => (
    <dl>
      <dt>{title}</dt>
      <dd class="path">{version.location ?? "not there any more"}</dd>
      <dt>Size</dt>
      <dd class={version.sizeBytes === other.sizeBytes ? "" : "differs"}>
        {version.sizeBytes === null ? "–" : formatBytes(version.sizeBytes)}
      </dd>
      <dt>Modified</dt>
      <dd class={version.modifiedAt === other.modifiedAt ? "" : "differs"}>
        {version.modifiedAt === null ? "–" : formatTime(version.modifiedAt)}
        {isNewer(version, other) && " (newer)"}
      </dd>
    </dl>
  );
  return (
    <div class="versions">
      {side("Left: from", from, to)}
      {side("Right: to", to, from)}
    </div>
  );
}
