import {
  type ExplainedItem,
  type Explanation,
  explain as explainLocation,
  type RuleView,
} from "../engine/explain.ts";
import type { ItemState } from "../engine/item-state.ts";
import { loggedStepOf } from "../engine/report.ts";
import { loadConfig, selectLocation } from "./config.ts";
import { CommandFailure, exitCodes } from "./failure.ts";
import { formatAgo, formatBytes, formatTime, printable } from "./format.ts";
import { formatLog } from "./log.ts";
import type { Style } from "./output.ts";
import type { Shell } from "./shell.ts";
import { withState } from "./state.ts";
import { table } from "./table.ts";

/** Tells everything known of one file or folder, and why it is or is not in step. */
export async function explain(shell: Shell, text: string): Promise<number> {
  const config = loadConfig(shell);
  const location = selectLocation(config, text);
  const explanation = await withState(
    shell,
    (store) =>
      store && explainLocation(location, { store, rules: config.rules, nowMs: shell.now() }),
  );
  if (!explanation) {
    throw new CommandFailure(`nothing is known of ${text}: no rule has run yet (syncline run)`);
  }
  if (!explanation.item && explanation.steps.length === 0) {
    throw new CommandFailure(neverSeen(explanation, shell));
  }
  const { steps, ...rest } = explanation;
  shell.output.document({ ...rest, steps: steps.map(loggedStepOf) });
  shell.output.print(format(explanation, shell));
  return exitCodes.done;
}

function neverSeen({ location, readAt }: Explanation, { now }: Shell): string {
  const when = readAt
    ? `it was not there when the account was last read, ${formatAgo(readAt, now())}`
    : "its account has not been read yet (syncline run reads it)";
  return `nothing is known of ${location}: ${when}`;
}

function format(explanation: Explanation, shell: Shell): string {
  const { location, item, rules, steps, readAt } = explanation;
  const { output, now } = shell;
  const seen = readAt ? output.style("gray", `, as of ${formatAgo(readAt, now())}`) : "";
  const lines = [
    output.style("bold", printable(location)),
    `  ${item ? describe(item, now()) : "not there any more"}${seen}`,
    "",
  ];
  if (rules.length === 0) lines.push("No rule looks at it.");
  for (const rule of rules) lines.push(describeRule(rule, shell), "");
  if (steps.length > 0) lines.push(output.style("bold", "Last steps"), formatLog(steps, output));
  return lines.join("\n").trimEnd();
}

function describe({ kind, sizeBytes, modifiedAt }: ExplainedItem, nowMs: number): string {
  const size = sizeBytes === null ? [] : [formatBytes(sizeBytes)];
  const time = modifiedAt
    ? [`modified ${formatTime(modifiedAt)} (${formatAgo(modifiedAt, nowMs)})`]
    : [];
  return [kind, ...size, ...time].join(", ");
}

const styles: Readonly<Record<ItemState, Style>> = {
  "in-step": "green",
  waiting: "yellow",
  failing: "red",
  held: "magenta",
  "out-of-scope": "yellow",
  skipped: "yellow",
  unlinked: "gray",
  "rule-folder": "gray",
  paused: "gray",
};

function describeRule(view: RuleView, { output, now }: Shell): string {
  const { rule, side, state, why, counterpart, linkedAt, attempts } = view;
  const other = view.mode === "two-way" ? "pairs with" : side === "from" ? "goes to" : "comes from";
  const rows = [
    ["state", `${output.style(styles[state], state.replaceAll("-", " "))}: ${printable(why)}`],
    ...(attempts > 0 ? [["tried", `${attempts} times`]] : []),
    ...(counterpart === null ? [] : [[other, printable(counterpart)]]),
    ...(linkedAt ? [["agreed", `${formatTime(linkedAt)} (${formatAgo(linkedAt, now())})`]] : []),
  ];
  const to = printable(view.destination);
  const head = `Rule ${output.style("bold", rule)} (${view.mode} to ${to}), in its "${side}"`;
  return `${head}\n${table(rows, { indent: "  " })}`;
}
