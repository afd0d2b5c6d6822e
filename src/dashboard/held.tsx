import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { api, ask } from "./api.ts";
import { formatAgo, formatBytes, formatCount, plain } from "./format.ts";
import { Icon } from "./icons.tsx";
import { Button, Pill, Trouble, useAct } from "./parts.tsx";
import { placeOf } from "./route.ts";
import { useRows } from "./rows.tsx";
import { loadReview, mayEdit, nowMs, type Review } from "./state.ts";
import { type Line, linesOf, openAtFirst, pressOf, treeOf } from "./tree.ts";

export type Held = Review["held"][number];

/** What a guard holds: exactly what would be done, and whether it may. */
export function HeldSet({ held }: { held: Held }) {
  const { busy, problem, act } = useAct();
  const { rule, kind, set, why, at, approved, items } = held;
  const request = { param: { name: rule }, json: { set } };
  const isRemoval = kind === "deletes";
  const bytes = items.reduce((sum, each) => sum + each.bytes, 0);
  const decide = (call: () => Promise<unknown>) =>
    void act(async () => {
      await call();
      await loadReview();
    });
  return (
    <section class="card held">
      <div class="row">
        <h2>
          {formatCount(items.length, isRemoval ? "removal" : "overwrite")} of{" "}
          <a href={placeOf("rules", rule)}>{rule}</a>
        </h2>
        <Pill tone={approved ? "waiting" : "held"}>{approved ? "approved" : "needs you"}</Pill>
      </div>
      <p>
        {plain(why)}{" "}
        <span class="soft">
          ({formatBytes(bytes)}, {formatAgo(at, nowMs.value)})
        </span>
      </p>
      <Trouble problem={problem.value} />
      <HeldTree held={held} />
      {approved && <p class="soft">The next run does it.</p>}
      {mayEdit.value && !approved && (
        <div class="acts">
          <Button
            kind="danger"
            disabled={busy.value}
            onPress={() => decide(() => ask(api.rules[":name"].approve.$post(request)))}
          >
            {isRemoval ? "Remove them" : "Overwrite them"}
          </Button>
          <Button
            disabled={busy.value}
            onPress={() => decide(() => ask(api.rules[":name"].reject.$post(request)))}
          >
            {isRemoval ? "Put them back" : "Keep what is there"}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Its items by folders: arrows move, right opens, left closes. */
function HeldTree({ held: { rule, items, from, to } }: { held: Held }) {
  const tops = useMemo(() => {
    const sides = [
      ["to", to],
      ["from", from],
    ] as const;
    return sides.flatMap(([side, name]) => {
      const own = items.filter((item) => item.side === side);
      return own.length === 0 ? [] : [treeOf(name, own)];
    });
  }, [items, from, to]);
  const open = useSignal(openAtFirst(tops));
  const lines = useMemo(() => linesOf(tops, open.value), [tops, open.value]);
  const rows = useRows(lines.length);

  function toggle({ branch }: Line): void {
    const next = new Set(open.value);
    if (!next.delete(branch.key)) next.add(branch.key);
    open.value = next;
  }

  function onKey(event: KeyboardEvent): void {
    const at = rows.at();
    const line = lines[at];
    const press = pressOf(event.key, lines, at);
    if (!press || !line) return void rows.onKey(event);
    event.preventDefault();
    if ("to" in press) rows.goTo(press.to);
    else toggle(line);
  }

  return (
    <div class="branches">
      <div ref={rows.list} role="tree" aria-label={`What is held of ${rule}`} style={rows.style}>
        {lines.slice(rows.first, rows.end).map((line, offset) => {
          const at = rows.first + offset;
          return (
            <TreeLine
              key={line.branch.key}
              line={line}
              at={at}
              tabIndex={rows.tabOf(at)}
              onPress={() => {
                rows.goTo(at);
                if (line.isOpen !== null) toggle(line);
              }}
              onKey={onKey}
            />
          );
        })}
      </div>
    </div>
  );
}

interface TreeLineProps {
  readonly line: Line;
  readonly at: number;
  readonly tabIndex: number;
  readonly onPress: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

function TreeLine({ line, at, tabIndex, onPress, onKey }: TreeLineProps) {
  const { branch, level, position, siblings, isOpen } = line;
  return (
    <div
      tabIndex={tabIndex}
      data-row={at}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      {...(isOpen !== null && { "aria-expanded": isOpen })}
      style={{ paddingInlineStart: `${(level - 1) * 1.1 + 0.3}rem` }}
      onClick={onPress}
      onKeyDown={onKey}
    >
      {isOpen !== null && <Icon name={isOpen ? "open" : "closed"} />}
      <span class={isOpen === null ? "path leaf" : "path"}>{branch.name}</span>
      <span class="soft number">
        {isOpen !== null && `${formatCount(branch.items, "item")}, `}
        {formatBytes(branch.bytes)}
      </span>
    </div>
  );
}
